package dev.milonga.cli;

import dev.milonga.log.LogEntry;
import dev.milonga.log.SharedLog;
import dev.milonga.log.StreamId;
import dev.milonga.runtime.LogInspector;
import dev.milonga.runtime.RecordedCall;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * Shows entries as they come, also of objects that were made meanwhile. Learning of those takes a
 * look at all there are, so it is done now and then only, if many are made; until then a stream is
 * shown by its number. Not thread-safe.
 */
final class LiveInspector {

  private static final int LOOKS_MAX = 16; // at once
  private static final long NANOS_PER_LOOK = 1_000_000_000;

  private final SharedLog log;
  private final LongSupplier nanoTime;
  private LogInspector inspector;
  private boolean outdated;
  private long looks = LOOKS_MAX; // that may be made now
  private long countedAt;

  LiveInspector(SharedLog log, LongSupplier nanoTime) {
    this.log = log;
    this.nanoTime = nanoTime;
    this.inspector = LogInspector.of(log);
    this.countedAt = nanoTime.getAsLong();
  }

  LogInspector now() {
    return inspector;
  }

  /** Takes in the next entry, and gives the calls in it. */
  List<RecordedCall> describe(LogEntry entry) {
    if (isNews(entry)) {
      outdated = true;
    } else if (outdated && mayLook()) {
      look();
    }
    return inspector.describe(entry);
  }

  /** Says that such an entry has come. */
  void newsCame() {
    outdated = true;
  }

  /** Name of the object of that stream, after a look at those that are new if there are any. */
  String nameOf(StreamId stream) {
    if (outdated && mayLook()) {
      look();
    }
    return inspector.nameOf(stream);
  }

  /** Whether that entry tells of objects that were not known before. */
  static boolean isNews(LogEntry entry) {
    return entry.writes().stream()
        .anyMatch(write -> write.stream().equals(LogInspector.directory()));
  }

  private boolean mayLook() {
    long now = nanoTime.getAsLong();
    long earned = (now - countedAt) / NANOS_PER_LOOK;
    countedAt += earned * NANOS_PER_LOOK;
    looks = Math.min(LOOKS_MAX, looks + earned);
    return looks > 0;
  }

  private void look() {
    looks--;
    inspector = LogInspector.of(log);
    outdated = false;
  }
}
