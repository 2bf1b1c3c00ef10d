package dev.milonga.log.server;

import java.util.function.LongConsumer;
import java.util.function.LongSupplier;

/** Keeps one thread to a rate, by having it wait after what it has done. Not thread-safe. */
final class Throttle {

  private static final long SECOND = 1_000_000_000L;

  private final long bytesPerSecond;
  private final LongSupplier nanoTime;
  private final LongConsumer waitNanos;
  private long free; // when all that was done would have been done at the rate

  /**
   * A throttle.
   *
   * @param bytesPerSecond at least 1; {@link Long#MAX_VALUE} for no limit
   * @param waitNanos waits for at most that long
   */
  Throttle(long bytesPerSecond, LongSupplier nanoTime, LongConsumer waitNanos) {
    this.bytesPerSecond = bytesPerSecond;
    this.nanoTime = nanoTime;
    this.waitNanos = waitNanos;
    this.free = nanoTime.getAsLong();
  }

  /** Notes bytes that were done. */
  void did(long bytes) {
    if (bytesPerSecond == Long.MAX_VALUE) {
      return;
    }
    long now = nanoTime.getAsLong();
    if (free - now < 0) {
      free = now; // what was not used is not saved up
    }
    free += (long) ((double) bytes * SECOND / bytesPerSecond);
  }

  /** Waits once, if there is something to wait for; says whether there was. */
  boolean pause() {
    long left = free - nanoTime.getAsLong();
    if (bytesPerSecond == Long.MAX_VALUE || left <= 0) {
      return false;
    }
    waitNanos.accept(left);
    return true;
  }
}
