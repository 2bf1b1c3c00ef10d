package dev.milonga.runtime;

/**
 * Throws checked exceptions through code that does not declare them: a mutator or accessor may
 * declare some, and its proxy declares the same, but what lies between does not.
 */
final class Sneaky {

  private Sneaky() {}

  /** Throws {@code thrown}; declared to return so that callers can write {@code throw}. */
  static RuntimeException unchecked(Throwable thrown) {
    throw Sneaky.<RuntimeException>asUnchecked(thrown);
  }

  @SuppressWarnings("unchecked") // erased: no cast happens
  private static <X extends Throwable> X asUnchecked(Throwable thrown) throws X {
    throw (X) thrown;
  }
}
