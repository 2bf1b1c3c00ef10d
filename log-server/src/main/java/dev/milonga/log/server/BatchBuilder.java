package dev.milonga.log.server;

import dev.milonga.log.LogEntry;
import dev.milonga.log.LogPosition;
import dev.milonga.log.ReadBatch;
import dev.milonga.log.ReadLimit;
import java.util.ArrayList;
import java.util.List;

/** Collects entries up to a limit; the first one always fits. */
final class BatchBuilder {

  private final ReadLimit limit;
  private final List<LogEntry> entries = new ArrayList<>();
  private long bytes;

  BatchBuilder(ReadLimit limit) {
    this.limit = limit;
  }

  /** Takes the entry, or says no. */
  boolean add(LogEntry entry) {
    long more = bytes + entry.payload().size();
    if (!entries.isEmpty() && (entries.size() >= limit.entriesMax() || more > limit.bytesMax())) {
      return false;
    }
    entries.add(entry);
    bytes = more;
    return true;
  }

  /** How many more entries will fit, judging by those so far: in {@code [1, max]}. */
  int expectedRoom(int max) {
    if (entries.isEmpty()) {
      return Math.min(16, limit.entriesMax());
    }
    long average = Math.max(1, bytes / entries.size());
    long room = Math.min(limit.entriesMax() - entries.size(), (limit.bytesMax() - bytes) / average);
    return (int) Math.max(1, Math.min(max, room));
  }

  /** What was collected, when everything below {@code next} was offered. */
  ReadBatch build(long next) {
    return new ReadBatch(entries, new LogPosition(next));
  }
}
