package dev.milonga.log.server;

import dev.milonga.log.LogOverloadedException;
import dev.milonga.log.LogUnavailableException;
import dev.milonga.log.StoreClosedException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes requests in the order in which they come and commits them in batches: whatever waits when a
 * batch begins is in it (group commit).
 *
 * <ol>
 *   <li>the engine decides;
 *   <li>the store writes, and syncs if an outcome promises something;
 *   <li>the entries and tails are published;
 *   <li>the callers learn their outcomes.
 * </ol>
 *
 * <p><b>Failure.</b> If a step fails, the batch may or may not be in the store, and the engine is
 * ahead of what is known to be. So its callers and all later ones are told that the outcome is
 * unknown, until the log is opened again. What was published before can be read on.
 */
final class LogWriter implements Runnable {

  private static final Logger LOG = LoggerFactory.getLogger(LogWriter.class);

  private static final int BATCH_REQUESTS_MAX = 4_096;
  private static final long BATCH_BYTES_MAX = 8L << 20;
  private static final int SPINS_BEFORE_PARKING = 200;

  private final String name;
  private final LogEngine engine;
  private final LogStore store;
  private final boolean syncs;
  private final LongSupplier clockMicros;
  private final long waitingBytesMax;
  private final BatchListener listener;

  private final Queue<Request<?>> waiting = new ConcurrentLinkedQueue<>();
  private final AtomicLong waitingBytes = new AtomicLong();
  private final AtomicBoolean parked = new AtomicBoolean(); // the thread sleeps, or is about to

  private volatile @Nullable Thread thread;
  private volatile @Nullable Throwable failure; // never goes back to null
  private volatile boolean closing; // no more requests are taken
  private volatile boolean finished; // nothing takes from the queue any more

  /** Learns of batches that are durable, in order, on the writing thread. */
  interface BatchListener {
    void committed(WriteSet writes, List<Request<?>> requests, List<Outcome> outcomes);
  }

  LogWriter(
      String name,
      LogEngine engine,
      LogStore store,
      boolean syncs,
      LongSupplier clockMicros,
      long waitingBytesMax,
      BatchListener listener) {
    this.name = name;
    this.engine = engine;
    this.store = store;
    this.syncs = syncs;
    this.clockMicros = clockMicros;
    this.waitingBytesMax = waitingBytesMax;
    this.listener = listener;
  }

  /** Puts the request in line, or fails it at once. Never blocks. */
  void submit(Request<?> request) {
    if (closing) {
      request.completeExceptionally(new StoreClosedException(name));
      return;
    }
    Throwable broken = failure;
    if (broken != null) {
      request.completeExceptionally(unavailable(broken));
      return;
    }
    long bytes = waitingBytes.addAndGet(request.bytes());
    if (bytes > waitingBytesMax && bytes > request.bytes()) {
      waitingBytes.addAndGet(-request.bytes());
      request.completeExceptionally(new LogOverloadedException(bytes, waitingBytesMax));
      return;
    }
    // Either this sees `finished`, or who set it sees the request: both look after they have told.
    waiting.add(request);
    if (finished) {
      failWaiting(new StoreClosedException(name));
    } else {
      wake();
    }
  }

  private void wake() {
    if (parked.get() && parked.compareAndSet(true, false)) {
      LockSupport.unpark(thread);
    }
  }

  /** Commits batches until it is closed and none is waiting. */
  @Override
  public void run() {
    thread = Thread.currentThread();
    while (step() || !closing) {
      if (waiting.isEmpty()) {
        awaitRequests();
      }
    }
    finished = true;
    failWaiting(new StoreClosedException(name));
  }

  private void awaitRequests() {
    for (int spin = 0; spin < SPINS_BEFORE_PARKING; spin++) {
      if (!waiting.isEmpty() || closing) {
        return;
      }
      Thread.onSpinWait();
    }
    // A request is put in line before `parked` is read, and read here after `parked` is set: one of
    // the two sides sees the other.
    parked.set(true);
    while (parked.get() && waiting.isEmpty() && !closing) {
      LockSupport.park(this);
    }
    parked.set(false);
  }

  /** Commits one batch of what is waiting; false if nothing is. */
  boolean step() {
    List<Request<?>> requests = new ArrayList<>();
    List<LogCommand> commands = new ArrayList<>();
    long bytes = 0;
    while (requests.size() < BATCH_REQUESTS_MAX && bytes < BATCH_BYTES_MAX) {
      Request<?> request = waiting.poll();
      if (request == null) {
        break;
      }
      requests.add(request);
      commands.add(request.command());
      bytes += request.bytes();
    }
    if (requests.isEmpty()) {
      return false;
    }
    waitingBytes.addAndGet(-bytes);
    commit(requests, commands);
    return true;
  }

  private void commit(List<Request<?>> requests, List<LogCommand> commands) {
    if (failure == null) {
      try {
        LogEngine.Applied applied = engine.apply(clockMicros.getAsLong(), commands);
        store.write(applied.writes(), syncs && applied.writes().promises());
        listener.committed(applied.writes(), requests, applied.outcomes());
        return;
      } catch (IOException | RuntimeException | Error e) {
        fail(e);
      }
    }
    LogUnavailableException unknown = unavailable(failure);
    for (Request<?> request : requests) {
      request.completeExceptionally(unknown);
    }
  }

  /** Has everything fail from now on. */
  void fail(Throwable cause) {
    if (failure == null) {
      LOG.error("{} accepts nothing more until it is opened again", name, cause);
      failure = cause;
    }
  }

  /** Takes no more requests; what waits is still committed. */
  void close() {
    closing = true;
    LockSupport.unpark(thread);
  }

  private void failWaiting(RuntimeException cause) {
    for (Request<?> request = waiting.poll(); request != null; request = waiting.poll()) {
      waitingBytes.addAndGet(-request.bytes());
      request.completeExceptionally(cause);
    }
  }

  private LogUnavailableException unavailable(@Nullable Throwable cause) {
    return new LogUnavailableException(
        name
            + " could not write ("
            + (cause == null ? "unknown cause" : cause.getMessage())
            + "); whether what was under way is durable shows when it is closed and opened again",
        cause);
  }
}
