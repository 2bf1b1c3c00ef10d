package dev.milonga.runtime;

import dev.milonga.log.ConflictKeys;
import dev.milonga.log.LogPosition;
import dev.milonga.log.StreamId;
import java.lang.invoke.MethodHandle;
import java.lang.reflect.Array;
import java.lang.reflect.Method;
import java.util.function.Supplier;
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

  // Both are for accessors on an up-to-date view, where each look at memory counts. The first is
  // versioned until the client is closed, and then null; set once more, by the thread that closes.
  private volatile @Nullable VersionedView<T> readable;
  private final ValueCopier[] results; // one for each accessor

  ObjectHandle(ObjectRuntime runtime, View<T> view) {
    this.runtime = runtime;
    this.view = view;
    this.versioned = view instanceof VersionedView<T> versionedView ? versionedView : null;
    this.readable = versioned;
    this.results =
        view.type.accessors().stream().map(BoundAccessor::result).toArray(ValueCopier[]::new);
  }

  /** Sends every later call the general way, which refuses it: the client is closed. */
  void close() {
    readable = null;
  }

  /** The object's name. */
  public String name() {
    return view.name();
  }

  /** The object's stream. */
  public StreamId stream() {
    return view.stream();
  }

  /** The client that has the object open. */
  public ObjectRuntime runtime() {
    return runtime;
  }

  /** What a call of that accessor reads. */
  public ConflictKeys keysRead(int accessor, @Nullable Object[] arguments) {
    return accessor(accessor).keys(arguments);
  }

  /**
   * Takes down a call of that mutator.
   *
   * @throws EncodingException if an argument cannot be carried
   */
  public EncodedCall encode(int mutator, @Nullable Object[] arguments) {
    BoundMutator bound = mutator(mutator);
    return new EncodedCall(
        this, bound, bound.encode(arguments), bound.local(arguments), bound.keys(arguments));
  }

  /**
   * The state of a class that makes versions after every entry below {@code snapshot} and none at
   * or above it; null if the class makes none, or if the view does not have that one.
   */
  public @Nullable Object versionAt(LogPosition snapshot) {
    return versioned == null ? null : versioned.versionAt(snapshot.value());
  }

  /**
   * Brings the view up to {@code target}: every entry below it is applied. Goes no further by
   * itself, so that the state at the target can be had unless others move the view on.
   */
  public void syncTo(LogPosition target) {
    view.syncExactlyTo(target.value());
  }

  /**
   * Runs an accessor against the state after every entry below {@code snapshot} and none at or
   * above it. The view must have been brought up to the snapshot.
   *
   * @throws StaleSnapshotException if the view is past the snapshot
   */
  public @Nullable Object readAt(LogPosition snapshot, int accessor, @Nullable Object[] arguments)
      throws Throwable {
    return view.readAt(snapshot.value(), accessor(accessor), arguments);
  }

  /**
   * A private copy of the state as of {@code snapshot}; otherwise like {@link #readAt}.
   *
   * @param timeMicros what {@code Deterministic.now()} says to mutators that run on it
   * @param seed what {@code Deterministic.random()} draws from in them
   */
  public StateFork<T> forkAt(LogPosition snapshot, long timeMicros, long seed) {
    return StateFork.at(view, snapshot.value(), new ApplyContext.Moment(timeMicros, seed));
  }

  /**
   * Runs {@code action} while nothing is applied to the view but by the action itself. Views that
   * are made to stand still together are taken in the order of their streams.
   */
  public <R> R standingStill(Supplier<R> action) {
    return view.standingStill(action);
  }

  /** Class and method of that accessor, for messages: {@code Inventory.inStock}. */
  public String accessorLabel(int accessor) {
    return accessor(accessor).label();
  }

  /** Class and method of that mutator, for messages: {@code Inventory.take}. */
  public String mutatorLabel(int mutator) {
    return mutator(mutator).label();
  }

  View<T> view() {
    return view;
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
    VersionedView<T> versions = readable;
    if (versions == null) {
      return null;
    }
    CallScope scope = CallScopes.current();
    return scope == null ? versions.upToDateState() : scope.stateToRead(this);
  }

  /** What an accessor has returned on {@link #upToDateState()}, as the caller may keep it. */
  public @Nullable Object detach(@Nullable Object returned, int accessor) {
    return results[accessor].copy(returned);
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

  /** Runs the body of a method that is annotated as transactional, on the proxy that was called. */
  public @Nullable Object block(int method, Object proxy, @Nullable Object[] arguments) {
    ReplicatedType<T> type = view.type.model();
    TransactionalMethod body = type.transactional().get(method);
    MethodHandle superCall = ProxyClasses.superCall(type.rawClass(), proxy, body.method());
    return runtime
        .blocks()
        .run(
            body.readOnly(),
            () -> {
              try {
                return superCall.invokeExact(proxy, arguments);
              } catch (Throwable e) {
                throw Sneaky.unchecked(e);
              }
            });
  }

  private static @Nullable Object orZero(@Nullable Object returned, Method method) {
    return returned != null ? returned : zero(method.getReturnType());
  }

  /** What a call of that return type returns where it is only taken down: null, or zero. */
  static @Nullable Object zero(Class<?> type) {
    // The one-element array of a primitive type holds its zero, boxed on reading.
    return type.isPrimitive() && type != void.class
        ? Array.get(Array.newInstance(type, 1), 0)
        : null;
  }

  /** The object's class and name: {@code Inventory "warehouse-7"}. */
  @Override
  public String toString() {
    return view.type.model().rawClass().getSimpleName() + " \"" + name() + "\"";
  }
}
