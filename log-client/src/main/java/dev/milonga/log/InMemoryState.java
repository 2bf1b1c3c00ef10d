package dev.milonga.log;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/**
 * The contents of an {@link InMemoryLog} and every decision about them: what is accepted, where it
 * stands, what is found and what is gone. All of it is guarded by the log's lock, except for the
 * tails and the trim mark, which may be read without.
 */
final class InMemoryState implements LocalTails {

  private static final int DELIVERY_SCAN_MAX = 4_096; // entries passed over at once

  private final int entryBytesMax;
  private final Sessions sessions;
  private final EntryQueue entries = new EntryQueue(); // exactly those in [trimMark, tail)
  private final ConcurrentHashMap<StreamId, InMemoryStream> streams = new ConcurrentHashMap<>();
  private long logTime = Long.MIN_VALUE; // microseconds since 1970-01-01T00:00Z; never goes back

  // An append writes its streams' tails first and the log's tail last, so whoever has read the
  // log's tail without the lock sees the streams' tails that belong to it.
  private volatile long tail;
  private volatile long trimMark; // trimMark <= tail

  InMemoryState(int entryBytesMax, Sessions sessions) {
    this.entryBytesMax = entryBytesMax;
    this.sessions = sessions;
  }

  @Override
  public long tail() {
    return tail;
  }

  long trimMark() {
    return trimMark;
  }

  /** The stream of that number, made if it is not known. */
  @Override
  public InMemoryStream of(StreamId id) {
    InMemoryStream known = streams.get(id);
    return known != null ? known : streams.computeIfAbsent(id, InMemoryStream::new);
  }

  SessionId openSession(long now) {
    return sessions.open(advanceLogTime(now));
  }

  /**
   * The position of the request's entry, which is at the tail as it was before if it is new.
   *
   * @throws StoreException if it is refused; nothing has then changed but the use of its session
   */
  LogPosition append(AppendRequest request, long now) {
    long time = advanceLogTime(now);
    checkSize(request);
    Optional<LogPosition> first =
        request.requestId().flatMap(id -> sessions.firstOutcome(id, request, time));
    if (first.isPresent()) {
      return first.get();
    }
    request.condition().ifPresent(this::checkCondition);
    LogPosition position = new LogPosition(tail);
    RequestId requestId = request.requestId().orElse(null);
    add(new LogEntry(position, time, request.writes(), request.payload(), requestId));
    return position;
  }

  private void checkSize(AppendRequest request) {
    // Counted as payload, 16 bytes per stream and 8 per key: what an entry holds, however stored.
    long bytes = request.payload().size();
    for (StreamKeys write : request.writes()) {
      bytes += 2L * Long.BYTES + (long) Long.BYTES * write.keys().size();
    }
    if (bytes > entryBytesMax) {
      throw new EntryTooLargeException(bytes, entryBytesMax);
    }
  }

  private void checkCondition(AppendCondition condition) {
    for (StreamKeys read : condition.reads()) {
      InMemoryStream stream = streams.get(read.stream());
      if (stream != null) {
        Optional<ConflictException> conflict = stream.conflict(read.keys(), condition.snapshot());
        if (conflict.isPresent()) {
          throw conflict.get();
        }
      }
    }
  }

  private void add(LogEntry entry) {
    entries.add(entry);
    for (StreamKeys write : entry.writes()) {
      of(write.stream()).add(entry, write.keys());
    }
    entry.requestId().ifPresent(id -> sessions.accepted(id, entry));
    tail = entry.position().value() + 1;
  }

  private long advanceLogTime(long now) {
    logTime = Math.max(logTime, now);
    return logTime;
  }

  Map<StreamId, LogPosition> tails(List<StreamId> asked) {
    Map<StreamId, LogPosition> tails = new LinkedHashMap<>();
    for (StreamId id : asked) {
      InMemoryStream stream = streams.get(id);
      tails.put(id, stream == null ? LogPosition.FIRST : stream.readableTail());
    }
    return Collections.unmodifiableMap(tails);
  }

  ReadBatch read(StreamId stream, LogPosition from, ReadLimit limit) {
    checkReadable(from);
    return collect(entriesOf(stream), from.value(), limit, Integer.MAX_VALUE, entry -> true);
  }

  ReadBatch readAll(LogPosition from, ReadLimit limit) {
    checkReadable(from);
    return collect(entries, from.value(), limit, Integer.MAX_VALUE, entry -> true);
  }

  void checkReadable(LogPosition from) {
    if (from.value() < trimMark) {
      throw new TrimmedException(from, new LogPosition(trimMark));
    }
  }

  /**
   * Some entries in any of those streams (in all, if none is given) from {@code next} on. May find
   * none although some follow, so that the lock is not held for long.
   *
   * @throws TrimmedException if one of them was dropped
   */
  ReadBatch readFor(Set<StreamId> wanted, long next) {
    checkNothingMissed(wanted, next);
    if (wanted.size() == 1) {
      EntryQueue ofStream = entriesOf(wanted.iterator().next());
      return collect(ofStream, next, ReadLimit.DEFAULT, Integer.MAX_VALUE, entry -> true);
    }
    return collect(
        entries,
        next,
        ReadLimit.DEFAULT,
        DELIVERY_SCAN_MAX,
        entry -> wanted.isEmpty() || isInAny(entry, wanted));
  }

  private void checkNothingMissed(Set<StreamId> wanted, long next) {
    if (next >= trimMark) {
      return;
    }
    boolean missed = wanted.isEmpty();
    for (StreamId id : wanted) {
      missed |= of(id).hasDropped(next);
    }
    if (missed) {
      throw new TrimmedException(new LogPosition(next), new LogPosition(trimMark));
    }
  }

  private static boolean isInAny(LogEntry entry, Set<StreamId> wanted) {
    for (StreamKeys write : entry.writes()) {
      if (wanted.contains(write.stream())) {
        return true;
      }
    }
    return false;
  }

  private EntryQueue entriesOf(StreamId id) {
    InMemoryStream stream = streams.get(id);
    return stream == null ? new EntryQueue() : stream.entries;
  }

  /** Passes over at most {@code scanMax} entries and takes those wanted. */
  private ReadBatch collect(
      EntryQueue queue, long from, ReadLimit limit, int scanMax, Predicate<LogEntry> wanted) {
    List<LogEntry> taken = new ArrayList<>();
    long bytes = 0;
    int index = queue.indexFrom(from);
    for (int scanned = 0; index < queue.size() && scanned < scanMax; index++, scanned++) {
      LogEntry entry = queue.get(index);
      if (wanted.test(entry)) {
        bytes += entry.payload().size();
        if (taken.size() == limit.entriesMax() || (!taken.isEmpty() && bytes > limit.bytesMax())) {
          break;
        }
        taken.add(entry);
      }
    }
    long next = index < queue.size() ? queue.get(index).position().value() : Math.max(from, tail);
    return new ReadBatch(taken, new LogPosition(next));
  }

  /** Drops what is below, and returns the trim mark. */
  LogPosition trim(LogPosition before) {
    if (before.value() > tail) {
      throw new IllegalArgumentException(
          "cannot trim before " + before + ", which is beyond the tail " + tail);
    }
    trimMark = Math.max(trimMark, before.value());
    while (entries.size() > 0 && entries.get(0).position().value() < trimMark) {
      LogEntry dropped = entries.removeFirst();
      for (StreamKeys write : dropped.writes()) {
        of(write.stream()).drop(dropped);
      }
    }
    return new LogPosition(trimMark);
  }
}
