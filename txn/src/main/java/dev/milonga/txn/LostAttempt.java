package dev.milonga.txn;

/**
 * Leaves an attempt of a block that cannot commit any more. A signal: the block is run again. If
 * the block catches it, the attempt stays lost, and whatever it does next throws it again.
 */
final class LostAttempt extends RuntimeException {

  private final transient Conflict conflict;

  LostAttempt(Conflict conflict) {
    super("this attempt of a transaction has lost and is run again", null, false, false);
    this.conflict = conflict;
  }

  Conflict conflict() {
    return conflict;
  }
}
