package dev.milonga.log.server;

import dev.milonga.log.LogEntry;
import dev.milonga.log.LogPosition;
import java.util.List;

/**
 * A further check of what the entries of a store mean, made by {@link StoreCheck} while it reads
 * them. Called by one thread.
 */
public interface EntryCheck {

  /** Takes an entry that is whole. Entries come in order of position; damaged ones are left out. */
  void entry(LogEntry entry);

  /**
   * What is wrong, each in a sentence that names the place, when all entries in {@code [trimMark,
   * tail)} were shown.
   */
  List<String> problems(LogPosition trimMark, LogPosition tail);
}
