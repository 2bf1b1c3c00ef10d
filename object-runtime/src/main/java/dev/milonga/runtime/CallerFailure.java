package dev.milonga.runtime;

/**
 * What the caller's source or sink of chunks threw, on its way back to the caller: it says nothing
 * about the state.
 */
final class CallerFailure extends RuntimeException {

  private final RuntimeException thrown;

  CallerFailure(RuntimeException thrown) {
    super(null, thrown, false, false);
    this.thrown = thrown;
  }

  RuntimeException thrown() {
    return thrown;
  }
}
