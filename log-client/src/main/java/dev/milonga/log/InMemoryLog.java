package dev.milonga.log;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
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
 * closes it for all of them, and its contents are lost.
 */
public final class InMemoryLog implements SharedLog {

  private final InstantSource clock;
  private final Executor delivery;
  private final @Nullable ExecutorService ownedDelivery;
  private final ReentrantLock lock = new ReentrantLock();

  private final InMemoryState state; // guarded by the lock as its class says
  private final Optional<LocalTails> localTails;

  // Guarded by the lock. Those to particular streams are also noted in their streams.
  private final Set<InMemorySubscription> subscriptions = new LinkedHashSet<>();
  private final Set<InMemorySubscription> subscriptionsToAll = new LinkedHashSet<>();

  private volatile boolean closed; // goes to true once, under the lock

  private InMemoryLog(Builder builder) {
    this.clock = builder.clock;
    this.state =
        new InMemoryState(
            builder.entryBytesMax,
            new Sessions(TimeUnit.MICROSECONDS.convert(builder.sessionTimeout)));
    this.localTails = Optional.of(state);
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
    return locked(() -> state.openSession(now));
  }

  @Override
  public CompletableFuture<LogPosition> append(AppendRequest request) {
    long now = clockMicros();
    LogPosition position;
    List<InMemorySubscription> woken = List.of();
    lock.lock();
    try {
      checkOpen();
      long tail = state.tail();
      position = state.append(request, now);
      if (state.tail() > tail) {
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
    return closed ? refusedAsClosed() : done(new LogPosition(state.tail()));
  }

  @Override
  public CompletableFuture<Map<StreamId, LogPosition>> tail(Collection<StreamId> streams) {
    List<StreamId> asked = List.copyOf(streams);
    return locked(() -> state.tails(asked));
  }

  @Override
  public CompletableFuture<ReadBatch> read(StreamId stream, LogPosition from, ReadLimit limit) {
    return locked(() -> state.read(stream, from, limit));
  }

  @Override
  public CompletableFuture<ReadBatch> readAll(LogPosition from, ReadLimit limit) {
    return locked(() -> state.readAll(from, limit));
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
    return locked(() -> state.trim(before));
  }

  @Override
  public CompletableFuture<LogPosition> trimMark() {
    return closed ? refusedAsClosed() : done(new LogPosition(state.trimMark()));
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

  private Subscription start(InMemorySubscription subscription) {
    Runnable task = subscription;
    lock.lock();
    try {
      checkOpen();
      state.checkReadable(new LogPosition(subscription.next));
      register(subscription);
    } catch (TrimmedException trimmed) {
      task = () -> subscription.end(trimmed);
    } finally {
      lock.unlock();
    }
    dispatch(subscription, task);
    return subscription;
  }

  private void register(InMemorySubscription subscription) {
    subscriptions.add(subscription);
    if (subscription.streams.isEmpty()) {
      subscriptionsToAll.add(subscription);
    }
    for (StreamId id : subscription.streams) {
      state.of(id).subscriptions.add(subscription);
    }
  }

  /** Stops waking it. */
  void forget(InMemorySubscription subscription) {
    lock.lock();
    try {
      subscriptions.remove(subscription);
      subscriptionsToAll.remove(subscription);
      for (StreamId id : subscription.streams) {
        state.of(id).subscriptions.remove(subscription);
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
        ReadBatch batch = state.readFor(subscription.streams, subscription.next);
        subscription.next = batch.next().value();
        if (!batch.entries().isEmpty()) {
          return batch.entries();
        }
        if (subscription.next >= state.tail()) {
          subscription.parked = true;
          return List.of();
        }
      } finally {
        lock.unlock();
      }
    }
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
      for (InMemorySubscription subscription : state.of(write.stream()).subscriptions) {
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
    } catch (RejectedExecutionException refused) {
      // Our own threads refuse only after close(); a listener is never left without an end.
      subscription.end(closed ? new StoreClosedException("the in-memory log") : refused);
    } catch (Throwable t) {
      // No thread left, or a broken executor. Whoever called has appended and must learn that.
      subscription.end(t);
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
    private Duration sessionTimeout = Duration.ofHours(24);
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
     * Ends a session when it has not been used for longer than that, by the clock of the log: more
     * than this may ever be wrong. At least 1 microsecond; default: 24 hours.
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
