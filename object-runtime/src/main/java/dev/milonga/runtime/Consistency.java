package dev.milonga.runtime;

import dev.milonga.log.LogPosition;

/**
 * How fresh the state is that a read sees. Reads are linearizable unless a block asks for something
 * weaker.
 */
public sealed interface Consistency {

  /** Everything that was acknowledged anywhere before the read began. The default. */
  static Consistency linearizable() {
    return new Linearizable();
  }

  /**
   * Whatever this client happens to have applied: never wrong, possibly old. Costs no
   * communication. Two reads of different objects may see them at different moments.
   */
  static Consistency local() {
    return new Local();
  }

  /**
   * At least everything up to and including the entry at {@code position}, such as another client's
   * latest acknowledged write.
   */
  static Consistency atLeast(LogPosition position) {
    return new AtLeast(position);
  }

  /** See {@link #linearizable()}. */
  record Linearizable() implements Consistency {}

  /** See {@link #local()}. */
  record Local() implements Consistency {}

  /** See {@link #atLeast}. */
  record AtLeast(LogPosition position) implements Consistency {}
}
