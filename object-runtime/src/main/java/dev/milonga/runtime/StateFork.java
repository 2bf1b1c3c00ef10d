package dev.milonga.runtime;

import dev.milonga.annotations.Deterministic;
import org.jspecify.annotations.Nullable;

/**
 * A private copy of an object's state as of a snapshot, on which a block sees its own mutations
 * before anyone else does. Confined to the block's thread.
 */
public final class StateFork<T> {

  private final View<T> view;
  private final ApplyContext.Moment moment;
  private T state;

  private StateFork(View<T> view, T state, ApplyContext.Moment moment) {
    this.view = view;
    this.state = state;
    this.moment = moment;
  }

  static <T> StateFork<T> at(View<T> view, long snapshot, ApplyContext.Moment moment) {
    return new StateFork<>(view, view.forkAt(snapshot), moment);
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

  /** Runs an accessor against the state. */
  public @Nullable Object read(int accessor, @Nullable Object[] arguments) throws Throwable {
    BoundAccessor bound = view.type.accessor(accessor);
    return bound.detach(bound.invoke(state, arguments));
  }
}
