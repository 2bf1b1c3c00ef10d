package dev.milonga.runtime;

import dev.milonga.log.LogPosition;
import dev.milonga.log.StreamId;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What checking the decisions of a log again has come to.
 *
 * @param entries how many entries were looked at
 * @param checked how many of them were appended under a condition, and so were decided again
 * @param undecided how many of those could be decided in part only, since entries after their
 *     snapshot are trimmed, or not all keys that they have read are recorded
 * @param violating how many of them the log must not have accepted
 * @param violations the first 100 of those, in the order of the log
 */
public record AuditReport(
    long entries, long checked, long undecided, long violating, List<Violation> violations) {

  /** Copies the list. */
  public AuditReport {
    violations = List.copyOf(violations);
  }

  /**
   * An entry that must not have been accepted.
   *
   * @param position where it stands
   * @param stream the object that it has read; if its snapshot lies beyond it, one that it writes
   * @param keyHash the hash of the conflict key that it has read; empty if it was the whole object
   * @param snapshot the position at which it has read
   * @param winner the entry in between that has written it; empty if the snapshot lies beyond the
   *     entry itself
   */
  public record Violation(
      LogPosition position,
      StreamId stream,
      OptionalLong keyHash,
      long snapshot,
      Optional<LogPosition> winner) {}
}
