package dev.milonga.runtime;

import org.jspecify.annotations.Nullable;

/**
 * In force while a lambda names the one call that is to be made without blocking. A mutator is
 * taken down and called when the lambda has returned, so that a lambda with two calls is refused
 * before anything has happened. Of accessors, of which there may be several, the first is taken
 * down as a sign that the lambda reads. Confined to one thread.
 */
final class CaptureScope implements CallScope {

  private @Nullable Captured captured;

  @Override
  public @Nullable Object mutate(
      ObjectHandle<?> object, int mutator, @Nullable Object[] arguments) {
    capture(new Captured(object, object.mutator(mutator), null, arguments));
    return null;
  }

  @Override
  public @Nullable Object access(
      ObjectHandle<?> object, int accessor, @Nullable Object[] arguments) {
    capture(new Captured(object, null, object.accessor(accessor), arguments));
    return null;
  }

  private void capture(Captured call) {
    Captured first = captured;
    if (first != null && first.mutator == null && call.mutator == null) {
      return;
    }
    if (first != null) {
      throw new IllegalStateException(
          "async takes one call, and the lambda made a second one: "
              + first.label()
              + ", then "
              + call.label()
              + ". Nothing was done. Make two calls of async, or one of transact");
    }
    captured = call;
  }

  /** The call; null if there was none. */
  @Nullable Captured captured() {
    return captured;
  }

  /** A call that was taken down: of a mutator or of an accessor, the other being null. */
  record Captured(
      ObjectHandle<?> object,
      @Nullable BoundMutator mutator,
      @Nullable BoundAccessor accessor,
      @Nullable Object[] arguments) {

    String label() {
      String method =
          mutator != null ? mutator.label() : accessor != null ? accessor.label() : "nothing";
      return method + " on \"" + object.name() + "\"";
    }
  }
}
