package dev.milonga.runtime;

import java.lang.reflect.Array;
import java.lang.reflect.Method;
import org.jspecify.annotations.Nullable;

/**
 * What a proxy forwards its calls to: one replicated object, as one client has it open. Public for
 * generated proxies and for call scopes; of no use to an application. Thread-safe.
 *
 * @param <T> the class of the object
 */
public final class ObjectHandle<T> {

  private final ObjectRuntime runtime;
  private final View<T> view;
  private final @Nullable VersionedView<T> versioned; // the view, if it is one; else null

  ObjectHandle(ObjectRuntime runtime, View<T> view) {
    this.runtime = runtime;
    this.view = view;
    this.versioned = view instanceof VersionedView<T> versionedView ? versionedView : null;
  }

  /** The object's name. */
  public String name() {
    return view.name();
  }

  View<T> view() {
    return view;
  }

  ObjectRuntime runtime() {
    return runtime;
  }

  BoundMutator mutator(int index) {
    return view.type.mutator(index);
  }

  BoundAccessor accessor(int index) {
    return view.type.accessor(index);
  }

  /**
   * The state to run an accessor on, if that takes no more than running it: the object makes
   * versions, the current one covers everything acknowledged before this call, and no scope is in
   * force. Otherwise null, and the accessor goes through {@link #access}.
   */
  public @Nullable Object upToDateState() {
    VersionedView<T> versions = versioned;
    if (versions == null || CallScopes.current() != null || runtime.calls().isClosed()) {
      return null;
    }
    return versions.upToDateState();
  }

  /** What an accessor has returned on {@link #upToDateState()}, as the caller may keep it. */
  public @Nullable Object detach(@Nullable Object returned, int accessor) {
    return accessor(accessor).detach(returned);
  }

  /** Calls an accessor in the current scope. */
  public @Nullable Object access(int accessor, @Nullable Object[] arguments) throws Throwable {
    CallScope scope = CallScopes.current();
    if (scope == null) {
      return runtime.calls().read(view, accessor(accessor), arguments);
    }
    return orZero(scope.access(this, accessor, arguments), accessor(accessor).model().method());
  }

  /** Calls a mutator in the current scope. */
  public @Nullable Object mutate(int mutator, @Nullable Object[] arguments) throws Throwable {
    CallScope scope = CallScopes.current();
    if (scope == null) {
      return runtime.calls().write(view, mutator(mutator), arguments);
    }
    return orZero(scope.mutate(this, mutator, arguments), mutator(mutator).model().method());
  }

  // The one-element array of a primitive type holds its zero, boxed on reading.
  private static @Nullable Object orZero(@Nullable Object returned, Method method) {
    Class<?> type = method.getReturnType();
    if (returned != null || !type.isPrimitive() || type == void.class) {
      return returned;
    }
    return Array.get(Array.newInstance(type, 1), 0);
  }

  /** The object's class and name: {@code Inventory "warehouse-7"}. */
  @Override
  public String toString() {
    return view.type.model().rawClass().getSimpleName() + " \"" + name() + "\"";
  }
}
