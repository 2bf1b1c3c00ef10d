package dev.milonga.log.server;

import dev.milonga.log.LogPosition;
import java.nio.file.Path;
import java.util.List;

/**
 * What {@link StoreCheck} has found.
 *
 * @param directory the store
 * @param store its identity, 32 hexadecimal digits; empty if not even that could be read
 * @param trimMark the first readable position; as far as could be read
 * @param tail the first unwritten position; as far as could be read
 * @param entries how many entries are whole
 * @param sessions how many sessions are stored
 * @param problems what is wrong, each in a sentence that names the place; empty if the store is
 *     whole
 */
public record StoreReport(
    Path directory,
    String store,
    LogPosition trimMark,
    LogPosition tail,
    long entries,
    long sessions,
    List<String> problems) {

  /** A report, with a copy of the problems. */
  public StoreReport {
    problems = List.copyOf(problems);
  }

  /** Whether nothing is wrong. */
  public boolean isWhole() {
    return problems.isEmpty();
  }
}
