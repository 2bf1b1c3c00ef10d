package dev.milonga.log;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The simplest log that keeps the contract: everything is in memory and gone when the process ends.
 * For tests, and for what need not outlive its process. It keeps every entry until it is trimmed,
 * and for every key ever written the position of its last write, so that conditions are decided
 * exactly for any snapshot.
 *
 * <p>One lock guards all state. An operation takes effect under the lock, in the thread that calls
 * it, and is complete when the call returns; listeners are woken and futures completed after the
 * lock is released. A read of one stream costs a search in that stream's entries; a subscription to
 * one stream likewise, one to several or all streams passes over the log's entries once.
 *
 * <p>Listeners are called on daemon threads of this log, one for each subscription that has entries
 * to deliver at the moment, unless {@linkplain Builder#deliverOn another executor} was given.
 *
 * <p>Several stores may use one such log; they are then clients of the same log. Closing the log
 * closes it for all of them and drops its contents.
 */
public final class InMemoryLog implements SharedLog {

  private static final int DELIVERY_SCAN_MAX = 4_096; // entries passed over under the lock at once

  private final InstantSource clock;
  private final int entryBytesMax;
  private final Executor delivery;
  private final @Nullable ExecutorService ownedDelivery;
  private final ReentrantLock lock = new ReentrantLock();

  // Guarded by the lock. Entries are exactly those in [trimMark, tail).
  private final EntryQueue entries = new EntryQueue();
  private final Sessions sessions;
  private final Set<InMemorySubscription> subscriptions = new LinkedHashSet<>();
  private final Set<InMemorySubscription> subscriptionsToAll = new LinkedHashSet<>();
  private long logTime = Long.MIN_VALUE; // microseconds since 1970-01-01T00:00Z; never goes back

  // The map may be read without the lock. What it maps to is guarded as its class says.
  private final ConcurrentHashMap<StreamId, InMemoryStream> streams = new ConcurrentHashMap<>();

  // Written under the lock and read without it. An append writes its streams' tails first and the
  // log's tail last, so whoever has read the tail sees the streams' tails that belong to it.
  private volatile long tail;
  private volatile long trimMark; // trimMark <= tail
  private volatile boolean closed;

  private final Optional<LocalTails> localTails =
      Optional.of(
          new LocalTails() {
            @Override
            public long tail() {
              return tail;
            }

            @Override
            public StreamTail of(StreamId stream) {
              return stream(stream);
            }
          });

  private InMemoryLog(Builder builder) {
    this.clock = builder.clock;
    this.entryBytesMax = builder.entryBytesMax;
    this.sessions = new Sessions(TimeUnit.MICROSECONDS.convert(builder.sessionTimeout));
    if (builder.delivery == null) {
      this.ownedDelivery = daemonThreads();
      this.delivery = ownedDelivery;
    } else {
      this.ownedDelivery = null;
      this.delivery = builder.delivery;
    }
  }

  /** An empty log with the defaults of {@link #builder()}. */
  public static InMemoryLog create() {
    return builder().build();
  }

  /** A builder of an empty log. */
  public static Builder builder() {
    return new Builder();
  }

  @Override
  public CompletableFuture<SessionId> openSession() {
    long now = clockMicros();
    return locked(() -> sessions.open(advanceLogTime(now)));
  }

  @Override
  public CompletableFuture<LogPosition> append(AppendRequest request) {
    long now = clockMicros();
    LogPosition position;
    List<InMemorySubscription> woken = List.of();
    lock.lock();
    try {
      checkOpen();
      long time = advanceLogTime(now);
      checkSize(request);
      Optional<LogPosition> first =
          request.requestId().flatMap(id -> sessions.firstOutcome(id, request, time));
      if (first.isPresent()) {
        position = first.get();
      } else {
        request.condition().ifPresent(this::checkCondition);
        position = new LogPosition(tail);
        add(
            new LogEntry(
                position,
                time,
                request.writes(),
                request.payload(),
                request.requestId().orElse(null)));
        woken = unpark(request.writes());
      }
    } catch (StoreException refused) {
      return CompletableFuture.failedFuture(refused);
    } finally {
      lock.unlock();
    }
    woken.forEach(this::dispatch);
    return CompletableFuture.completedFuture(position);
  }

  @Override
  public CompletableFuture<LogPosition> tail() {
    return closed ? refusedAsClosed() : done(new LogPosition(tail));
  }

  @Override
  public CompletableFuture<Map<StreamId, LogPosition>> tail(Collection<StreamId> streams) {
    List<StreamId> asked = List.copyOf(streams);
    return locked(
        () -> {
          Map<StreamId, LogPosition> tails = new LinkedHashMap<>();
          for (StreamId id : asked) {
            InMemoryStream stream = this.streams.get(id);
            tails.put(id, stream == null ? LogPosition.FIRST : stream.readableTail());
          }
          return Collections.unmodifiableMap(tails);
        });
  }

  @Override
  public CompletableFuture<ReadBatch> read(StreamId stream, LogPosition from, ReadLimit limit) {
    return locked(
        () -> {
          checkReadable(from);
          return collect(entriesOf(stream), from.value(), limit);
        });
  }

  @Override
  public CompletableFuture<ReadBatch> readAll(LogPosition from, ReadLimit limit) {
    return locked(
        () -> {
          checkReadable(from);
          return collect(entries, from.value(), limit);
        });
  }

  @Override
  public Subscription subscribe(Set<StreamId> streams, LogPosition from, EntryListener listener) {
    if (streams.isEmpty()) {
      throw new IllegalArgumentException(
          "a subscription is to at least one stream; none given (subscribeAll is to all)");
    }
    return start(new InMemorySubscription(this, Set.copyOf(streams), from, listener));
  }

  @Override
  public Subscription subscribeAll(LogPosition from, EntryListener listener) {
    return start(new InMemorySubscription(this, Set.of(), from, listener));
  }

  @Override
  public CompletableFuture<LogPosition> trim(LogPosition before) {
    return locked(
        () -> {
          if (before.value() > tail) {
            throw new IllegalArgumentException(
                "cannot trim before " + before + ", which is beyond the tail " + tail);
          }
          // The mark first: LocalTails and trimMark() may be read meanwhile, and promise less.
          trimMark = Math.max(trimMark, before.value());
          while (entries.size() > 0 && entries.get(0).position().value() < trimMark) {
            LogEntry dropped = entries.removeFirst();
            for (StreamKeys write : dropped.writes()) {
              stream(write.stream()).drop(dropped);
            }
          }
          return new LogPosition(trimMark);
        });
  }

  @Override
  public CompletableFuture<LogPosition> trimMark() {
    return closed ? refusedAsClosed() : done(new LogPosition(trimMark));
  }

  @Override
  public Optional<LocalTails> localTails() {
    return localTails;
  }

  @Override
  public void close() {
    List<InMemorySubscription> woken = new ArrayList<>();
    lock.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      for (InMemorySubscription subscription : subscriptions) {
        unpark(subscription, woken);
      }
    } finally {
      lock.unlock();
    }
    woken.forEach(this::dispatch);
    if (ownedDelivery != null) {
      ownedDelivery.shutdown(); // what was dispatched still runs
    }
  }

  // ---- Appending; all of it under the lock.

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
      stream(write.stream()).add(entry, write.keys());
    }
    entry.requestId().ifPresent(id -> sessions.accepted(id, entry));
    tail = entry.position().value() + 1;
  }

  private long advanceLogTime(long now) {
    logTime = Math.max(logTime, now);
    return logTime;
  }

  // ---- Reading; under the lock.

  private void checkReadable(LogPosition from) {
    if (from.value() < trimMark) {
      throw new TrimmedException(from, new LogPosition(trimMark));
    }
  }

  private EntryQueue entriesOf(StreamId id) {
    InMemoryStream stream = streams.get(id);
    return stream == null ? new EntryQueue() : stream.entries;
  }

  private ReadBatch collect(EntryQueue queue, long from, ReadLimit limit) {
    return collect(queue, from, limit, Integer.MAX_VALUE, entry -> true);
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
        if (taken.size() == limit.entriesMax() || !taken.isEmpty() && bytes > limit.bytesMax()) {
          break;
        }
        taken.add(entry);
      }
    }
    long next = index < queue.size() ? queue.get(index).position().value() : Math.max(from, tail);
    return new ReadBatch(taken, new LogPosition(next));
  }

  // ---- Subscriptions.

  private Subscription start(InMemorySubscription subscription) {
    Optional<TrimmedException> refused = Optional.empty();
    lock.lock();
    try {
      checkOpen();
      if (subscription.next < trimMark) {
        refused =
            Optional.of(
                new TrimmedException(
                    new LogPosition(subscription.next), new LogPosition(trimMark)));
      } else {
        register(subscription);
      }
    } finally {
      lock.unlock();
    }
    refused.ifPresentOrElse(
        cause -> dispatch(subscription, () -> subscription.end(cause)),
        () -> dispatch(subscription));
    return subscription;
  }

  private void register(InMemorySubscription subscription) {
    subscriptions.add(subscription);
    if (subscription.streams.isEmpty()) {
      subscriptionsToAll.add(subscription);
    }
    for (StreamId id : subscription.streams) {
      stream(id).subscriptions.add(subscription);
    }
  }

  /** Stops waking it. */
  void forget(InMemorySubscription subscription) {
    lock.lock();
    try {
      subscriptions.remove(subscription);
      subscriptionsToAll.remove(subscription);
      for (StreamId id : subscription.streams) {
        stream(id).subscriptions.remove(subscription);
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * The next entries of that subscription. Parks it and returns none if nothing is left.
   *
   * @throws TrimmedException if an entry that it had not taken was dropped
   * @throws StoreClosedException if the log is closed
   */
  List<LogEntry> take(InMemorySubscription subscription) {
    while (true) {
      lock.lock();
      try {
        checkOpen();
        checkNothingMissed(subscription);
        ReadBatch batch = collectFor(subscription);
        subscription.next = batch.next().value();
        if (!batch.entries().isEmpty()) {
          return batch.entries();
        }
        if (subscription.next >= tail) {
          subscription.parked = true;
          return List.of();
        }
      } finally {
        lock.unlock();
      }
    }
  }

  private void checkNothingMissed(InMemorySubscription subscription) {
    if (subscription.next >= trimMark) {
      return;
    }
    boolean missed = subscription.streams.isEmpty();
    for (StreamId id : subscription.streams) {
      missed |= stream(id).hasDropped(subscription.next);
    }
    if (missed) {
      throw new TrimmedException(new LogPosition(subscription.next), new LogPosition(trimMark));
    }
  }

  private ReadBatch collectFor(InMemorySubscription subscription) {
    Set<StreamId> wanted = subscription.streams;
    if (wanted.size() == 1) {
      return collect(entriesOf(wanted.iterator().next()), subscription.next, ReadLimit.DEFAULT);
    }
    return collect(
        entries,
        subscription.next,
        ReadLimit.DEFAULT,
        DELIVERY_SCAN_MAX,
        entry -> wanted.isEmpty() || isInAny(entry, wanted));
  }

  private static boolean isInAny(LogEntry entry, Set<StreamId> wanted) {
    for (StreamKeys write : entry.writes()) {
      if (wanted.contains(write.stream())) {
        return true;
      }
    }
    return false;
  }

  /** The parked subscriptions that an entry in those streams concerns, no longer parked. */
  private List<InMemorySubscription> unpark(List<StreamKeys> writes) {
    if (subscriptions.isEmpty()) {
      return List.of();
    }
    List<InMemorySubscription> woken = new ArrayList<>();
    for (InMemorySubscription subscription : subscriptionsToAll) {
      unpark(subscription, woken);
    }
    for (StreamKeys write : writes) {
      for (InMemorySubscription subscription : stream(write.stream()).subscriptions) {
        unpark(subscription, woken);
      }
    }
    return woken;
  }

  private static void unpark(InMemorySubscription subscription, List<InMemorySubscription> woken) {
    if (subscription.parked) {
      subscription.parked = false;
      woken.add(subscription);
    }
  }

  private void dispatch(InMemorySubscription subscription) {
    dispatch(subscription, subscription);
  }

  private void dispatch(InMemorySubscription subscription, Runnable task) {
    try {
      delivery.execute(task);
    } catch (RejectedExecutionException e) {
      // Our own threads refuse only after close(); a listener is never left without an end.
      subscription.end(closed ? new StoreClosedException("the in-memory log") : e);
    }
  }

  private static ExecutorService daemonThreads() {
    return new ThreadPoolExecutor(
        0,
        Integer.MAX_VALUE,
        1,
        TimeUnit.SECONDS,
        new SynchronousQueue<>(),
        task -> {
          Thread thread = new Thread(task, "in-memory-log-delivery");
          thread.setDaemon(true);
          return thread;
        });
  }

  // ---- Common.

  private InMemoryStream stream(StreamId id) {
    InMemoryStream known = streams.get(id);
    return known != null ? known : streams.computeIfAbsent(id, InMemoryStream::new);
  }

  private void checkOpen() {
    if (closed) {
      throw new StoreClosedException("the in-memory log");
    }
  }

  private <T> CompletableFuture<T> locked(Supplier<T> operation) {
    T result;
    lock.lock();
    try {
      checkOpen();
      result = operation.get();
    } catch (StoreException | IllegalArgumentException refused) {
      return CompletableFuture.failedFuture(refused);
    } finally {
      lock.unlock();
    }
    return done(result);
  }

  private static <T> CompletableFuture<T> done(T result) {
    return CompletableFuture.completedFuture(result);
  }

  private static <T> CompletableFuture<T> refusedAsClosed() {
    return CompletableFuture.failedFuture(new StoreClosedException("the in-memory log"));
  }

  private long clockMicros() {
    Instant now = clock.instant();
    return Math.addExact(
        Math.multiplyExact(now.getEpochSecond(), 1_000_000L), now.getNano() / 1_000L);
  }

  /** Collects the options of a log. Not thread-safe. */
  public static final class Builder {

    private InstantSource clock = InstantSource.system();
    private int entryBytesMax = 16 << 20;
    private Duration sessionTimeout = Duration.ofHours(1);
    private @Nullable Executor delivery;

    private Builder() {}

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
      if (entryBytesMax < 1) {
        throw new IllegalArgumentException("entryBytesMax must be >= 1, was " + entryBytesMax);
      }
      this.entryBytesMax = entryBytesMax;
      return this;
    }

    /**
     * Ends a session when it has not been used for longer than that. At least 1 microsecond;
     * default: 1 hour.
     */
    public Builder sessionTimeout(Duration sessionTimeout) {
      if (sessionTimeout.compareTo(Duration.ofNanos(1_000)) < 0) {
        throw new IllegalArgumentException(
            "sessionTimeout must be at least 1 microsecond, was " + sessionTimeout);
      }
      this.sessionTimeout = sessionTimeout;
      return this;
    }

    /**
     * Calls listeners there instead of on threads of the log. The executor must accept tasks as
     * long as the log is open; a subscription whose task it refuses ends with that refusal. A task
     * runs until its subscription has nothing left to deliver. An executor that runs tasks in the
     * calling thread makes appends as slow as the listeners.
     */
    public Builder deliverOn(Executor delivery) {
      this.delivery = delivery;
      return this;
    }

    /** An empty log with those options. */
    public InMemoryLog build() {
      return new InMemoryLog(this);
    }
  }
}
