package dev.milonga.log;

import java.util.List;

/**
 * What one read found: some entries in ascending order of position, and how far the reader has
 * come.
 *
 * @param entries all entries asked for in {@code [from, next)}; may be empty
 * @param next where to read on: every entry asked for below it has been returned. Equal to the
 *     position asked from only if that was at or beyond the tail.
 */
public record ReadBatch(List<LogEntry> entries, LogPosition next) {

  /** Copies the list. */
  public ReadBatch {
    entries = List.copyOf(entries);
  }
}
