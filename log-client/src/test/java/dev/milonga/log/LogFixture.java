package dev.milonga.log;

import java.time.Duration;

/**
 * A log under test, and what a test can do to it from outside. Made empty and open for each test.
 */
public interface LogFixture extends AutoCloseable {

  /** The log, as its first client sees it. */
  SharedLog log();

  /** The same log as another client sees it; the same object where clients share it. */
  default SharedLog otherClient() {
    return log();
  }

  /** Whether {@link #restart()} works. Only a volatile log may say no. */
  boolean survivesRestart();

  /**
   * Closes the log and opens it again on the same contents and clock; {@link #log()} is then the
   * new one.
   */
  SharedLog restart();

  /** The clock that the log takes its time from. */
  SettableClock clock();

  /** After how long a session expires that is not used; at least a second. */
  Duration sessionTimeout();

  /** The size of the largest entry, in bytes; at least 16 KiB. Best small, to keep tests fast. */
  int entryBytesMax();

  /** Closes the log and deletes what it has stored. */
  @Override
  void close();
}
