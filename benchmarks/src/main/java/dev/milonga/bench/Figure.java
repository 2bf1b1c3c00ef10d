package dev.milonga.bench;

import java.util.Optional;

/**
 * What was measured of one side; the median of the rounds.
 *
 * @param latency how long single operations took, over all rounds; empty where that was not
 *     measured
 */
public record Figure(double value, Unit unit, Optional<Latency> latency) {

  /** A number without latencies. */
  public static Figure of(double value, Unit unit) {
    return new Figure(value, unit, Optional.empty());
  }

  /** How long operations took, in microseconds: half of them, and 99 of 100, at most that. */
  public record Latency(double p50Micros, double p99Micros) {}

  @Override
  public String toString() {
    return unit.format(value);
  }
}
