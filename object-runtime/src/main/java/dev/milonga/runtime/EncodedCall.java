package dev.milonga.runtime;

import dev.milonga.log.ConflictKeys;

/**
 * A call of a mutator that a call scope has taken down, with its arguments as they were at that
 * moment. Immutable.
 */
public final class EncodedCall {

  private final ObjectHandle<?> object;
  private final BoundMutator mutator;
  private final byte[] arguments;
  private final ConflictKeys keys;

  EncodedCall(ObjectHandle<?> object, BoundMutator mutator, byte[] arguments, ConflictKeys keys) {
    this.object = object;
    this.mutator = mutator;
    this.arguments = arguments;
    this.keys = keys;
  }

  /** The object it was called on. */
  public ObjectHandle<?> object() {
    return object;
  }

  /** What the call writes. */
  public ConflictKeys keys() {
    return keys;
  }

  /** Whether the call reads nothing, so that it is never the reason for an abort. */
  public boolean blind() {
    return mutator.model().blind();
  }

  BoundMutator mutator() {
    return mutator;
  }

  byte[] arguments() {
    return arguments;
  }
}
