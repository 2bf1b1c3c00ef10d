package dev.milonga.runtime;

import dev.milonga.annotations.Deterministic;
import org.jspecify.annotations.Nullable;

/**
 * A private copy of an object's state as of a snapshot, on which a block sees its own mutations
 * before anyone else does. Confined to the block's thread.
 */
public final class StateFork<T> {

  private final View<T> view;
  private final @Nullable T base; // the version that it was made from; null if it was a copy
  private final ApplyContext.Moment moment;
  private T state;
  private boolean thrown; // whether a call has thrown; its outcome is then still to be told

  private StateFork(View<T> view, @Nullable T base, T state, ApplyContext.Moment moment) {
    this.view = view;
    this.base = base;
    this.state = state;
    this.moment = moment;
  }

  static <T> StateFork<T> at(View<T> view, long snapshot, ApplyContext.Moment moment) {
    if (view instanceof VersionedView<T> versions) {
      T base = versions.stateAt(snapshot);
      return new StateFork<>(view, base, view.forkForCall(base), moment);
    }
    return new StateFork<>(view, null, view.forkAt(snapshot), moment);
  }

  /**
   * Applies a call as replicas will if the block commits. After it has thrown, the fork of a plain
   * class may be half changed, and is to be made anew.
   *
   * @param index of the call among all calls of the block
   * @return what the mutator returned, as the caller may keep it
   */
  public @Nullable Object apply(EncodedCall call, int index) throws Throwable {
    T before = state;
    state = view.forkForCall(state);
    ApplyContext context = new ApplyContext();
    context.enter(moment, index);
    Deterministic.Binding binding = Deterministic.bind(context);
    try {
      return CallScopes.call(ApplyScope.INSTANCE, () -> applied(call));
    } catch (Throwable e) {
      state = before;
      thrown = true;
      throw e;
    } finally {
      binding.close();
    }
  }

  private @Nullable Object applied(EncodedCall call) {
    try {
      Object returned = call.mutator().invoke(state, call.values());
      return call.mutator().detach(returned);
    } catch (Throwable e) {
      throw Sneaky.unchecked(e);
    }
  }

  View<T> view() {
    return view;
  }

  /**
   * Whether the calls of the block, when its entry is applied to {@code version}, come to nothing
   * else than {@link #state()}: they were applied to that very version, under the same moment, and
   * none of them has thrown.
   */
  boolean standsFor(Object version) {
    return base == version && !thrown;
  }

  /** The state; not to be changed any more by who takes it over, nor by the block. */
  T state() {
    return state;
  }

  /** Runs an accessor against the state. */
  public @Nullable Object read(int accessor, @Nullable Object[] arguments) throws Throwable {
    BoundAccessor bound = view.type.accessor(accessor);
    return bound.detach(bound.invoke(state, arguments));
  }
}
