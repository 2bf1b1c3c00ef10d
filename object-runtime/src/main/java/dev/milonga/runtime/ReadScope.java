package dev.milonga.runtime;

import org.jspecify.annotations.Nullable;

/** In force in a block of reads with a consistency of its own. Mutators are refused. */
final class ReadScope implements CallScope {

  private final Consistency consistency;

  ReadScope(Consistency consistency) {
    this.consistency = consistency;
  }

  @Override
  public @Nullable Object mutate(
      ObjectHandle<?> object, int mutator, @Nullable Object[] arguments) {
    throw new IllegalStateException(
        object.mutator(mutator).label()
            + " was called on \""
            + object.name()
            + "\" inside a block that only reads. Call it before or after the block");
  }

  @Override
  public @Nullable Object access(
      ObjectHandle<?> object, int accessor, @Nullable Object[] arguments) {
    return object
        .runtime()
        .calls()
        .read(object.view(), object.accessor(accessor), arguments, consistency);
  }
}
