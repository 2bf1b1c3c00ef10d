package dev.milonga.log.server.grpc;

import dev.milonga.log.LogEntry;
import dev.milonga.log.LogPosition;
import dev.milonga.log.ReadBatch;
import dev.milonga.log.ReadLimit;
import dev.milonga.log.StoreClosedException;
import dev.milonga.log.StreamId;
import dev.milonga.log.StreamKeys;
import dev.milonga.log.server.EmbeddedLog;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The entries of some streams, or of all, from a position on, as one client is to see them: each
 * once and in order.
 *
 * <p>It is <em>live</em> as long as it takes what the {@link Feed} offers as fast as it comes. Of a
 * client that does not read, a little is kept; then all of it is dropped and nothing more taken,
 * and when the client reads again, the log is read from there on, until the feed is reached. A
 * client that begins below the tail begins like that.
 *
 * <p>Owned by the event loop of its call, but for what the feed calls.
 */
final class Follower {

  private static final long NOTHING = -1;
  private static final long WAITING_BYTES_MAX = 1L << 20;
  private static final int WAITING_ENTRIES_MAX = 4_096;
  private static final int READ_ONE_BY_ONE_MAX = 16; // streams; of more, too much would be held

  private final EmbeddedLog log;
  private final Feed feed;
  private final Runnable wake;
  private final Map<StreamId, Long> from = new HashMap<>(); // where each stream begins
  private final boolean all;
  private long next; // every entry that is followed below was taken; never goes back
  private boolean live;
  private @Nullable CompletableFuture<ReadBatch> read; // of the log, from next on
  private boolean closed;

  private final ReentrantLock lock = new ReentrantLock();
  private final ArrayDeque<SharedEntry> offered = new ArrayDeque<>(); // guarded by lock; ascending
  private long offeredBytes; // guarded by lock
  private long offeredBelow; // guarded by lock; what is below was offered, or needs not be
  private long lostFrom; // guarded by lock; nothing is taken since; NOTHING if live

  /**
   * Follows from that position on.
   *
   * @param wake runs when there may be something to take; on any thread, at once
   */
  Follower(EmbeddedLog log, Feed feed, long from, boolean all, Runnable wake) {
    this.log = log;
    this.feed = feed;
    this.all = all;
    this.wake = wake;
    this.next = from;
    this.lostFrom = from;
    if (all) {
      feed.followAll(this);
    }
  }

  /** Some entries, and the position below which all were taken now or before. */
  record Batch(List<SharedEntry> entries, long next) {}

  /** Follows a stream too, and returns from where on: not below what was taken. */
  long follow(StreamId stream) {
    Long known = from.get(stream);
    if (known != null) {
      return known;
    }
    long first = Math.max(feed.follow(stream, this), next);
    from.put(stream, first);
    read = null; // one under way knows nothing of the stream
    return first;
  }

  /** Follows a stream too, from where all of this begins. Before anything is taken. */
  void followFromStart(StreamId stream) {
    if (from.putIfAbsent(stream, next) == null) {
      feed.follow(stream, this);
    }
  }

  void unfollow(StreamId stream) {
    if (from.remove(stream) != null) {
      feed.unfollow(stream, this);
    }
  }

  /** About how many bytes of entries wait to be taken; on any thread. */
  long heldBytes() {
    lock.lock();
    try {
      return offeredBytes;
    } finally {
      lock.unlock();
    }
  }

  int streams() {
    return from.size();
  }

  void close() {
    if (!closed) {
      closed = true;
      feed.forget(this, from.keySet());
    }
  }

  // ---- Called by the feed, under its lock.

  void offer(SharedEntry entry) {
    boolean first;
    lock.lock();
    try {
      if (lostFrom != NOTHING || entry.position() < offeredBelow) {
        return;
      }
      first = offered.isEmpty();
      offeredBelow = entry.position() + 1;
      offeredBytes += entry.bytes();
      offered.add(entry);
      if (offeredBytes > WAITING_BYTES_MAX || offered.size() > WAITING_ENTRIES_MAX) {
        lostFrom = offered.getFirst().position();
        dropOffered();
      }
    } finally {
      lock.unlock();
    }
    if (first) {
      wake.run();
    }
  }

  /** Nothing is offered from there on, though there may be something. */
  void loseFrom(long position) {
    lock.lock();
    try {
      if (lostFrom == NOTHING) {
        lostFrom = offered.isEmpty() ? position : offered.getFirst().position();
        dropOffered();
      }
    } finally {
      lock.unlock();
    }
    wake.run();
  }

  void takeOffersFrom(long position) {
    lock.lock();
    try {
      lostFrom = NOTHING;
      offeredBelow = position;
    } finally {
      lock.unlock();
    }
  }

  void wake() {
    wake.run();
  }

  // Guarded by lock.
  private void dropOffered() {
    offered.clear();
    offeredBytes = 0;
  }

  // ---- Called by the owner.

  /**
   * Takes entries, up to about that many bytes. If there is none now though {@link Batch#next} is
   * below the tail, the owner is woken when there is.
   *
   * @throws RuntimeException if the log cannot be read, or an entry may have been trimmed
   */
  Batch take(long bytesMax) {
    if (from.isEmpty() && !all) {
      long tail = log.localTails().orElseThrow().tail();
      throwIfFailed(tail);
      next = Math.max(next, tail);
      return new Batch(List.of(), next);
    }
    long reached = feed.advance();
    throwIfFailed(reached);
    if (live) {
      Batch batch = takeOffered(reached, bytesMax);
      if (batch != null) {
        return batch;
      }
      live = false;
    }
    return catchUp(bytesMax);
  }

  private void throwIfFailed(long reached) {
    Throwable failure = feed.failure();
    if (failure != null) {
      throw Failures.asRuntime(failure);
    }
    if (reached == Long.MAX_VALUE) {
      throw new StoreClosedException("the log");
    }
  }

  /** What was offered; null if something was lost. */
  private @Nullable Batch takeOffered(long reached, long bytesMax) {
    List<SharedEntry> taken = new ArrayList<>();
    long bytes = 0;
    lock.lock();
    try {
      if (lostFrom != NOTHING) {
        next = Math.max(next, lostFrom);
        return null;
      }
      while (!offered.isEmpty() && bytes < bytesMax) {
        SharedEntry entry = offered.removeFirst();
        bytes += entry.bytes();
        next = Math.max(next, entry.position() + 1);
        taken.add(entry);
      }
      offeredBytes -= bytes;
      if (offered.isEmpty()) {
        next = Math.max(next, reached); // what lies below `reached` had been offered before
      }
    } finally {
      lock.unlock();
    }
    taken.removeIf(entry -> !isFollowed(entry.entry()));
    return new Batch(taken, next);
  }

  private Batch catchUp(long bytesMax) {
    if (feed.goesLive(this, next)) {
      live = true;
      return new Batch(List.of(), next);
    }
    CompletableFuture<ReadBatch> reading = read == null ? startRead(bytesMax) : read;
    if (!reading.isDone()) {
      return new Batch(List.of(), next);
    }
    read = null;
    ReadBatch batch = Failures.join(reading);
    List<SharedEntry> taken = new ArrayList<>(batch.entries().size());
    for (LogEntry entry : batch.entries()) {
      if (entry.position().value() >= next && isFollowed(entry)) {
        taken.add(new SharedEntry(entry));
      }
    }
    next = Math.max(next, batch.next().value());
    if (feed.goesLive(this, next)) {
      live = true;
    } else {
      wake.run(); // there is more
    }
    return new Batch(taken, next);
  }

  private CompletableFuture<ReadBatch> startRead(long bytesMax) {
    ReadLimit limit = new ReadLimit(WAITING_ENTRIES_MAX, bytesMax);
    LogPosition begin = new LogPosition(next);
    CompletableFuture<ReadBatch> started =
        all || from.size() > READ_ONE_BY_ONE_MAX
            ? log.readAll(begin, limit)
            : log.read(from.keySet(), begin, limit);
    if (!started.isDone()) {
      read = started;
      started.whenComplete((batch, error) -> wake.run());
    }
    return started;
  }

  private boolean isFollowed(LogEntry entry) {
    if (all) {
      return true;
    }
    long position = entry.position().value();
    List<StreamKeys> writes = entry.writes();
    for (int i = 0; i < writes.size(); i++) {
      Long first = from.get(writes.get(i).stream());
      if (first != null && first <= position) {
        return true;
      }
    }
    return false;
  }
}
