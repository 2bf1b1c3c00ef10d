package dev.milonga.txn;

/** Throws what a mutator or accessor has thrown through code that does not declare it. */
final class Unchecked {

  private Unchecked() {}

  /** Throws {@code thrown}; declared to return so that callers can write {@code throw}. */
  static RuntimeException of(Throwable thrown) {
    throw Unchecked.<RuntimeException>erased(thrown);
  }

  @SuppressWarnings("unchecked") // erased: no cast happens
  private static <X extends Throwable> X erased(Throwable thrown) throws X {
    throw (X) thrown;
  }
}
