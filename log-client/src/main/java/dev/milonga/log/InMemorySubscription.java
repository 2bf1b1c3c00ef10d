package dev.milonga.log;

import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A subscription to an {@link InMemoryLog}. Run by an executor, it takes batch after batch from the
 * log and hands each to the listener, until nothing is left; it is then <em>parked</em>, uses no
 * thread, and the next append to one of its streams has it run again.
 */
final class InMemorySubscription implements Subscription, Runnable {

  final Set<StreamId> streams; // empty: all
  final EntryListener listener;

  long next; // every entry below it has been taken; guarded by the log's lock
  boolean parked; // iff no run is under way or will be; guarded by the log's lock

  private final InMemoryLog log;
  // Held during each call of the listener, so that close() can wait for it. Taken before the log's
  // lock, never after it.
  private final ReentrantLock delivery = new ReentrantLock();
  private volatile boolean ended; // goes to true once; the listener is called under `delivery` only

  InMemorySubscription(
      InMemoryLog log, Set<StreamId> streams, LogPosition from, EntryListener listener) {
    this.log = log;
    this.streams = streams;
    this.next = from.value();
    this.listener = listener;
  }

  @Override
  public void run() {
    delivery.lock();
    try {
      while (!ended) {
        List<LogEntry> batch = log.take(this);
        if (batch.isEmpty()) {
          return;
        }
        if (!ended) {
          listener.onEntries(batch);
        }
      }
    } catch (Throwable t) {
      // From the log, which ends the subscription, or from the listener, which learns it as well.
      end(t);
    } finally {
      delivery.unlock();
    }
  }

  /** Tells the listener that nothing follows, unless it is closed or was told before. */
  void end(Throwable cause) {
    delivery.lock();
    try {
      if (!ended) {
        ended = true;
        log.forget(this);
        listener.onEnd(cause);
      }
    } catch (Throwable t) {
      // Thrown on, it would hit whoever appended, if the executor runs tasks at once.
      Thread thread = Thread.currentThread();
      thread.getUncaughtExceptionHandler().uncaughtException(thread, t);
    } finally {
      delivery.unlock();
    }
  }

  @Override
  public void close() {
    ended = true;
    log.forget(this);
    if (!delivery.isHeldByCurrentThread()) {
      delivery.lock(); // waits for a call under way; later ones see `ended`
      delivery.unlock();
    }
  }
}
