package dev.milonga.log.server;

import dev.milonga.log.LocalTails;
import dev.milonga.log.LogEntry;
import dev.milonga.log.LogPosition;
import dev.milonga.log.StreamId;
import dev.milonga.log.StreamKeys;
import dev.milonga.log.format.EntryFormat;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The part of a log that may be shown: durable, and below the tail that readers see.
 *
 * <p><b>Order.</b> One thread publishes a batch: its entries into the cache, then the tails of
 * their streams, then the log's tail, all of them volatile. So a reader that has read the log's
 * tail finds every stream's tail to cover what lies below, and every entry below in the cache or,
 * since the batch was written before, in the store. A stream's tail may be ahead of the log's for a
 * moment; {@link #tails} takes the lock that publishing holds, to see one moment of all.
 */
final class PublishedLog implements LocalTails {

  private static final long ENDED = Long.MAX_VALUE;

  private final RecentEntries recent;
  private final ConcurrentHashMap<StreamId, TailCell> cells = new ConcurrentHashMap<>();
  private final ReentrantLock publishing = new ReentrantLock(); // never held during I/O

  // Written by the publishing thread, under the lock. trimMark <= tail, and neither goes back.
  private volatile long tail;
  private volatile long trimMark;
  private long endedAt; // written once, before the tail is ENDED; read after that was seen

  PublishedLog(RecentEntries recent, EngineState state) {
    this.recent = recent;
    this.tail = state.tail();
    this.trimMark = state.trimMark();
  }

  /** Takes in where a stream ends, before anything is published. */
  void restore(StreamId stream, long lastPosition) {
    TailCell cell = of(stream);
    cell.moveTo(Math.max(cell.value(), lastPosition + 1));
  }

  /** Shows a batch that is durable. */
  void publish(WriteSet batch) {
    publishing.lock();
    try {
      for (AcceptedEntry accepted : batch.entries()) {
        recent.add(accepted);
      }
      for (AcceptedEntry accepted : batch.entries()) {
        for (StreamKeys write : accepted.entry().writes()) {
          of(write.stream()).moveTo(accepted.entry().position().value() + 1);
        }
      }
      tail = batch.state().tail();
      trimMark = batch.state().trimMark();
    } finally {
      publishing.unlock();
    }
  }

  /** What the store holds beyond what is shown. Called by the publishing thread. */
  WriteSet unpublished(LogStore store) {
    EngineState state = store.state();
    List<AcceptedEntry> entries = new ArrayList<>();
    Map<StreamId, Long> last = new HashMap<>();
    try (LogStore.Entries stored = store.entries(tail, state.tail())) {
      for (LogEntry entry = stored.next(); entry != null; entry = stored.next()) {
        List<StreamKeys> writes = entry.writes();
        long[] previous = new long[writes.size()];
        for (int i = 0; i < previous.length; i++) {
          StreamId stream = writes.get(i).stream();
          Long before = last.put(stream, entry.position().value());
          previous[i] = before == null ? tail(stream) - 1 : before;
        }
        entries.add(new AcceptedEntry(entry, EntryFormat.encode(entry), previous));
      }
    }
    return new WriteSet(state, false, entries, List.of(), List.of(), List.of(), List.of());
  }

  @Override
  public long tail() {
    return tail;
  }

  long trimMark() {
    return trimMark;
  }

  /** The tail, or what it was when the log ended. */
  long lastTail() {
    long now = tail;
    return now == ENDED ? endedAt : now;
  }

  @Override
  public TailCell of(StreamId stream) {
    TailCell known = cells.get(stream);
    if (known == null) {
      known = cells.computeIfAbsent(stream, id -> new TailCell());
      if (tail == ENDED) {
        known.moveTo(ENDED); // end() may have missed it
      }
    }
    return known;
  }

  /**
   * Shows tails that nobody has reached from now on: the log is closed, and what another one that
   * is opened in its place takes in is not seen here. Nothing is published any more.
   */
  void end() {
    publishing.lock();
    try {
      endedAt = tail;
      tail = ENDED;
      cells.values().forEach(cell -> cell.moveTo(ENDED));
    } finally {
      publishing.unlock();
    }
  }

  /** The tail of a stream; 0 if it has none. */
  long tail(StreamId stream) {
    TailCell cell = cells.get(stream);
    return cell == null ? 0 : cell.value();
  }

  /** Where the readable entries of each stream end, all at one moment. */
  Map<StreamId, LogPosition> tails(Collection<StreamId> streams) {
    Map<StreamId, LogPosition> tails = new LinkedHashMap<>();
    publishing.lock();
    try {
      for (StreamId stream : streams) {
        long end = tail(stream);
        tails.put(stream, end > trimMark ? new LogPosition(end) : LogPosition.FIRST);
      }
    } finally {
      publishing.unlock();
    }
    return tails;
  }

  RecentEntries recent() {
    return recent;
  }

  /** Whether {@link #wake} has anyone to wake. */
  boolean isListenedTo(WriteSet batch, Collection<TailSubscription> toAll) {
    // Not isEmpty(), which adds up counters that others change meanwhile, and may miss one that
    // was there all the time.
    if (toAll.iterator().hasNext() && !batch.entries().isEmpty()) {
      return true;
    }
    for (AcceptedEntry accepted : batch.entries()) {
      List<StreamKeys> writes = accepted.entry().writes();
      for (int i = 0; i < writes.size(); i++) {
        if (!of(writes.get(i).stream()).subscriptions().isEmpty()) {
          return true;
        }
      }
    }
    return false;
  }

  /** Wakes those who wait for a stream in which the batch has written. */
  void wake(WriteSet batch, Collection<TailSubscription> toAll) {
    if (batch.entries().isEmpty()) {
      return;
    }
    for (TailSubscription subscription : toAll) {
      subscription.wake();
    }
    for (AcceptedEntry accepted : batch.entries()) {
      List<StreamKeys> writes = accepted.entry().writes();
      for (int i = 0; i < writes.size(); i++) {
        for (TailSubscription subscription : of(writes.get(i).stream()).subscriptions()) {
          subscription.wake();
        }
      }
    }
  }
}
