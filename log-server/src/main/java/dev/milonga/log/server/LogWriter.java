package dev.milonga.log.server;

import dev.milonga.log.LogOverloadedException;
import dev.milonga.log.LogPosition;
import dev.milonga.log.LogUnavailableException;
import dev.milonga.log.StoreClosedException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
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
 * <p><b>Who does it.</b> A thread of the log, or a caller that would else sleep until it is done:
 * waking one thread for the request and another for the outcome costs more than a sync of a fast
 * disk. One of them is at it at a time. A caller commits one batch and no more, so that nobody
 * works for others for long.
 *
 * <p><b>Failure.</b> If a step fails, the batch may or may not be in the store, and the engine is
 * ahead of what is known to be. So its callers and all later ones are told that the outcome is
 * unknown, until the log is opened again. What was published before can be read on.
 *
 * <p><b>A full disk</b> is the one failure after which the writer opens the store again itself, as
 * soon as there is room: it drops the engine, and takes up what the store then holds, to which the
 * batch that failed may or may not belong.
 */
final class LogWriter implements Runnable {

  private static final Logger LOG = LoggerFactory.getLogger(LogWriter.class);

  private static final int BATCH_REQUESTS_MAX = 4_096;
  private static final long BATCH_BYTES_MAX = 8L << 20;
  private static final int LOOKS_BEFORE_SLEEP = 200;
  private static final int EXPECTED_MAX = 64; // with as many, another costs no more than its rows
  private static final int TURNS_FOR_A_NEWCOMER = 16;
  private static final int FRAMES_OF_A_BATCH = 512;

  private final String name;
  private LogEngine engine; // of the thread that commits
  private final LogStore store;
  private final boolean syncs;
  private final LongSupplier clockMicros;
  private final long waitingBytesMax;
  private final BatchListener listener;
  private final LogCounters counters;

  private final Queue<Request<?>> waiting = new ConcurrentLinkedQueue<>();
  private final AtomicLong waitingBytes = new AtomicLong();
  private final AtomicInteger inLine = new AtomicInteger();
  private final WriterTurn turn; // who has it, owns the engine and the store

  private int expected; // requests that may be there for the next batch; owned by who has the turn

  // The batch that is being committed. Left behind if that ends without its callers being told, as
  // when there is no memory to handle an error: the engine may then be ahead of the store. Written
  // by who has the turn.
  private volatile @Nullable List<Request<?>> underWay;

  private volatile @Nullable Thread thread;
  // Only a DiskFullException gives way: to null when the store was opened again, to any later one.
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  // Whoever of the log commits the next batch shall see whether there is room.
  private volatile boolean reopeningDue;
  private volatile boolean closing; // no more requests are taken
  private volatile boolean finished; // nothing takes from the queue any more

  /** Learns what became of batches, in order, on the thread that has committed them. */
  interface BatchListener {

    /**
     * Takes over a batch that is durable.
     *
     * @param byCaller whether this thread is that of a caller, not of the log
     */
    void committed(
        WriteSet writes, List<Request<?>> requests, List<Outcome> outcomes, boolean byCaller);

    /** Tells the callers of a batch that its outcome is unknown; {@code byCaller} as above. */
    void failed(List<Request<?>> requests, LogUnavailableException cause, boolean byCaller);

    /** The store was opened again, and may hold a batch more than was committed. */
    void reopened();
  }

  LogWriter(
      String name,
      LogEngine engine,
      LogStore store,
      boolean syncs,
      LongSupplier clockMicros,
      long waitingBytesMax,
      BatchListener listener,
      LogCounters counters) {
    this.name = name;
    this.engine = engine;
    this.store = store;
    this.syncs = syncs;
    this.clockMicros = clockMicros;
    this.waitingBytesMax = waitingBytesMax;
    this.listener = listener;
    this.counters = counters;
    this.turn =
        new WriterTurn(
            this::hasWork,
            LOOKS_BEFORE_SLEEP,
            () -> LockSupport.park(this),
            () -> LockSupport.unpark(thread));
    counters.remembers(engine);
  }

  /** Puts the request in line, or fails it at once. Never blocks. */
  void submit(Request<?> request) {
    if (isInLine(request)) {
      turn.workHasCome();
    }
  }

  /**
   * Likewise, and commits the batch that it is in, unless another thread is at one, or this one is
   * virtual.
   *
   * @throws StackOverflowError if the caller has left too little room for that; nothing has begun
   */
  void submitAndStep(Request<?> request) {
    if (VirtualThreads.isCurrent()) { // would be put aside in the middle, for others of their kind
      submit(request);
      return;
    }
    ensureRoomOnStack(FRAMES_OF_A_BATCH);
    if (isInLine(request) && turn.take()) {
      try {
        step(true);
      } finally {
        turn.giveBack();
      }
    }
  }

  // A recursion without end in a caller is its own affair: it must not end in the middle of a
  // batch, which is other callers' too. Each step takes some 30 to 100 bytes; a batch takes a few
  // thousand.
  private static int ensureRoomOnStack(int frames) {
    return frames == 0 ? 0 : 1 + ensureRoomOnStack(frames - 1);
  }

  private boolean isInLine(Request<?> request) {
    if (closing) {
      request.completeExceptionally(new StoreClosedException(name));
      return false;
    }
    Throwable broken = failure.get();
    if (broken != null && !reopeningDue) {
      counters.unavailable.increment();
      request.completeExceptionally(unavailable(broken));
      return false;
    }
    long bytes = waitingBytes.addAndGet(request.bytes());
    if (bytes > waitingBytesMax && bytes > request.bytes()) {
      waitingBytes.addAndGet(-request.bytes());
      counters.overloaded.increment();
      request.completeExceptionally(new LogOverloadedException(bytes, waitingBytesMax));
      return false;
    }
    // Either this sees `finished`, or who set it sees the request: both look after they have told.
    inLine.incrementAndGet();
    waiting.add(request);
    if (finished) {
      failIfWaiting(request);
      return false;
    }
    return true;
  }

  // No others: what depends on them must not run on this thread. Who has finished fails them.
  private void failIfWaiting(Request<?> request) {
    if (waiting.remove(request)) {
      waitingBytes.addAndGet(-request.bytes());
      inLine.decrementAndGet();
      request.completeExceptionally(new StoreClosedException(name));
    }
  }

  /** Commits batches until it is closed and none is waiting. */
  @Override
  public void run() {
    thread = Thread.currentThread();
    while (stepsUnlessEnded()) {
      turn.awaitWanted();
    }
    finish();
  }

  // Goes on whatever happens: who waits in line has nobody else.
  private boolean stepsUnlessEnded() {
    try {
      return stepUnlessEnded();
    } catch (RuntimeException | Error e) {
      fail(e);
      return true;
    }
  }

  /**
   * Commits a batch if there is one and no other thread is at one. At the end it keeps the turn, so
   * that nobody commits any more, and returns false; {@link #finish} follows.
   */
  boolean stepUnlessEnded() {
    if (!turn.isWanted() || !turn.take()) {
      return true;
    }
    if (closing && waiting.isEmpty() && underWay == null) {
      return false;
    }
    try {
      step(false);
    } finally {
      turn.giveBack();
    }
    return true;
  }

  /** Takes nothing from the queue any more: all that was submitted is settled, now or soon. */
  void finish() {
    finished = true;
    failWaiting(new StoreClosedException(name));
  }

  /**
   * Has the store keep what the engine remembers, unless something has failed. Called when this has
   * {@linkplain #finish finished}, and so nobody commits any more.
   */
  void keepMemory() {
    if (finished && failure.get() == null && underWay == null) {
      store.keepMemory(engine);
    }
  }

  /** Whether {@link #stepUnlessEnded} has something to do. */
  boolean isNeeded() {
    return turn.isWanted();
  }

  private boolean hasWork() {
    return closing || !waiting.isEmpty() || underWay != null;
  }

  /**
   * Commits one batch of what is waiting; false if nothing is. No other thread may be at it.
   *
   * @param byCaller whether this thread is that of a caller, not of the log
   */
  boolean step(boolean byCaller) {
    failLeftBehind(byCaller);
    List<Request<?>> requests = takeBatch();
    if (requests.isEmpty()) {
      return false;
    }
    underWay = requests;
    commit(requests, byCaller);
    underWay = null;
    expected = Math.min(requests.size() + inLine.get(), EXPECTED_MAX);
    return true;
  }

  private void failLeftBehind(boolean byCaller) {
    List<Request<?>> leftBehind = underWay;
    if (leftBehind != null) {
      fail(new IllegalStateException("a batch was not committed to its end"));
      underWay = null;
      counters.failed(leftBehind);
      listener.failed(leftBehind, unavailable(failure.get()), byCaller);
    }
  }

  // Whoever was told the last outcome may well be about to come again. A batch of all of them takes
  // as long as one of half of them, and they would else take turns: half of them waits for the sync
  // of the other half.
  private List<Request<?>> takeBatch() {
    List<Request<?>> batch = new ArrayList<>();
    long bytes = take(batch, 0);
    int turn = 0;
    while (batch.size() < expected && bytes < BATCH_BYTES_MAX && turn < TURNS_FOR_A_NEWCOMER) {
      Thread.yield();
      turn = waiting.isEmpty() ? turn + 1 : 0;
      bytes = take(batch, bytes);
    }
    waitingBytes.addAndGet(-bytes);
    inLine.addAndGet(-batch.size());
    return batch;
  }

  /** Moves to the batch what waits and has room; {@code bytes} and the result are the batch's. */
  private long take(List<Request<?>> batch, long bytes) {
    long sum = bytes;
    while (batch.size() < BATCH_REQUESTS_MAX && sum < BATCH_BYTES_MAX) {
      Request<?> request = waiting.poll();
      if (request == null) {
        break;
      }
      batch.add(request);
      sum += request.bytes();
    }
    return sum;
  }

  private void commit(List<Request<?>> requests, boolean byCaller) {
    if (reopeningDue && !byCaller) {
      reopeningDue = false;
      reopen();
    }
    if (failure.get() == null) {
      try {
        List<LogCommand> commands = new ArrayList<>(requests.size());
        requests.forEach(request -> commands.add(request.command()));
        LogEngine.Applied applied = engine.apply(clockMicros.getAsLong(), commands);
        long begun = counters.nanoTime();
        store.write(applied.writes(), syncs && applied.writes().promises());
        counters.committed(applied, begun);
        counters.remembers(engine);
        listener.committed(applied.writes(), requests, applied.outcomes(), byCaller);
        return;
      } catch (IOException | RuntimeException | Error e) {
        fail(e);
      }
    }
    counters.failed(requests);
    listener.failed(requests, unavailable(failure.get()), byCaller);
  }

  /** Has everything fail from now on; for want of room, until there is room again. */
  void fail(Throwable cause) {
    Throwable before =
        failure.getAndUpdate(now -> now == null || now instanceof DiskFullException ? cause : now);
    if (before == null && cause instanceof DiskFullException) {
      LOG.warn("{} accepts nothing more until there is room: {}", name, cause.getMessage());
    } else if (before == null || before instanceof DiskFullException && failure.get() == cause) {
      LOG.error("{} accepts nothing more until it is opened again", name, cause);
    }
  }

  /** Tries to go on after a full disk. Does nothing else; to be called from time to time. */
  void retryIfDiskFull() {
    if (failure.get() instanceof DiskFullException) {
      reopeningDue = true;
      // A request without effect, so that a batch is committed by whoever commits batches.
      submit(new Request<>(new LogCommand.Trim(LogPosition.FIRST), 0, false, outcome -> outcome));
    }
  }

  /**
   * Goes on after a full disk, if there is room again: nothing is acknowledged until the store was
   * opened again and nothing that was written is missing. What else it holds is published.
   */
  private void reopen() {
    if (!(failure.get() instanceof DiskFullException full)) {
      return;
    }
    try {
      store.reopen();
      engine = LogEngine.open(store);
      listener.reopened();
      if (failure.compareAndSet(full, null)) {
        LOG.info("{} has room again and goes on", name);
      }
    } catch (DiskFullException e) {
      failure.compareAndSet(full, e); // tells how much is free, and how much is needed
    } catch (IOException | RuntimeException | Error e) {
      fail(e);
    }
  }

  /** Whether each batch that promises something is durable before its callers learn of it. */
  boolean syncs() {
    return syncs;
  }

  /** How many requests wait for their batch. */
  int waiting() {
    return inLine.get();
  }

  /** About the bytes that they hold in memory. */
  long waitingBytes() {
    return waitingBytes.get();
  }

  /** Whether everything fails until there is room. */
  boolean isDiskFull() {
    return failure.get() instanceof DiskFullException;
  }

  /** Whether everything fails until the log is opened again. */
  boolean isBroken() {
    Throwable broken = failure.get();
    return broken != null && !(broken instanceof DiskFullException);
  }

  /** Throws if everything fails. */
  void checkWorks() {
    Throwable broken = failure.get();
    if (broken != null) {
      throw unavailable(broken);
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
      inLine.decrementAndGet();
      request.completeExceptionally(cause);
    }
  }

  private LogUnavailableException unavailable(@Nullable Throwable cause) {
    return new LogUnavailableException(
        name
            + " could not write ("
            + (cause == null ? "unknown cause" : cause.getMessage())
            + "); whether what was under way is durable shows when "
            + (cause instanceof DiskFullException
                ? "there is room again, and it goes on by itself"
                : "it is closed and opened again"),
        cause);
  }
}
