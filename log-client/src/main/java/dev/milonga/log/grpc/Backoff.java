package dev.milonga.log.grpc;

import java.util.random.RandomGenerator;

/**
 * How long to wait between attempts: longer after each that failed, and never as long as others
 * that failed at the same moment. Not thread-safe.
 */
final class Backoff {

  private final long firstNanos;
  private final long mostNanos;
  private final RandomGenerator random;
  private long nextNanos;

  Backoff(long firstNanos, long mostNanos, RandomGenerator random) {
    this.firstNanos = firstNanos;
    this.mostNanos = mostNanos;
    this.random = random;
    this.nextNanos = firstNanos;
  }

  /** The time to wait before the next attempt: between half of what it is the turn of, and it. */
  long next() {
    long most = nextNanos;
    nextNanos = Math.min(mostNanos, 2 * most);
    return most / 2 + (long) (random.nextDouble() * (most - most / 2));
  }

  /** Begins anew, after an attempt that has succeeded. */
  void reset() {
    nextNanos = firstNanos;
  }
}
