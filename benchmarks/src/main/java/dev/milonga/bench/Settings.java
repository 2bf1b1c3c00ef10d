package dev.milonga.bench;

import java.time.Duration;

/**
 * How long and how often is measured.
 *
 * @param rounds how often each side is measured, at least 1; the median counts
 * @param warmUp before each measurement
 * @param measured the length of each measurement, more than 0
 * @param seed of all keys and values
 */
public record Settings(int rounds, Duration warmUp, Duration measured, long seed) {

  /** Refuses values out of range. */
  public Settings {
    if (rounds < 1) {
      throw new IllegalArgumentException("rounds must be >= 1, was " + rounds);
    }
    if (warmUp.isNegative()) {
      throw new IllegalArgumentException("warmUp must be >= 0, was " + warmUp);
    }
    if (measured.isNegative() || measured.isZero()) {
      throw new IllegalArgumentException("measured must be > 0, was " + measured);
    }
  }
}
