package dev.milonga.log.server;

import dev.milonga.log.LogEntry;
import dev.milonga.log.LogPosition;
import dev.milonga.log.ReadBatch;
import dev.milonga.log.ReadLimit;
import dev.milonga.log.StoreException;
import dev.milonga.log.StreamId;
import dev.milonga.log.TrimmedException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Reads what is published, from memory if it is there and else from the store. Thread-safe.
 *
 * <p>The trim mark is published before anything below it is dropped. So whatever goes wrong with a
 * read that began below the mark as it is afterwards went wrong because of the trim.
 */
final class LogReader {

  private final PublishedLog published;
  private final LogStore store;
  private final LogCounters counters;

  LogReader(PublishedLog published, LogStore store, LogCounters counters) {
    this.published = published;
    this.store = store;
    this.counters = counters;
  }

  /** The entries of all streams from there on if they are in memory; never touches the store. */
  Optional<ReadBatch> recentOfAll(long from, ReadLimit limit) {
    checkReadable(from);
    long tail = published.tail();
    return counted(published.recent().readAll(from, Math.max(from, tail), limit));
  }

  /** The entries of that stream from there on if they are in memory; never touches the store. */
  Optional<ReadBatch> recent(StreamId stream, long from, ReadLimit limit) {
    checkReadable(from);
    long tail = Math.max(from, published.tail());
    return recent(stream, from, tail, limit);
  }

  private Optional<ReadBatch> recent(StreamId stream, long from, long to, ReadLimit limit) {
    return counted(published.recent().read(stream, published.tail(stream), from, to, limit));
  }

  private Optional<ReadBatch> counted(Optional<ReadBatch> recent) {
    (recent.isPresent() ? counters.readsFromMemory : counters.readsFromStore).increment();
    return recent;
  }

  /** The entries of all streams from there on, from the store. */
  ReadBatch storedOfAll(long from, ReadLimit limit) {
    long tail = published.tail();
    return untrimmed(from, () -> store.readAll(from, tail, limit));
  }

  /** The entries of that stream from there on, from the store. */
  ReadBatch stored(StreamId stream, long from, ReadLimit limit) {
    return stored(stream, from, published.tail(), limit);
  }

  private ReadBatch stored(StreamId stream, long from, long to, ReadLimit limit) {
    return untrimmed(from, () -> store.read(stream, from, to, limit));
  }

  /** The entries of all streams from there on. */
  ReadBatch readAll(long from, ReadLimit limit) {
    return recentOfAll(from, limit).orElseGet(() -> storedOfAll(from, limit));
  }

  /**
   * The entries that are in any of those streams from there on, each once. Below the trim mark,
   * this fails only if an entry of the streams may have been dropped.
   */
  ReadBatch readUnion(Collection<StreamId> streams, long from, ReadLimit limit) {
    return union(streams, from, limit, true).orElseThrow();
  }

  /** Likewise, if they are all in memory; never touches the store. */
  Optional<ReadBatch> recentUnion(Collection<StreamId> streams, long from, ReadLimit limit) {
    return union(streams, from, limit, false);
  }

  private Optional<ReadBatch> union(
      Collection<StreamId> streams, long from, ReadLimit limit, boolean touchesStore) {
    long next = Math.max(from, published.tail());
    List<LogEntry> found = new ArrayList<>();
    for (StreamId stream : streams) {
      if (published.tail(stream) <= from) {
        continue;
      }
      long to = next;
      Optional<ReadBatch> recent = recent(stream, from, to, limit);
      if (recent.isEmpty() && !touchesStore) {
        return Optional.empty();
      }
      ReadBatch batch = recent.orElseGet(() -> stored(stream, from, to, limit));
      next = Math.min(next, batch.next().value());
      found.addAll(batch.entries());
    }
    for (LogEntry entry : found) {
      checkReadable(entry.position().value()); // may be in memory though it is dropped
    }
    return Optional.of(
        new ReadBatch(streams.size() == 1 ? found : ordered(found, next), new LogPosition(next)));
  }

  private static List<LogEntry> ordered(List<LogEntry> found, long to) {
    found.removeIf(entry -> entry.position().value() >= to);
    found.sort(Comparator.comparing(LogEntry::position));
    List<LogEntry> ordered = new ArrayList<>(found.size());
    for (LogEntry entry : found) {
      boolean repeated =
          !ordered.isEmpty() && ordered.get(ordered.size() - 1).position().equals(entry.position());
      if (!repeated) {
        ordered.add(entry);
      }
    }
    return ordered;
  }

  private ReadBatch untrimmed(long from, Supplier<ReadBatch> read) {
    checkReadable(from);
    try {
      ReadBatch batch = read.get();
      checkReadable(from);
      return batch;
    } catch (StoreException e) {
      checkReadable(from);
      throw e;
    }
  }

  private void checkReadable(long from) {
    long trimMark = published.trimMark();
    if (from < trimMark) {
      throw new TrimmedException(new LogPosition(from), new LogPosition(trimMark));
    }
  }
}
