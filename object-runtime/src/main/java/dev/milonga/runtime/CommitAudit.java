package dev.milonga.runtime;

import dev.milonga.log.ConflictKeys;
import dev.milonga.log.LogEntry;
import dev.milonga.log.LogPosition;
import dev.milonga.log.StreamId;
import dev.milonga.log.StreamKeys;
import dev.milonga.runtime.record.ReadSet;
import dev.milonga.runtime.record.Record;
import dev.milonga.runtime.record.StreamRead;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.LongStream;

/**
 * Decides again, from the entries of a log alone, what the log has decided when it accepted the
 * transactions in it (vCorfu §4.2): for each entry that says what it has read at which snapshot,
 * that no entry between the snapshot and itself has written any of it. A function of the entries,
 * which are given in the order of their positions, and of nothing else: no part of it is shared
 * with what decides when a transaction commits.
 *
 * <p>Uses memory for each conflict key that the entries write.
 */
final class CommitAudit {

  private static final int VIOLATIONS_KEPT = 100;
  private static final long NEVER = -1;

  private final long from;
  private final Map<StreamId, Writes> streams = new HashMap<>();
  private final List<AuditReport.Violation> violations = new ArrayList<>();
  private long entries;
  private long checked;
  private long undecided;
  private long violating;

  /**
   * @param from position of the first entry that will be given
   */
  CommitAudit(LogPosition from) {
    this.from = from.value();
  }

  /** Takes the next entry. */
  void accept(LogEntry entry) {
    entries++;
    readSet(entry).ifPresent(read -> decide(entry, read));
    long position = entry.position().value();
    for (StreamKeys write : entry.writes()) {
      streams.computeIfAbsent(write.stream(), stream -> new Writes()).add(write.keys(), position);
    }
  }

  /** What the entries given so far come to. */
  AuditReport report() {
    return new AuditReport(entries, checked, undecided, violating, violations);
  }

  // Entries that are no records were not appended by a transaction.
  private static Optional<ReadSet> readSet(LogEntry entry) {
    try {
      Record record = RecordFormat.parse(entry.payload());
      return record.hasReadSet() ? Optional.of(record.getReadSet()) : Optional.empty();
    } catch (DecodingException e) {
      return Optional.empty();
    }
  }

  private void decide(LogEntry entry, ReadSet set) {
    checked++;
    long snapshot = set.getSnapshot();
    if (snapshot < 0 || snapshot > entry.position().value()) {
      violate(entry, entry.writes().get(0).stream(), OptionalLong.empty(), snapshot, NEVER);
      return;
    }
    boolean wholeRangeSeen = snapshot >= from;
    boolean decided = true;
    for (StreamRead read : set.getReadsList()) {
      StreamId stream;
      try {
        stream = RecordFormat.stream(read.getStream());
      } catch (DecodingException e) {
        decided = false;
        continue;
      }
      Writes writes = streams.getOrDefault(stream, Writes.NONE);
      OptionalLong key = writes.firstKeyWrittenFrom(snapshot, read);
      long winner = writes.lastWriteOf(read, key);
      if (winner >= snapshot) {
        violate(entry, stream, key, snapshot, winner);
        return;
      }
      decided &= wholeRangeSeen && !(read.getKeysLeftOut() && writes.last >= snapshot);
    }
    if (!decided) {
      undecided++;
    }
  }

  private void violate(
      LogEntry entry, StreamId stream, OptionalLong key, long snapshot, long winner) {
    violating++;
    if (violations.size() < VIOLATIONS_KEPT) {
      Optional<LogPosition> position =
          winner == NEVER ? Optional.empty() : Optional.of(new LogPosition(winner));
      violations.add(new AuditReport.Violation(entry.position(), stream, key, snapshot, position));
    }
  }

  /** When one stream was written, as far as the entries given so far say. */
  private static final class Writes {

    static final Writes NONE = new Writes(); // never written

    private long last = NEVER;
    private long lastWhole = NEVER;
    private final Map<Long, Long> lastByKey = new HashMap<>();

    void add(ConflictKeys keys, long position) {
      last = position;
      if (keys.isWholeObject()) {
        lastWhole = position;
        lastByKey.clear(); // each of them was written by this as well
      }
      for (int i = 0; i < keys.size(); i++) {
        lastByKey.put(keys.hashAt(i), position);
      }
    }

    OptionalLong firstKeyWrittenFrom(long snapshot, StreamRead read) {
      LongStream keys = read.getKeysList().stream().mapToLong(Long::longValue);
      return keys.filter(key -> lastWriteOf(key) >= snapshot).findFirst();
    }

    long lastWriteOf(StreamRead read, OptionalLong key) {
      if (key.isPresent()) {
        return lastWriteOf(key.getAsLong());
      }
      if (read.getKeysLeftOut()) {
        return lastWhole; // of the keys it is not known whether they were read
      }
      return read.getKeysCount() == 0 ? last : NEVER;
    }

    private long lastWriteOf(long key) {
      return Math.max(lastWhole, lastByKey.getOrDefault(key, NEVER));
    }
  }
}
