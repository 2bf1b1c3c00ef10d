package dev.milonga.log.server.grpc;

import dev.milonga.log.LocalTails;
import dev.milonga.log.LogEntry;
import dev.milonga.log.LogPosition;
import dev.milonga.log.ReadBatch;
import dev.milonga.log.ReadLimit;
import dev.milonga.log.StoreClosedException;
import dev.milonga.log.StreamId;
import dev.milonga.log.StreamKeys;
import dev.milonga.log.Subscription;
import dev.milonga.log.server.EmbeddedLog;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands each new entry of the log to those who follow one of its streams, once for all of them.
 *
 * <p>It has come to a position, {@link #next}: every entry below was offered to its followers. Who
 * needs it to come further calls {@link #advance}, which reads what is new, from memory, and offers
 * it; the log does so after each batch, and a conversation before it answers a tail query, so that
 * nobody waits for another thread to be woken. Only if the entries are not in memory any more does
 * a thread of the log read them, and the followers are woken when that is done.
 */
final class Feed implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Feed.class);

  private static final ReadLimit BATCH = new ReadLimit(1_024, 4L << 20);

  private final EmbeddedLog log;
  private final LocalTails tails;
  private final ReentrantLock lock = new ReentrantLock(); // never held during I/O
  private final Map<StreamId, List<Follower>> byStream = new HashMap<>(); // guarded by lock
  private final List<Follower> ofAll = new ArrayList<>(); // guarded by lock
  private final Set<Follower> followers = new HashSet<>(); // guarded by lock; all of the above
  private boolean reading; // guarded by lock; a thread of the log reads from next on
  private final Subscription wakeUps;

  // Written under lock; never goes back. next <= tail, unless the log is closed.
  private volatile long next;
  private volatile @Nullable Throwable failure; // why it goes no further; set once, under lock
  private long trimMark; // guarded by lock; what followers were woken for

  Feed(EmbeddedLog log) {
    this.log = log;
    this.tails = log.localTails().orElseThrow();
    this.next = tails.tail();
    this.wakeUps = log.afterEachBatch(this::afterBatch);
  }

  /** Every entry below was offered to those who follow it. */
  long next() {
    return next;
  }

  /** Why this goes no further, if so. */
  @Nullable Throwable failure() {
    return failure;
  }

  /**
   * Offers what is new, if it is in memory, and returns {@link #next}. If that is less than the
   * tail was, all followers are woken when it has gone on.
   */
  long advance() {
    if (tails.tail() > next && failure == null) {
      lock.lock();
      try {
        dispatch();
      } finally {
        lock.unlock();
      }
    }
    return next;
  }

  private void afterBatch() {
    try {
      advance();
      wakeForTrim();
    } catch (RuntimeException | Error e) {
      // Ours, and nobody's else: the log goes on without us.
      LOG.error("what is served of the log goes no further", e);
      lock.lock();
      try {
        fail(e);
      } finally {
        lock.unlock();
      }
    }
  }

  private void wakeForTrim() {
    long mark = trimMarkOf(log);
    lock.lock();
    try {
      if (mark > trimMark) {
        trimMark = mark;
        followers.forEach(Follower::wake);
      }
    } finally {
      lock.unlock();
    }
  }

  /** The trim mark; of a log that is closed, where it begins. */
  static long trimMarkOf(EmbeddedLog log) {
    CompletableFuture<LogPosition> mark = log.trimMark();
    return mark.isCompletedExceptionally() ? 0 : mark.join().value();
  }

  // Guarded by lock.
  private void dispatch() {
    while (!reading && failure == null) {
      long tail = tails.tail();
      if (tail <= next) {
        return;
      }
      if (tail == Long.MAX_VALUE) {
        fail(new StoreClosedException("the log"));
        return;
      }
      if (followers.isEmpty()) {
        next = tail;
        return;
      }
      CompletableFuture<ReadBatch> read = log.readAll(new LogPosition(next), BATCH);
      if (read.isDone()) {
        takeNow(read, tail);
      } else {
        reading = true;
        read.whenComplete((batch, error) -> takeLater(batch, error, tail));
      }
    }
  }

  // Guarded by lock.
  private void takeNow(CompletableFuture<ReadBatch> read, long tail) {
    ReadBatch batch = null;
    Throwable error = null;
    try {
      batch = read.join();
    } catch (CompletionException e) {
      error = e;
    }
    take(batch, error, tail);
  }

  // On a thread of the log, which would keep what is thrown here to itself.
  private void takeLater(@Nullable ReadBatch batch, @Nullable Throwable error, long tail) {
    lock.lock();
    try {
      reading = false;
      take(batch, error, tail);
      dispatch();
      followers.forEach(Follower::wake);
    } catch (RuntimeException | Error e) {
      LOG.error("what is served of the log goes no further", e);
      fail(e);
    } finally {
      lock.unlock();
    }
  }

  // Guarded by lock.
  private void take(@Nullable ReadBatch batch, @Nullable Throwable error, long tail) {
    if (batch != null) {
      batch.entries().forEach(this::offer);
      next = batch.next().value();
    } else if (Failures.cause(error) instanceof StoreClosedException closed) {
      fail(closed);
    } else {
      // Trimmed before it was offered, or damaged: each follower sees for itself whether it
      // concerns its streams.
      long lost = next;
      followers.forEach(follower -> follower.loseFrom(lost));
      next = tail;
    }
  }

  // Guarded by lock.
  private void offer(LogEntry entry) {
    SharedEntry shared = null;
    for (int i = 0; i < ofAll.size(); i++) {
      shared = shared == null ? new SharedEntry(entry) : shared;
      ofAll.get(i).offer(shared);
    }
    List<StreamKeys> writes = entry.writes();
    for (int i = 0; i < writes.size(); i++) {
      List<Follower> interested = byStream.get(writes.get(i).stream());
      if (interested != null) {
        for (int j = 0; j < interested.size(); j++) {
          shared = shared == null ? new SharedEntry(entry) : shared;
          interested.get(j).offer(shared);
        }
      }
    }
  }

  // Guarded by lock.
  private void fail(Throwable cause) {
    if (failure == null) {
      failure = cause;
      followers.forEach(Follower::wake);
    }
  }

  /** Has a follower offered the entries of a stream from the returned position on. */
  long follow(StreamId stream, Follower follower) {
    lock.lock();
    try {
      dispatch();
      followers.add(follower);
      byStream.computeIfAbsent(stream, id -> new ArrayList<>(1)).add(follower);
      return next;
    } finally {
      lock.unlock();
    }
  }

  /** Has a follower offered the entries of all streams. */
  void followAll(Follower follower) {
    lock.lock();
    try {
      followers.add(follower);
      ofAll.add(follower);
    } finally {
      lock.unlock();
    }
  }

  /** Offers entries of that stream to that follower no more. */
  void unfollow(StreamId stream, Follower follower) {
    lock.lock();
    try {
      List<Follower> interested = byStream.get(stream);
      if (interested != null && interested.remove(follower) && interested.isEmpty()) {
        byStream.remove(stream);
      }
    } finally {
      lock.unlock();
    }
  }

  /** Forgets a follower, of those streams and of all. */
  void forget(Follower follower, Set<StreamId> streams) {
    lock.lock();
    try {
      streams.forEach(stream -> unfollow(stream, follower));
      ofAll.remove(follower);
      followers.remove(follower);
    } finally {
      lock.unlock();
    }
  }

  /**
   * Has a follower that has read every entry below a position itself be offered what follows; false
   * if some of that was offered already, so that it must read on.
   */
  boolean goesLive(Follower follower, long from) {
    lock.lock();
    try {
      if (from < next) {
        return false;
      }
      follower.takeOffersFrom(from);
      return true;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    wakeUps.close();
  }
}
