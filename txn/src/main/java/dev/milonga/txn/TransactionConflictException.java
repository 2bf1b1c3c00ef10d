package dev.milonga.txn;

import dev.milonga.log.LogPosition;
import dev.milonga.log.StoreException;
import java.util.Optional;

/**
 * A transaction has lost against others as often as its options allow. Nothing of it is durable.
 * The message says what it read, and who has written that meanwhile, in its last attempt.
 */
public final class TransactionConflictException extends StoreException {

  private final String object;
  private final Optional<LogPosition> winner;
  private final int attempts;

  TransactionConflictException(
      String message, String object, Optional<LogPosition> winner, int attempts) {
    super(message, Durable.NOTHING, null);
    this.object = object;
    this.winner = winner;
    this.attempts = attempts;
  }

  /** The name of the object over which the last attempt was lost. */
  public String object() {
    return object;
  }

  /**
   * The entry that the last attempt has lost against; empty if its snapshot was too old to tell.
   */
  public Optional<LogPosition> winner() {
    return winner;
  }

  /** How often the block was run. */
  public int attempts() {
    return attempts;
  }
}
