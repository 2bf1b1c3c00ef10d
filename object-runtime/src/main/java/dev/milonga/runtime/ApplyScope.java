package dev.milonga.runtime;

import org.jspecify.annotations.Nullable;

/** In force while records are applied: a mutator must not call replicated objects, nor itself. */
final class ApplyScope implements CallScope {

  static final ApplyScope INSTANCE = new ApplyScope();

  private ApplyScope() {}

  @Override
  public @Nullable Object mutate(
      ObjectHandle<?> object, int mutator, @Nullable Object[] arguments) {
    throw refusal(object, object.mutator(mutator).label());
  }

  @Override
  public @Nullable Object access(
      ObjectHandle<?> object, int accessor, @Nullable Object[] arguments) {
    throw refusal(object, object.accessor(accessor).label());
  }

  private static IllegalStateException refusal(ObjectHandle<?> object, String method) {
    return new IllegalStateException(
        "a mutator called "
            + method
            + " of the replicated object \""
            + object.name()
            + "\". A mutator depends on its own state and arguments alone: pass in what it needs as"
            + " an argument, or combine the two calls in a transaction");
  }
}
