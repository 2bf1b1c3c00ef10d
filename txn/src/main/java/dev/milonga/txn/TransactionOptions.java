package dev.milonga.txn;

import java.time.Duration;

/**
 * How a transaction is carried out. Immutable; each {@code with} method returns a changed copy.
 *
 * @param retriesMax how often the block may be run again after it has lost, at least 0
 * @param timeout how long the transaction may take, retries included, more than 0; a block that
 *     runs is not interrupted, but is not run again after it
 * @param isolation what it is protected against
 * @param readOnly whether mutators are refused in it
 */
public record TransactionOptions(
    int retriesMax, Duration timeout, Isolation isolation, boolean readOnly) {

  /** 1,000 retries, 30 seconds, serializable, read and write. */
  public static final TransactionOptions DEFAULT =
      new TransactionOptions(1_000, Duration.ofSeconds(30), Isolation.SERIALIZABLE, false);

  /** Refuses values out of range. */
  public TransactionOptions {
    if (retriesMax < 0) {
      throw new IllegalArgumentException("retriesMax must be >= 0, was " + retriesMax);
    }
    if (timeout.isZero() || timeout.isNegative()) {
      throw new IllegalArgumentException("timeout must be > 0, was " + timeout);
    }
  }

  /** The same, with that many retries. */
  public TransactionOptions withRetriesMax(int retries) {
    return new TransactionOptions(retries, timeout, isolation, readOnly);
  }

  /** The same, with that time-out. */
  public TransactionOptions withTimeout(Duration duration) {
    return new TransactionOptions(retriesMax, duration, isolation, readOnly);
  }

  /** The same, with that isolation. */
  public TransactionOptions withIsolation(Isolation level) {
    return new TransactionOptions(retriesMax, timeout, level, readOnly);
  }

  /** The same, for a block that only reads. */
  public TransactionOptions asReadOnly() {
    return new TransactionOptions(retriesMax, timeout, isolation, true);
  }
}
