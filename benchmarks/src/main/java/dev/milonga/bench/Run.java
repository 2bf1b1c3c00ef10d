package dev.milonga.bench;

import java.util.List;

/**
 * What one run has measured, and under which circumstances.
 *
 * @param date the day, as {@code 2026-11-20}
 * @param command how it was started
 * @param rounds of which the medians are
 * @param seconds the length of each measurement
 */
public record Run(
    String date,
    String command,
    Machine machine,
    int rounds,
    double seconds,
    List<Row> rows,
    List<Curve> curves) {

  /** A run with that content, under the circumstances of this process. */
  static Run of(
      String date,
      String command,
      Machine machine,
      Settings settings,
      List<Row> rows,
      List<Curve> curves) {
    return new Run(
        date,
        command,
        machine,
        settings.rounds(),
        settings.measured().toNanos() / 1e9,
        List.copyOf(rows),
        List.copyOf(curves));
  }
}
