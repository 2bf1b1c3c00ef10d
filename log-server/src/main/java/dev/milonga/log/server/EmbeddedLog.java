package dev.milonga.log.server;

import dev.milonga.log.AppendRequest;
import dev.milonga.log.DamagedEntryException;
import dev.milonga.log.EntryListener;
import dev.milonga.log.EntryTooLargeException;
import dev.milonga.log.LocalTails;
import dev.milonga.log.LogPosition;
import dev.milonga.log.LogUnavailableException;
import dev.milonga.log.Principal;
import dev.milonga.log.ReadBatch;
import dev.milonga.log.ReadLimit;
import dev.milonga.log.SessionId;
import dev.milonga.log.SharedLog;
import dev.milonga.log.StoreClosedException;
import dev.milonga.log.StreamId;
import dev.milonga.log.StreamKeys;
import dev.milonga.log.Subscription;
import dev.milonga.log.TrimmedException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A durable log in a directory, for the programs of one process.
 *
 * <pre>{@code
 * try (SharedLog log = EmbeddedLog.open(Path.of("data"))) {
 *   LogPosition position = log.append(AppendRequest.of(stream, payload)).join();
 * }
 * }</pre>
 *
 * <p>One thread writes: it takes all requests that wait as one batch, has the {@link LogEngine}
 * decide, syncs once, and only then shows the entries and tells the callers. Several stores of one
 * process may use one such log; a second process, or a second {@code open} of the same directory,
 * is refused.
 *
 * <p><b>When writing fails</b> (an error of fsync), the appends under way fail with {@link
 * LogUnavailableException}, and so does every later one until the log is closed and opened again;
 * what was acknowledged stays readable. When the disk is full it is the same, but the log goes on
 * by itself when there is room: for what the write-ahead log holds (at most about 128 MiB), and 1
 * MiB. An append that failed may turn out to be there then; the same request, sent again, is
 * appended once.
 *
 * <p><b>Overload.</b> No call blocks. When more bytes of appends are waiting than {@link
 * Builder#waitingBytesMax}, further ones fail with {@link dev.milonga.log.LogOverloadedException}.
 *
 * <p><b>Threads.</b> Futures are completed on threads of this log, reads of what is in memory
 * before they are returned. Listeners are called on threads of their own, or on the executor given.
 */
public final class EmbeddedLog implements SharedLog {

  private static final Logger LOG = LoggerFactory.getLogger(EmbeddedLog.class);

  private static final int RECENT_ENTRIES_MAX = 1 << 16;
  private static final int REQUEST_OVERHEAD_BYTES = 256;
  private static final int COMPLETED_BY_WRITER_MAX = 2;
  private static final long SYNC_INTERVAL_MILLIS = 100;
  private static final long MARK_INTERVAL_MILLIS = 500;
  private static final long ROOM_INTERVAL_MILLIS = 250;
  private static final long LISTENERS_END_MILLIS = 5_000;
  private static final long BACKUP_BYTES_PER_SECOND = 16L << 20;
  private static final long BACKUP_PAUSE_NANOS_MAX = 20_000_000; // how long close() may wait for it

  private final String name;
  private final AutoCloseable held; // the store, and the directory where there is one
  private final LogStore store;
  private final PublishedLog published;
  private final LogReader reader;
  private final LogWriter writer;
  private final LogCounters counters;
  private final LogStatistics statistics;
  private final Completions completions = new Completions();
  private final Threads threads;
  private final Executor delivery;
  private final int entryBytesMax;
  private final InstantSource clock;
  private final Set<TailSubscription> subscriptions = ConcurrentHashMap.newKeySet();
  private final Set<TailSubscription> subscriptionsToAll = ConcurrentHashMap.newKeySet();
  private final CopyOnWriteArrayList<Runnable> afterBatches = new CopyOnWriteArrayList<>();
  private final AtomicBoolean closing = new AtomicBoolean();
  private final CountDownLatch closed = new CountDownLatch(1);

  // There is something to give back that could not be yet. Written by who drops, which is one
  // thread at a time.
  private volatile boolean dropDue;

  private EmbeddedLog(
      String name, AutoCloseable held, LogStore store, LogEngine engine, Builder options) {
    this.name = name;
    this.held = held;
    this.store = store;
    this.entryBytesMax = options.entryBytesMax;
    this.clock = options.clock;
    EngineState state = store.state();
    this.published =
        new PublishedLog(
            new RecentEntries(RECENT_ENTRIES_MAX, options.cacheBytesMax, state.tail()), state);
    engine.forEachStream(published::restore);
    this.counters = new LogCounters(options.nanoTime);
    this.reader = new LogReader(published, store, counters);
    boolean syncs = options.durability == Durability.SYNC;
    this.writer =
        new LogWriter(
            name,
            engine,
            store,
            syncs,
            () -> micros(options.clock.instant()),
            options.waitingBytesMax,
            new Publisher(),
            counters);
    this.statistics = new LogStatistics(counters, writer, published, subscriptions);
    this.threads = options.threads.apply(writer, completions);
    this.delivery = options.delivery == null ? threads.listeners() : options.delivery;
    threads.start();
    threads.every(
        MARK_INTERVAL_MILLIS,
        () -> {
          orFail(store::syncMark);
          if (dropDue) {
            drop(published.trimMark());
          }
        });
    threads.every(ROOM_INTERVAL_MILLIS, writer::retryIfDiskFull);
    if (!syncs) {
      threads.every(SYNC_INTERVAL_MILLIS, () -> orFail(store::syncIfBehind));
    }
    if (state.trimMark() > 0) {
      threads.execute(() -> drop(state.trimMark())); // the last process may not have come to it
    }
  }

  /**
   * Opens the log in that directory with the defaults of {@link #builder}, or makes one if the
   * directory is empty or missing.
   *
   * @throws StoreInUseException if it is open already, in this process or another one
   * @throws DamagedStoreException if something that was acknowledged is missing
   * @throws NewerFormatException if it was written by a newer version
   * @throws IllegalArgumentException if the directory has other content
   * @throws LogUnavailableException if the file system refuses
   */
  public static EmbeddedLog open(Path directory) {
    return builder(directory).open();
  }

  /** A builder of a log in that directory. */
  public static Builder builder(Path directory) {
    return new Builder(directory);
  }

  /**
   * The same log for that principal: what is appended through it carries the principal's name
   * ({@link dev.milonga.log.LogEntry#principal}), and a session that is opened through it belongs
   * to the principal. An append under a session is refused with {@link
   * dev.milonga.log.SessionExpiredException}, as if there were none of that number, unless it is
   * made for the principal that opened it; a session opened on this log itself belongs to nobody,
   * and is refused to every principal.
   *
   * <p>It is for a program that has authenticated whom it acts for, as a server has: the name is
   * believed. All who are given one name are one. Closing what is returned ends the subscriptions
   * that were made through it, and has every later call on it fail; this log, and others of the
   * same principal, go on.
   *
   * @param principal 1 to {@value Principal#BYTES_MAX} bytes in UTF-8, without control characters
   * @throws IllegalArgumentException if it is not
   */
  public SharedLog actingFor(String principal) {
    return new ActingLog(this, new Principal(principal));
  }

  /** The identity of the log, drawn when its store was made or restored. */
  public UUID identity() {
    return store.identity();
  }

  /**
   * The largest entry that is accepted, in bytes: of the payload, 16 for each stream and 8 for each
   * conflict key written.
   */
  public int entryBytesMax() {
    return entryBytesMax;
  }

  /** How long a session that is not used is kept, by the time of the log. */
  public Duration sessionTimeout() {
    return Duration.of(store.parameters().sessionTimeoutMicros(), ChronoUnit.MICROS);
  }

  @Override
  public CompletableFuture<SessionId> openSession() {
    return openSession(null);
  }

  CompletableFuture<SessionId> openSession(@Nullable Principal by) {
    return submit(
        new Request<>(
            new LogCommand.OpenSession(by),
            REQUEST_OVERHEAD_BYTES,
            false,
            outcome -> ((Outcome.SessionOpened) outcome).session()));
  }

  @Override
  public CompletableFuture<LogPosition> append(AppendRequest request) {
    return append(request, null);
  }

  CompletableFuture<LogPosition> append(AppendRequest request, @Nullable Principal by) {
    long bytes = size(request);
    return bytes > entryBytesMax ? tooLarge(bytes) : submit(appending(request, by, bytes, false));
  }

  @Override
  public CompletableFuture<LogPosition> appendBlocking(AppendRequest request) {
    return appendBlocking(request, null);
  }

  CompletableFuture<LogPosition> appendBlocking(AppendRequest request, @Nullable Principal by) {
    long bytes = size(request);
    if (bytes > entryBytesMax) {
      return tooLarge(bytes);
    }
    Request<LogPosition> appending = appending(request, by, bytes, true);
    writer.submitAndStep(appending);
    return appending;
  }

  private CompletableFuture<LogPosition> tooLarge(long bytes) {
    counters.tooLarge.increment();
    return CompletableFuture.failedFuture(new EntryTooLargeException(bytes, entryBytesMax));
  }

  private static Request<LogPosition> appending(
      AppendRequest request, @Nullable Principal by, long bytes, boolean waitedFor) {
    return new Request<>(
        new LogCommand.Append(request, by),
        bytes + REQUEST_OVERHEAD_BYTES,
        waitedFor,
        outcome -> ((Outcome.Appended) outcome).position());
  }

  private static long size(AppendRequest request) {
    // Payload, 16 bytes for each stream and 8 for each key: what an entry holds, however stored.
    long bytes = request.payload().size();
    List<StreamKeys> writes = request.writes();
    for (int i = 0; i < writes.size(); i++) {
      bytes += 2L * Long.BYTES + (long) Long.BYTES * writes.get(i).keys().size();
    }
    return bytes;
  }

  private <T> CompletableFuture<T> submit(Request<T> request) {
    writer.submit(request);
    return request;
  }

  @Override
  public CompletableFuture<LogPosition> tail() {
    return now(() -> new LogPosition(published.tail()));
  }

  @Override
  public CompletableFuture<Map<StreamId, LogPosition>> tail(Collection<StreamId> streams) {
    return now(() -> published.tails(streams));
  }

  @Override
  public CompletableFuture<ReadBatch> read(StreamId stream, LogPosition from, ReadLimit limit) {
    return nowOrLater(
        () -> reader.recent(stream, from.value(), limit),
        () -> reader.stored(stream, from.value(), limit));
  }

  @Override
  public CompletableFuture<ReadBatch> readAll(LogPosition from, ReadLimit limit) {
    return nowOrLater(
        () -> reader.recentOfAll(from.value(), limit),
        () -> reader.storedOfAll(from.value(), limit));
  }

  /**
   * Like {@link #read(StreamId, LogPosition, ReadLimit)}, for the entries that are in any of those
   * streams, each once; the limit holds for each stream. Below the trim mark, this fails only if an
   * entry of the streams may have been dropped.
   */
  public CompletableFuture<ReadBatch> read(
      Set<StreamId> streams, LogPosition from, ReadLimit limit) {
    List<StreamId> wanted = List.copyOf(streams);
    return nowOrLater(
        () -> reader.recentUnion(wanted, from.value(), limit),
        () -> reader.readUnion(wanted, from.value(), limit));
  }

  /**
   * Runs the action after each batch of requests, when the tail has moved past what the batch has
   * appended and those who made the requests were told. For those who follow the log and whom a
   * thread of their own would cost too much: the action runs on a thread of the log, and holds up
   * whatever comes next; it must not block, nor throw. Not run any more once the log is closed, for
   * which {@link LocalTails#tail} is to be asked.
   */
  public Subscription afterEachBatch(Runnable action) {
    afterBatches.add(action);
    return () -> afterBatches.remove(action);
  }

  @Override
  public Subscription subscribe(Set<StreamId> streams, LogPosition from, EntryListener listener) {
    return subscribe(streams, from, listener, subscriptions);
  }

  /** Likewise; {@code group} holds the subscription until it ends. */
  TailSubscription subscribe(
      Set<StreamId> streams,
      LogPosition from,
      EntryListener listener,
      Set<TailSubscription> group) {
    if (streams.isEmpty()) {
      throw new IllegalArgumentException(
          "a subscription is to at least one stream; none given (subscribeAll is to all)");
    }
    List<StreamId> wanted = List.copyOf(streams);
    TailSubscription subscription =
        subscription(
            next -> reader.readUnion(wanted, next, ReadLimit.DEFAULT),
            from,
            listener,
            ended -> {
              wanted.forEach(id -> published.of(id).subscriptions().remove(ended));
              group.remove(ended);
            });
    wanted.forEach(id -> published.of(id).subscriptions().add(subscription));
    group.add(subscription);
    return start(subscription, from);
  }

  @Override
  public Subscription subscribeAll(LogPosition from, EntryListener listener) {
    return subscribeAll(from, listener, subscriptions);
  }

  /** Likewise; {@code group} holds the subscription until it ends. */
  TailSubscription subscribeAll(
      LogPosition from, EntryListener listener, Set<TailSubscription> group) {
    TailSubscription subscription =
        subscription(
            next -> reader.readAll(next, ReadLimit.DEFAULT),
            from,
            listener,
            ended -> {
              subscriptionsToAll.remove(ended);
              group.remove(ended);
            });
    subscriptionsToAll.add(subscription);
    group.add(subscription);
    return start(subscription, from);
  }

  private TailSubscription subscription(
      LongFunction<ReadBatch> source,
      LogPosition from,
      EntryListener listener,
      Consumer<TailSubscription> forget) {
    if (closing.get()) {
      throw new StoreClosedException(name);
    }
    return new TailSubscription(
        source,
        from.value(),
        listener,
        delivery,
        ended -> {
          subscriptions.remove(ended);
          forget.accept(ended);
        });
  }

  private TailSubscription start(TailSubscription subscription, LogPosition from) {
    subscriptions.add(subscription);
    long trimMark = published.trimMark();
    if (closing.get()) {
      subscription.end(new StoreClosedException(name)); // close() may have missed it
    } else if (from.value() < trimMark) {
      subscription.end(new TrimmedException(from, new LogPosition(trimMark)));
    } else {
      subscription.wake();
    }
    return subscription;
  }

  @Override
  public CompletableFuture<LogPosition> trim(LogPosition before) {
    long tail = published.tail();
    if (before.value() > tail && !closing.get()) {
      return CompletableFuture.failedFuture(
          new IllegalArgumentException(
              "cannot trim before " + before + ", which is beyond the tail " + tail));
    }
    return submit(
        new Request<>(
            new LogCommand.Trim(before),
            REQUEST_OVERHEAD_BYTES,
            false,
            outcome -> ((Outcome.Trimmed) outcome).mark()));
  }

  @Override
  public CompletableFuture<LogPosition> trimMark() {
    return now(() -> new LogPosition(published.trimMark()));
  }

  @Override
  public Optional<LocalTails> localTails() {
    return Optional.of(published);
  }

  /** What this log has done since it was opened, and how it stands; always the same object. */
  public LogStatistics statistics() {
    return statistics;
  }

  /**
   * Like {@link #backupTo(Path, long)}, with at most 16 MiB a second, which leaves most of a
   * machine to writers.
   */
  public Backup backupTo(Path file) {
    return backupTo(file, BACKUP_BYTES_PER_SECOND);
  }

  /**
   * Copies all that the log holds at one position between now and the return into a new file, of
   * which {@link Backup#restore} makes a store. Writers, readers and trims go on; what is trimmed
   * meanwhile is in the backup all the same, and its room is given back when this returns. Blocks
   * the calling thread; an interrupt ends it.
   *
   * <p>The file gets its name when it is whole and durable; until then it has {@code .partial}
   * after it. Only its owner may read it, where the file system knows owners.
   *
   * @param bytesPerSecondMax how fast to write at most, at least 1; {@link Long#MAX_VALUE} for no
   *     limit
   * @throws IllegalArgumentException if the file exists
   * @throws BackupFailedException if the file cannot be written, or the thread was interrupted;
   *     nothing is left of it
   * @throws DamagedEntryException if an entry in the store is damaged; nothing is left of the file
   * @throws StoreClosedException if the log is closed, before or meanwhile; as above
   * @throws LogUnavailableException if the log has broken down; as above
   */
  public Backup backupTo(Path file, long bytesPerSecondMax) {
    Builder.atLeastOne("bytesPerSecondMax", bytesPerSecondMax);
    Throttle throttle = new Throttle(bytesPerSecondMax, System::nanoTime, this::parkAWhile);
    StoreBackup backup = new StoreBackup("the store in " + name, file, clock.instant());
    checkBackupGoesOn(file);
    try (Storage.Snapshot snapshot = store.snapshot()) {
      long batches = StoreBackup.meta(name, snapshot).state().batches();
      return backup.write(
          snapshot,
          bytes -> {
            checkBackupGoesOn(file);
            throttle.did(bytes);
            while (throttle.pause()) {
              checkBackupGoesOn(file);
            }
          },
          () -> {
            // A backup must not know more than a loss of power leaves in the store.
            while (!writer.syncs() && store.syncedBatches() < batches) {
              parkAWhile(SYNC_INTERVAL_MILLIS * 1_000_000);
              checkBackupGoesOn(file);
            }
          });
    } catch (IOException e) {
      if (closing.get()) {
        throw new StoreClosedException(name);
      }
      throw new LogUnavailableException("reading the store in " + name + " failed", e);
    }
  }

  private void parkAWhile(long nanos) {
    LockSupport.parkNanos(this, Math.min(nanos, BACKUP_PAUSE_NANOS_MAX));
  }

  private void checkBackupGoesOn(Path file) {
    if (closing.get()) {
      throw new StoreClosedException(name);
    }
    if (Thread.currentThread().isInterrupted()) {
      throw new BackupFailedException("the backup to " + file + " was interrupted", null);
    }
    writer.checkWorks();
  }

  /**
   * Ends all subscriptions and releases everything the log holds. Appends under way are completed
   * first. Waits a few seconds for listeners that are being called. Called from within a listener,
   * or from an action that depends on a future of this log, it begins to close and returns at once.
   * Closing twice does nothing.
   */
  @Override
  public void close() {
    if (closing.compareAndSet(false, true)) {
      // On a thread that nobody interrupts: an interrupt would close the files under the last sync.
      threads.startClosing(this::closeNow);
    }
    if (!threads.isOwn(Thread.currentThread())) {
      threads.await(closed);
    }
  }

  private void closeNow() {
    try {
      writer.close();
      threads.awaitWriting();
      StoreClosedException end = new StoreClosedException(name);
      subscriptions.forEach(subscription -> subscription.end(end));
      threads.awaitOthers(LISTENERS_END_MILLIS);
      published.end(); // before the directory is released, and so before another can write
      orFail(store::syncIfBehind);
      orFail(store::syncMark);
      writer.keepMemory();
    } finally {
      try {
        held.close();
      } catch (Exception e) {
        LOG.error("closing {} failed; what was acknowledged is durable", name, e);
      } finally {
        closed.countDown();
      }
    }
  }

  // ---- After a commit, on the thread that has made it.

  private final class Publisher implements LogWriter.BatchListener {

    // Threads that wait are woken here: that is cheap, and they come again for the next batch. What
    // else depends on an outcome is somebody's code, which must not run on the thread of a caller,
    // nor hold up the next batch for long.
    @Override
    public void committed(
        WriteSet writes, List<Request<?>> requests, List<Outcome> outcomes, boolean byCaller) {
      publish(writes);
      boolean done = afterBatches.isEmpty() && !published.isListenedTo(writes, subscriptionsToAll);
      for (int i = 0; i < requests.size(); i++) {
        if (requests.get(i).isWaitedFor()) {
          requests.get(i).settle(outcomes.get(i));
        } else {
          done = false;
        }
      }
      if (!done && !byCaller && requests.size() <= COMPLETED_BY_WRITER_MAX) {
        tell(writes, requests, outcomes);
      } else if (!done) {
        completions.add(() -> tell(writes, requests, outcomes));
      }
    }

    @Override
    public void failed(List<Request<?>> requests, LogUnavailableException cause, boolean byCaller) {
      if (!byCaller) {
        requests.forEach(request -> request.completeExceptionally(cause));
        return;
      }
      requests.stream()
          .filter(Request::isWaitedFor)
          .forEach(request -> request.completeExceptionally(cause));
      completions.add(() -> requests.forEach(request -> request.completeExceptionally(cause)));
    }

    @Override
    public void reopened() {
      WriteSet found = published.unpublished(store);
      publish(found);
      published.wake(found, subscriptionsToAll);
      afterBatches.forEach(Runnable::run);
    }

    private void publish(WriteSet writes) {
      boolean trimmed = writes.state().trimMark() > published.trimMark();
      published.publish(writes);
      if (trimmed) {
        threads.execute(() -> drop(writes.state().trimMark()));
      }
    }
  }

  private void tell(WriteSet writes, List<Request<?>> requests, List<Outcome> outcomes) {
    try {
      for (int i = 0; i < requests.size(); i++) {
        requests.get(i).settle(outcomes.get(i));
      }
      published.wake(writes, subscriptionsToAll);
      afterBatches.forEach(Runnable::run);
    } catch (RuntimeException | Error e) {
      writer.fail(e); // ours or the machine's, but not a caller's: their actions keep their own
      LogUnavailableException unknown = new LogUnavailableException(name + " broke down", e);
      requests.forEach(request -> request.completeExceptionally(unknown));
    }
  }

  private void drop(long before) {
    boolean triedBefore = dropDue;
    dropDue = true;
    if (store.syncedTrimMark() < before) { // only if the writer does not sync
      orFail(store::syncIfBehind);
    }
    if (store.syncedTrimMark() < before) {
      return; // the trim may be taken back
    }
    try {
      dropDue = store.drop(before);
    } catch (IOException e) {
      if (!triedBefore) {
        LOG.warn("{} could not give back what was trimmed, and tries again", name, e);
      }
    }
  }

  /** A step without which nothing more may be promised. */
  private interface DurableStep {
    void run() throws IOException;
  }

  private void orFail(DurableStep step) {
    try {
      step.run();
    } catch (IOException e) {
      writer.fail(e);
    }
  }

  // ---- Reads.

  private <T> CompletableFuture<T> now(Supplier<T> read) {
    if (closing.get()) {
      return CompletableFuture.failedFuture(new StoreClosedException(name));
    }
    return CompletableFuture.completedFuture(read.get());
  }

  private CompletableFuture<ReadBatch> nowOrLater(
      Supplier<Optional<ReadBatch>> recent, Supplier<ReadBatch> stored) {
    if (closing.get()) {
      return CompletableFuture.failedFuture(new StoreClosedException(name));
    }
    try {
      Optional<ReadBatch> batch = recent.get();
      if (batch.isPresent()) {
        return CompletableFuture.completedFuture(batch.get());
      }
    } catch (TrimmedException e) {
      return CompletableFuture.failedFuture(e);
    }
    CompletableFuture<ReadBatch> later = new CompletableFuture<>();
    try {
      threads.readers().execute(() -> complete(later, stored));
    } catch (RejectedExecutionException e) {
      later.completeExceptionally(new StoreClosedException(name));
    }
    return later;
  }

  private static void complete(CompletableFuture<ReadBatch> future, Supplier<ReadBatch> read) {
    try {
      future.complete(read.get());
    } catch (Throwable t) {
      future.completeExceptionally(t); // all of it belongs to who asked
    }
  }

  private static long micros(Instant instant) {
    return Math.addExact(
        Math.multiplyExact(instant.getEpochSecond(), 1_000_000L), instant.getNano() / 1_000L);
  }

  /** Collects the options of a log. Not thread-safe. */
  public static final class Builder {

    private final Path directory;
    private Durability durability = Durability.SYNC;
    private InstantSource clock = InstantSource.system();
    private LongSupplier nanoTime = System::nanoTime;
    private int entryBytesMax = 16 << 20;
    private long cacheBytesMax = 32L << 20;
    private long waitingBytesMax = 128L << 20;
    private int generationWrites = EngineParameters.DEFAULT.generationWrites();
    private @Nullable Duration sessionTimeout;
    private @Nullable Executor delivery;
    private boolean mustExist;
    private BiFunction<LogWriter, Completions, Threads> threads = LogThreads::new;
    private StoreParts parts = StoreParts.FILES;

    private Builder(Path directory) {
      this.directory = directory;
    }

    /** When an append is acknowledged. Default: {@link Durability#SYNC}. */
    public Builder durability(Durability durability) {
      this.durability = durability;
      return this;
    }

    /** Takes the time from there. It may jump; log time never goes back. Default: the system's. */
    public Builder clock(InstantSource clock) {
      this.clock = clock;
      return this;
    }

    /**
     * Refuses entries over that size: the bytes of the payload, plus 16 for each stream and 8 for
     * each conflict key written. At least 1; default: 16 MiB.
     */
    public Builder entryBytesMax(int entryBytesMax) {
      this.entryBytesMax = (int) atLeastOne("entryBytesMax", entryBytesMax);
      return this;
    }

    /** Keeps up to that many bytes of the newest entries in memory. At least 1; default: 32 MiB. */
    public Builder cacheBytesMax(long cacheBytesMax) {
      this.cacheBytesMax = atLeastOne("cacheBytesMax", cacheBytesMax);
      return this;
    }

    /**
     * Refuses appends with {@link dev.milonga.log.LogOverloadedException} while appends of that
     * many bytes are waiting to be written; one alone is always taken. At least 1; default: 128
     * MiB.
     */
    public Builder waitingBytesMax(long waitingBytesMax) {
      this.waitingBytesMax = atLeastOne("waitingBytesMax", waitingBytesMax);
      return this;
    }

    /**
     * Ends a session when it has not been used for longer than that, by the clock: more than this
     * may ever be wrong. Fixed when a log is made; one that exists keeps its own. At least 1
     * microsecond; default: 24 hours.
     */
    public Builder sessionTimeout(Duration sessionTimeout) {
      atLeastOne("microseconds of sessionTimeout", TimeUnit.MICROSECONDS.convert(sessionTimeout));
      this.sessionTimeout = sessionTimeout;
      return this;
    }

    /**
     * Calls listeners there instead of on threads of the log. The executor must accept tasks as
     * long as the log is open; a subscription whose task it refuses ends with that refusal. An
     * executor that runs tasks in the calling thread makes appends as slow as the listeners.
     */
    public Builder deliverOn(Executor delivery) {
      this.delivery = delivery;
      return this;
    }

    /**
     * Refuses a directory without a log, and leaves it as it is, instead of making a log there. For
     * programs that only look. Default: a log is made.
     */
    public Builder mustExist() {
      this.mustExist = true;
      return this;
    }

    /** After how many writes a generation of the conflict index ends, for tests. */
    Builder generationWrites(int generationWrites) {
      this.generationWrites = generationWrites;
      return this;
    }

    /** Who does the work of the log, for simulations. */
    Builder threads(BiFunction<LogWriter, Completions, Threads> threads) {
      this.threads = threads;
      return this;
    }

    /** How long a step takes is measured there, in nanoseconds, for tests. */
    Builder nanoTime(LongSupplier nanoTime) {
      this.nanoTime = nanoTime;
      return this;
    }

    /** What the store is made of, for tests. */
    Builder parts(StoreParts parts) {
      this.parts = parts;
      return this;
    }

    /**
     * Opens the log, or makes it if the directory is empty or missing.
     *
     * @throws StoreInUseException if it is open already, in this process or another one
     * @throws DamagedStoreException if something that was acknowledged is missing
     * @throws NewerFormatException if it was written by a newer version
     * @throws IllegalArgumentException if the directory has other content, or none though the log
     *     {@linkplain #mustExist must exist}
     * @throws LogUnavailableException if the file system refuses
     */
    public EmbeddedLog open() {
      if (mustExist && !StoreDirectory.holdsStore(directory)) {
        throw new IllegalArgumentException("there is no store in " + directory);
      }
      StoreDirectory opened = StoreDirectory.open(directory, parts, parameters(), clock.instant());
      EmbeddedLog log = over(directory.toString(), opened, opened.store());
      log.threads.every(MARK_INTERVAL_MILLIS, opened::keepPrivate);
      return log;
    }

    /** Opens the log that is held in that store, which it closes when it is closed. */
    EmbeddedLog over(String name, AutoCloseable held, LogStore store) {
      try {
        warnOfOtherTimeout(name, store.parameters());
        return new EmbeddedLog(name, held, store, engine(name, store), this);
      } catch (RuntimeException | Error e) {
        try {
          held.close();
        } catch (Exception suppressed) {
          e.addSuppressed(suppressed);
        }
        throw e;
      }
    }

    private static LogEngine engine(String name, LogStore store) {
      try {
        return LogEngine.open(store);
      } catch (DamagedEntryException e) {
        throw new DamagedStoreException(name, e.getMessage(), e);
      } catch (LogUnavailableException e) {
        if (e.getCause() instanceof DamagedFilesException damaged) {
          throw new DamagedStoreException(name, e.getMessage(), damaged);
        }
        throw e;
      }
    }

    private EngineParameters parameters() {
      long timeoutMicros =
          sessionTimeout == null
              ? EngineParameters.DEFAULT.sessionTimeoutMicros()
              : TimeUnit.MICROSECONDS.convert(sessionTimeout);
      return new EngineParameters(generationWrites, timeoutMicros);
    }

    private void warnOfOtherTimeout(String name, EngineParameters stored) {
      if (sessionTimeout != null
          && parameters().sessionTimeoutMicros() != stored.sessionTimeoutMicros()) {
        LOG.warn(
            "{} was made with a session time-out of {} microseconds and keeps it; {} was asked for",
            name,
            stored.sessionTimeoutMicros(),
            sessionTimeout);
      }
    }

    private static long atLeastOne(String what, long value) {
      if (value < 1) {
        throw new IllegalArgumentException(what + " must be >= 1, was " + value);
      }
      return value;
    }
  }
}
