package dev.milonga.cli;

import java.util.List;

/**
 * What a {@link TableProfile} knows of one column.
 *
 * @param filled rows whose field is not empty
 * @param distinct different values among them; -1 if there are too many to keep
 * @param numbers rows whose field is a number
 * @param smallest the smallest of the numbers; 0 if there are none
 * @param largest the largest of the numbers; 0 if there are none
 * @param mostFrequent the most frequent values, at most three; empty if there are too many to keep
 */
public record ColumnSummary(
    int filled,
    int distinct,
    int numbers,
    double smallest,
    double largest,
    List<ValueCount> mostFrequent) {

  /** How often a value occurs. */
  public record ValueCount(String value, int count) {}
}
