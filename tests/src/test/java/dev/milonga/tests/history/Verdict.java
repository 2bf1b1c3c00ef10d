package dev.milonga.tests.history;

/** What a checker has found. */
public sealed interface Verdict {

  /** There is an order of the calls that explains every result and respects real time. */
  record Linearizable() implements Verdict {}

  /**
   * There is none.
   *
   * @param key the part of the object whose calls cannot be ordered
   * @param explanation how far an order goes at most, and what cannot follow
   */
  record Violation(String key, String explanation) implements Verdict {}

  /** The checker gave up on the calls of that key after as many steps as it was allowed. */
  record Undecided(String key, long steps) implements Verdict {}
}
