package dev.milonga.runtime;

import org.jspecify.annotations.Nullable;

/** In force in a block of reads with a consistency of its own. Mutators are refused. */
final class ReadScope implements CallScope {

  private final Consistency consistency;
  private final String refusal; // goes on after the name of the mutator and the object

  private ReadScope(Consistency consistency, String refusal) {
    this.consistency = consistency;
    this.refusal = refusal;
  }

  static ReadScope block(Consistency consistency) {
    return new ReadScope(
        consistency, " inside a block that only reads. Call it before or after the block");
  }

  static ReadScope async() {
    return new ReadScope(
        Consistency.linearizable(),
        " by an asynchronous call that has read before. It takes one call of a mutator, or"
            + " accessors alone: make these calls on a thread of your own");
  }

  @Override
  public @Nullable Object mutate(
      ObjectHandle<?> object, int mutator, @Nullable Object[] arguments) {
    throw new IllegalStateException(
        object.mutator(mutator).label() + " was called on \"" + object.name() + "\"" + refusal);
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
