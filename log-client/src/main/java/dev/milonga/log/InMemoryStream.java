package dev.milonga.log;

import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * What an {@link InMemoryLog} knows of one stream: its entries, when each part of it was last
 * written, and who waits for it. Everything is guarded by the log's lock, {@link #value()} apart.
 *
 * <p>The last writes outlive the entries: they are not dropped by a trim, so that conditions are
 * decided exactly for any snapshot. They take memory per key ever written, not per entry.
 */
final class InMemoryStream implements LocalTails.StreamTail {

  private static final long NEVER = -1;

  final EntryQueue entries = new EntryQueue();
  final Set<InMemorySubscription> subscriptions = new LinkedHashSet<>();

  private final StreamId id;
  private final Map<Long, Long> lastWriteByKey = new HashMap<>();
  private long lastWriteOfWhole = NEVER;
  private long lastWrite = NEVER; // lastWrite >= lastWriteOfWhole and every value of lastWriteByKey
  private long droppedBelow; // no entry at or above it was trimmed
  private volatile long tail; // lastWrite + 1; written under the lock, before the log's tail

  InMemoryStream(StreamId id) {
    this.id = id;
  }

  @Override
  public long value() {
    return tail;
  }

  /** The tail as of the lock's holder, counting readable entries only. */
  LogPosition readableTail() {
    return entries.size() == 0 ? LogPosition.FIRST : new LogPosition(lastWrite + 1);
  }

  void add(LogEntry entry, ConflictKeys written) {
    long position = entry.position().value();
    entries.add(entry);
    if (written.isWholeObject()) {
      lastWriteOfWhole = position;
    }
    for (int i = 0; i < written.size(); i++) {
      lastWriteByKey.put(written.hashAt(i), position);
    }
    lastWrite = position;
    tail = position + 1;
  }

  /** Drops the first entry, which must be {@code entry}. */
  void drop(LogEntry entry) {
    LogEntry dropped = entries.removeFirst();
    if (dropped != entry) {
      throw new AssertionError("stream " + id + " began with " + dropped + ", not with " + entry);
    }
    droppedBelow = entry.position().value() + 1;
  }

  /** Whether an entry at or above {@code position} was trimmed. */
  boolean hasDropped(long position) {
    return droppedBelow > position;
  }

  /** The conflict of having read those keys at that snapshot, if there is one. */
  Optional<ConflictException> conflict(ConflictKeys read, LogPosition snapshot) {
    if (lastWrite < snapshot.value()) {
      return Optional.empty();
    }
    if (read.isWholeObject()) {
      return Optional.of(conflict(OptionalLong.empty(), snapshot, lastWrite));
    }
    for (int i = 0; i < read.size(); i++) {
      long key = read.hashAt(i);
      long written = Math.max(lastWriteOfWhole, lastWriteByKey.getOrDefault(key, NEVER));
      if (written >= snapshot.value()) {
        return Optional.of(conflict(OptionalLong.of(key), snapshot, written));
      }
    }
    return Optional.empty();
  }

  private ConflictException conflict(OptionalLong key, LogPosition snapshot, long winner) {
    return ConflictException.written(id, key, snapshot, new LogPosition(winner));
  }
}
