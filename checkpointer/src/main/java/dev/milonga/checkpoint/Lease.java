package dev.milonga.checkpoint;

import dev.milonga.log.LogPosition;
import dev.milonga.runtime.TrimLedger;
import java.time.Duration;

/**
 * Keeps the log from being trimmed from a position on, until it is closed or runs out, whichever is
 * first: a process that dies holds nothing for ever. Thread-safe.
 */
public final class Lease implements AutoCloseable {

  private static final Duration LENGTH_MAX = Duration.ofDays(36_500);

  private final TrimLedger ledger;
  private final long number;
  private final LogPosition position;

  Lease(TrimLedger ledger, long number, LogPosition position) {
    this.ledger = ledger;
    this.number = number;
    this.position = position;
  }

  /** The oldest position that it keeps. */
  public LogPosition position() {
    return position;
  }

  /**
   * Has it run out no sooner than that from now on, by the time of the log.
   *
   * @param length more than zero and at most 36,500 days
   * @return false if it has run out already; what it has kept may be gone
   */
  public boolean renew(Duration length) {
    checkLength(length);
    return ledger.renew(number, length);
  }

  static void checkLength(Duration length) {
    if (length.isNegative() || length.isZero() || length.compareTo(LENGTH_MAX) > 0) {
      throw new IllegalArgumentException(
          "the length of a lease is more than zero and at most "
              + LENGTH_MAX.toDays()
              + " days, was "
              + length);
    }
  }

  /** Ends it. Closing twice does nothing. */
  @Override
  public void close() {
    ledger.release(number);
  }
}
