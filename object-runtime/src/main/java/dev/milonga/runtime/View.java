package dev.milonga.runtime;

import com.google.protobuf.ByteString;
import dev.milonga.annotations.Deterministic;
import dev.milonga.log.LocalTails;
import dev.milonga.log.LogEntry;
import dev.milonga.log.LogPosition;
import dev.milonga.log.LogUnavailableException;
import dev.milonga.log.ReadBatch;
import dev.milonga.log.ReadLimit;
import dev.milonga.log.SharedLog;
import dev.milonga.log.StoreException;
import dev.milonga.log.StreamId;
import dev.milonga.log.TrimmedException;
import dev.milonga.runtime.record.Call;
import dev.milonga.runtime.record.Header;
import dev.milonga.runtime.record.Record;
import dev.milonga.runtime.record.Skip;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiFunction;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Local state of one object as of a position of the log (Tango §3.1). It changes only by applying
 * the records of the object's stream in log order, which every replica does alike:
 *
 * <ol>
 *   <li>An entry is decoded. One that cannot be halts the view, unless there is an order that it is
 *       to be skipped.
 *   <li>Each call of the entry that is one of this object's is applied. What the mutator returns or
 *       throws is the outcome of that call, here and on every other replica; if the call was made
 *       by this client, whoever waits for it gets the outcome.
 *   <li>The new state is published together with the position up to which it stands.
 * </ol>
 *
 * <p>Every view passes over what is ordered to be skipped, also one that could apply it: or
 * replicas that differ in what they can decode would differ for ever. An order is therefore in a
 * stream of its own as well, which a view reads before it applies anything. One that has applied
 * the entry before the order came halts when it comes to the order; what replays from the start
 * then passes over the entry.
 *
 * <p>Any thread that needs a newer state brings it about itself, under {@link #applying}; there is
 * no thread of the view's own.
 *
 * @param <T> the class of the object
 */
abstract sealed class View<T> permits PlainView, VersionedView {

  private static final Logger LOG = LoggerFactory.getLogger(View.class);

  // As many entries as are applied between two moments at which readers get their turn.
  private static final ReadLimit BATCH = ReadLimit.DEFAULT;

  // Of a lock that is mostly held for as long as it takes to apply a few entries.
  private static final int TURNS_BEFORE_WAITING = 32;

  private final String name;
  private final StreamId stream;
  final BoundType<T> type;
  private final SharedLog log;
  private final Waiting waiting;
  private final StoredCheckpoints checkpoints;
  private final @Nullable LocalTails localTails;
  private final LocalTails.@Nullable StreamTail streamTail; // null iff localTails is

  // Calls of this client under way, by request number. An entry is looked up by whoever applies it.
  private final ConcurrentHashMap<Long, PendingCall> pending = new ConcurrentHashMap<>();

  // Calls with a future that have been applied; completed by any thread that does not hold the
  // lock.
  private final ConcurrentLinkedQueue<PendingCall> settled = new ConcurrentLinkedQueue<>();

  // Held while records are read and applied. User code runs under it, but only mutators, which can
  // call nothing that would take it again (ApplyScope); reading the log never needs it.
  private final ReentrantLock applying = new ReentrantLock();
  private final ApplyContext context = new ApplyContext(); // guarded by applying

  // Positions to pass over, as far as the stream of orders was read. Only grows; added to under
  // applying, read by anyone.
  private final Set<Long> skipped = ConcurrentHashMap.newKeySet();
  private long ordersReadUpTo; // guarded by applying
  private boolean past; // written before the view is shared
  private long bytesTaken; // see there; guarded by applying
  private boolean ordersRead; // for the first time; guarded by applying
  private volatile boolean begun; // whether a checkpoint was looked for; set once, under applying

  // Up to where calls of this client wait for their application; only ever raised.
  private final AtomicLong wanted = new AtomicLong();
  // Whether a background task is bringing the view up to wanted.
  private final AtomicBoolean catchingUp = new AtomicBoolean();

  // Below it entries may not have been applied one by one, but be in a checkpoint that was loaded.
  // Written under applying, before upTo is.
  private volatile long passedOverUpTo;

  // Written under applying, read by anyone: null, or why the view stands still.
  private volatile @Nullable Halt halt;
  // A halt of which no log line tells yet. Set under applying, taken by whoever has released it.
  private final AtomicReference<@Nullable Untold> untold = new AtomicReference<>();

  // For those who watch. The last two are written under applying, all are read by anyone.
  private final LongAdder syncs = new LongAdder();
  private volatile long entriesApplied;
  private volatile long reloads;

  View(
      String name,
      StreamId stream,
      BoundType<T> type,
      SharedLog log,
      Waiting waiting,
      StoredCheckpoints checkpoints) {
    this.name = name;
    this.stream = stream;
    this.type = type;
    this.log = log;
    this.waiting = waiting;
    this.checkpoints = checkpoints;
    this.localTails = log.localTails().orElse(null);
    this.streamTail = localTails == null ? null : localTails.of(stream);
  }

  /** A view of the kind that the class needs, in the state before the first entry. */
  static <T> View<T> of(
      String name,
      StreamId stream,
      BoundType<T> type,
      SharedLog log,
      Waiting waiting,
      StoredCheckpoints checkpoints,
      OpenSnapshots snapshots) {
    return type.model().versioned()
        ? new VersionedView<>(name, stream, type, log, waiting, checkpoints, snapshots)
        : new PlainView<>(name, stream, type, log, waiting, checkpoints);
  }

  /** Every entry of the stream below this position has been applied. Never decreases. */
  abstract long upTo();

  /**
   * Begins a run of applications; the thread holds {@link #applying}. Nothing has begun if it
   * throws.
   */
  abstract void beginApplying(Deadline deadline);

  /** Applies one call to the state that is being made. */
  abstract @Nullable Object apply(BoundMutator mutator, @Nullable Object[] arguments)
      throws Throwable;

  /**
   * Makes the state of a block, whose entry is being applied, the one that is being made, if
   * applying its calls would give the same; whether it has.
   */
  abstract boolean takeOver(StateFork<T> fork);

  /** Notes that all calls of the entry at that position have been applied, or passed over. */
  abstract void entryApplied(long position);

  /** Takes a state that stands for everything below {@code upTo} for the one that is being made. */
  abstract void become(T other, long upTo);

  /** Makes the state that was made the current one, as of {@code upTo}. */
  abstract void publish(long upTo);

  /**
   * Runs an accessor against the state after every entry below {@code snapshot} and none at or
   * above it.
   *
   * @throws StaleSnapshotException if the view does not have that state
   */
  abstract @Nullable Object readAt(
      long snapshot, BoundAccessor accessor, @Nullable Object[] arguments) throws Throwable;

  /** A private copy of that same state; throws likewise. */
  abstract T forkAt(long snapshot);

  /** What the next call on a private copy is applied to: the copy itself, or a fork of it. */
  abstract T forkForCall(T fork);

  /** Runs an accessor against the current state, whatever position that stands for. */
  abstract @Nullable Object read(BoundAccessor accessor, @Nullable Object[] arguments)
      throws Throwable;

  /**
   * Refuses if this process has failed in the middle of an entry, so that a single instance holds
   * half of it. To be called under the lock that guards it: the halt is set before that is
   * released.
   */
  final void ensureWhole() {
    Halt standing = halt;
    if (standing != null && !standing.skippable) {
      throw standing.exception(name, StoreException.Durable.NOTHING);
    }
  }

  /** The current state itself, for whoever has this view to themselves. */
  abstract T state();

  final String name() {
    return name;
  }

  final StreamId stream() {
    return stream;
  }

  /**
   * Whether the view, whose state stands for everything below {@code upTo}, covers everything that
   * was acknowledged before this call. The tail is read after the call began, and the stream's tail
   * after the log's: the stream's then counts every entry of this stream below the log's. A log
   * that was trimmed and opened again may know of no entry, so a view that has never looked cannot
   * tell by the stream's tail.
   */
  final boolean isUpToDate(long upTo) {
    LocalTails tails = localTails;
    return tails != null
        && (upTo >= tails.tail() || upTo > 0 && upTo >= castNonNull(streamTail).value());
  }

  /** Brings the view up to the tail that the log has after this call began. */
  final void syncToTail() {
    if (isUpToDate(upTo())) {
      return;
    }
    syncs.increment();
    Deadline deadline = waiting.begin();
    LocalTails tails = localTails;
    syncTo(tails != null ? tails.tail() : deadline.await(log.tail()).value(), deadline);
  }

  /** {@link #syncTo(long, Deadline)} for a call that begins now. */
  final void syncTo(long target) {
    if (upTo() < target) {
      syncTo(target, waiting.begin());
    }
  }

  /**
   * Brings the view up to {@code target}: every entry of the stream below it is applied.
   *
   * @throws ViewHaltedException if one of them cannot be
   */
  final void syncTo(long target, Deadline deadline) {
    syncTo(target, Long.MAX_VALUE, deadline);
  }

  /** Brings the view up to {@code target} like {@link #syncTo}, and no further by itself. */
  final void syncExactlyTo(long target) {
    if (upTo() < target) {
      syncTo(target, target, waiting.begin());
    }
  }

  private void syncTo(long target, long limit, Deadline deadline) {
    if (upTo() >= target || !lockUnlessThere(target, deadline)) {
      return;
    }
    try {
      while (upTo() < target) {
        passOverWhatIsEmpty(deadline);
        begin(limit, deadline);
        if (!ordersRead) {
          readOrders(deadline);
          ordersRead = true;
        }
        if (halt != null && !healed(limit, deadline)) {
          throw castNonNull(halt).exception(name, StoreException.Durable.NOTHING);
        }
        if (upTo() < target) {
          applyFrom(upTo(), limit, deadline);
        }
      }
    } finally {
      applying.unlock();
      tellOfHalt();
      completeSettled();
      failPassedOver();
    }
  }

  private void tellOfHalt() {
    if (untold.get() == null) {
      return;
    }
    Untold halted = untold.getAndSet(null);
    if (halted != null) {
      halted.context.run(
          () ->
              LOG.warn(
                  "the view of \"{}\" stands still before position {}: {}",
                  name,
                  halted.halt.position,
                  halted.halt.reason));
    }
  }

  // A log that is far away is asked once what there is beside the stream itself, instead of reading
  // one after the other what mostly is empty.
  private void passOverWhatIsEmpty(Deadline deadline) {
    if (begun || ordersRead || localTails != null) {
      return;
    }
    StreamId ends = CheckpointFormat.endsOf(stream);
    StreamId orders = RecordFormat.skipsOf(stream);
    Map<StreamId, LogPosition> tails = deadline.await(log.tail(List.of(ends, orders)));
    ordersRead = tails.getOrDefault(orders, LogPosition.FIRST).equals(LogPosition.FIRST);
    begun = tails.getOrDefault(ends, LogPosition.FIRST).equals(LogPosition.FIRST);
  }

  // Before the first entry is applied.
  private void begin(long limit, Deadline deadline) {
    if (!begun) {
      loadCheckpoint(limit, deadline);
      begun = true;
    }
  }

  private void applyFrom(long from, long limit, Deadline deadline) {
    ReadBatch batch;
    try {
      batch = readFrom(from, deadline);
    } catch (TrimmedException e) {
      if (!loadCheckpoint(limit, deadline) && !passEmptyPart(e, limit, deadline)) {
        throw e;
      }
      return;
    }
    applyBatch(batch, limit, deadline);
  }

  // Goes on from the newest checkpoint, if that is further than the view, and below the limit if
  // there is one; whether there was one.
  private boolean loadCheckpoint(long limit, Deadline deadline) {
    Optional<StoredCheckpoints.Loaded<T>> loaded =
        CallScopes.call(
            ApplyScope.INSTANCE, () -> checkpoints.load(this, upTo(), limit, past, deadline));
    loaded.ifPresent(
        found -> {
          beginApplying(deadline);
          become(found.state(), found.upTo());
          passedOverUpTo = found.upTo();
          bytesTaken = found.bytes();
          halt = null;
          reloads++;
          publish(found.upTo());
        });
    return loaded.isPresent();
  }

  // Passes over the part of the log that was trimmed, where the object cannot have had any entry.
  private boolean passEmptyPart(TrimmedException trimmed, long limit, Deadline deadline) {
    boolean isEmpty = checkpoints.isEmptyBelow(stream, trimmed.trimMark(), deadline);
    if (isEmpty) {
      beginApplying(deadline);
      publish(Math.min(trimmed.trimMark().value(), limit));
    }
    return isEmpty;
  }

  /**
   * Makes this a view of the past, before anybody else has it: it begins with that state of about
   * so many bytes, unless a checkpoint is nearer to the limit that it is brought up to, and never
   * goes beyond a limit.
   */
  final void beginInThePast(@Nullable T state, long upTo, long bytes) {
    past = true;
    bytesTaken = bytes;
    if (state != null) {
      Deadline deadline = waiting.begin();
      deadline.lock(applying, "the view of \"" + name + "\"");
      try {
        beginApplying(deadline);
        become(state, upTo);
        publish(upTo);
      } finally {
        applying.unlock();
      }
    }
  }

  /**
   * How large the state may be: the bytes of the checkpoint that it began with, and of all entries
   * applied since. Of a view that nobody moves any more.
   */
  final long bytesTaken() {
    return bytesTaken;
  }

  /** Refuses to tell the outcome of a call of this client that was never applied here. */
  final void ensureNotPassedOver(PendingCall call, long position) {
    if (!call.isSettled() && position < passedOverUpTo) {
      throw passedOver();
    }
  }

  private void failPassedOver() {
    long before = passedOverUpTo;
    if (before > 0 && !pending.isEmpty() && !applying.isHeldByCurrentThread()) {
      failWaiting(call -> call.isAwaitedBelow(before), this::passedOver);
    }
  }

  private OutcomeLostException passedOver() {
    return new OutcomeLostException(name);
  }

  // Continuations of the futures are user code, and so run outside the lock, and outside of the
  // block that this thread may be in: they are none of it.
  private void completeSettled() {
    if (settled.isEmpty() || applying.isHeldByCurrentThread()) {
      return; // whoever has the view stand still comes here again
    }
    CallScopes.outside(
        () -> {
          for (PendingCall call = settled.poll(); call != null; call = settled.poll()) {
            call.completeFuture();
          }
          return true;
        });
  }

  /** Runs an action during which nothing but the action itself applies anything to this view. */
  final <R> R standingStill(Supplier<R> action) {
    waiting.begin().lock(applying, "the view of \"" + name + "\"");
    try {
      return action.get();
    } finally {
      applying.unlock();
      completeSettled();
      failPassedOver();
    }
  }

  // Takes the lock, unless whoever holds it brings the view there meanwhile.
  private boolean lockUnlessThere(long target, Deadline deadline) {
    for (int turn = 0; turn < TURNS_BEFORE_WAITING; turn++) {
      if (applying.tryLock()) {
        return true;
      }
      if (upTo() >= target) {
        return false;
      }
      Thread.yield(); // to who is applying, and will be done before a wait would have begun
    }
    long seen = upTo();
    while (!deadline.tryLock(applying)) {
      long now = upTo();
      if (now >= target) {
        return false;
      }
      if (now == seen) {
        throw deadline.late("the view of \"" + name + "\"");
      }
      seen = now;
      deadline.extend();
    }
    return true;
  }

  private ReadBatch readFrom(long from, Deadline deadline) {
    return read(stream, from, deadline);
  }

  private ReadBatch read(StreamId which, long from, Deadline deadline) {
    return deadline.await(log.read(which, new LogPosition(from), BATCH));
  }

  private void applyBatch(ReadBatch batch, long limit, Deadline deadline) {
    long before = upTo();
    long next = CallScopes.call(ApplyScope.INSTANCE, () -> applyAll(batch, limit, deadline));
    if (next == before && halt == null) {
      throw new AssertionError(
          "reading stream " + stream + " from " + before + " below the tail got nowhere");
    }
  }

  // Applies the entries of the batch that are below the limit.
  private long applyAll(ReadBatch batch, long limit, Deadline deadline) {
    beginApplying(deadline);
    Deterministic.Binding binding = Deterministic.bind(context);
    long next = upTo();
    int applied = 0;
    try {
      for (LogEntry entry : batch.entries()) {
        if (entry.position().value() >= limit) {
          break;
        }
        applyEntry(entry, deadline);
        entryApplied(entry.position().value());
        applied++;
        bytesTaken += entry.payload().size();
        next = entry.position().value() + 1;
      }
      next = Math.min(batch.next().value(), limit);
    } catch (Halting e) {
      halt = e.halt;
      if (!past) {
        untold.set(new Untold(e.halt, LogContext.of(name).at(batch.entries().get(applied))));
      }
    } finally {
      entriesApplied += applied;
      publish(next); // whatever stopped it, the state stands for all below next
      binding.close();
    }
    return next;
  }

  private void applyEntry(LogEntry entry, Deadline deadline) {
    long position = entry.position().value();
    if (skipped.contains(position)) {
      passOver(entry);
      return;
    }
    PendingCall waiting = pendingCall(entry);
    if (waiting != null && takesOver(waiting)) {
      waiting.returned(null);
      return;
    }
    List<DecodedCall> calls;
    try {
      List<DecodedCall> made = waiting == null ? null : waiting.made(entry);
      calls = made != null ? made : read(entry);
    } catch (DecodingException e) {
      readOrders(deadline);
      if (skipped.contains(position)) {
        passOver(entry);
        return;
      }
      throw new Halting(new Halt(position, e.getMessage(), e, true));
    }
    for (DecodedCall call : calls) {
      context.enter(call.moment(), call.index());
      applyCall(call, position, waiting);
    }
    settleFuture(waiting);
  }

  @SuppressWarnings("unchecked") // a fork is one of its own view's state
  private boolean takesOver(PendingCall waiting) {
    StateFork<?> fork = waiting.fork();
    return fork != null && fork.view() == this && takeOver((StateFork<T>) fork);
  }

  // The caller of an entry that was ordered to be skipped before it was applied here.
  private void passOver(LogEntry entry) {
    PendingCall waiting = pendingCall(entry);
    if (waiting != null) {
      waiting.threw(
          new ViewHaltedException(
              name,
              entry.position(),
              "the call's own entry was ordered to be skipped, and has no effect",
              StoreException.Durable.NOTHING,
              null));
      settleFuture(waiting);
    }
  }

  private void settleFuture(@Nullable PendingCall waiting) {
    if (waiting != null && waiting.hasFuture()) {
      forget(waiting);
      settled.add(waiting);
    }
  }

  private void applyCall(DecodedCall call, long position, @Nullable PendingCall waiting) {
    try {
      Object returned = apply(call.mutator(), call.arguments());
      if (waiting != null) {
        settle(waiting, call.mutator(), returned);
      }
    } catch (VirtualMachineError | LinkageError e) {
      // Not a function of the log: another replica may well succeed, so this one must not go on.
      throw new Halting(
          new Halt(
              position,
              call.mutator().label() + " failed in this process: " + e + ". Reopen the store",
              e,
              false));
    } catch (Throwable e) {
      if (waiting != null) {
        waiting.threw(e);
      }
    }
  }

  // The call has taken effect; only its result may turn out to be one that no caller can be given.
  private static void settle(PendingCall waiting, BoundMutator mutator, @Nullable Object returned) {
    Object detached;
    try {
      detached = mutator.detach(returned);
    } catch (EncodingException e) {
      waiting.threw(
          new IllegalStateException(
              mutator.label() + " took effect, but what it returned cannot be handed out", e));
      return;
    }
    waiting.returned(detached);
  }

  private @Nullable PendingCall pendingCall(LogEntry entry) {
    if (pending.isEmpty()) {
      return null;
    }
    return entry
        .requestId()
        .map(
            id -> {
              PendingCall call = pending.get(id.sequence());
              return call != null && call.session.equals(id.session()) ? call : null;
            })
        .orElse(null);
  }

  private List<DecodedCall> read(LogEntry entry) {
    Record record = RecordFormat.parse(entry.payload());
    ensureNothingAppliedIsSkipped(record, entry.position().value());
    return decode(record, entry);
  }

  private List<DecodedCall> decode(Record record, LogEntry entry) {
    List<DecodedCall> calls = new ArrayList<>(record.getCallsCount());
    ApplyContext.Moment moment = RecordFormat.moment(record, entry);
    for (int i = 0; i < record.getCallsCount(); i++) {
      Call call = record.getCalls(i);
      if (RecordFormat.isFor(call, stream)) {
        calls.add(decode(call, i, moment));
      }
    }
    return calls;
  }

  private DecodedCall decode(Call call, int index, ApplyContext.Moment moment) {
    BoundMutator mutator = type.mutatorNamed(call.getMutator());
    if (mutator == null) {
      throw new DecodingException(
          "the entry calls the mutator \""
              + call.getMutator()
              + "\", which "
              + type.model().rawClass().getName()
              + " does not have. It was written by another version of the class: deploy one that"
              + " has it, or an alias for it",
          null);
    }
    if (call.getCodec() != type.codec().id()) {
      throw new DecodingException(
          "the arguments of \""
              + call.getMutator()
              + "\" were encoded by codec "
              + call.getCodec()
              + "; this store was opened with codec "
              + type.codec().id(),
          null);
    }
    ByteString arguments = call.getArguments();
    return new DecodedCall(index, moment, mutator, mutator.decode(arguments.toByteArray()));
  }

  // Whether the entry that halted the view is to be skipped by now; then the view goes on.
  private boolean healed(long limit, Deadline deadline) {
    Halt standing = castNonNull(halt);
    if (standing.skippable) {
      readOrders(deadline);
      if (skipped.contains(standing.position)) {
        halt = null;
        return true;
      }
      return loadCheckpoint(limit, deadline); // of a client that could apply the entry
    }
    return false;
  }

  // Reads the orders to skip entries that have come since it was called last.
  private void readOrders(Deadline deadline) {
    StreamId orders = RecordFormat.skipsOf(stream);
    while (true) {
      try {
        ReadBatch batch = read(orders, ordersReadUpTo, deadline);
        batch.entries().forEach(entry -> skipped.addAll(RecordFormat.skipsIn(entry)));
        ordersReadUpTo = batch.next().value();
        if (batch.entries().isEmpty()) {
          return;
        }
      } catch (TrimmedException e) {
        // An order comes after its entry: those that were dropped concern what was dropped as well.
        ordersReadUpTo = e.trimMark().value();
      }
    }
  }

  private void ensureNothingAppliedIsSkipped(Record record, long position) {
    for (Skip skip : record.getSkipsList()) {
      if (!skipped.contains(skip.getPosition())) {
        throw new Halting(
            new Halt(
                position,
                "the entry at "
                    + skip.getPosition()
                    + ", which could not be applied elsewhere and was applied here, is to be"
                    + " skipped ("
                    + skip.getReason()
                    + "). Reopen the store, so that it is not applied here either",
                null,
                false));
      }
    }
  }

  /**
   * Looks for a checkpoint, unless that was done, before a call of this client is made: one that is
   * loaded afterwards could cover the call, and then nobody would apply it.
   */
  final void begin() {
    if (!begun) {
      Deadline deadline = waiting.begin();
      deadline.lock(applying, "the view of \"" + name + "\"");
      try {
        begin(Long.MAX_VALUE, deadline);
      } finally {
        applying.unlock();
      }
    }
  }

  /**
   * Announces a call of this client, before its entry is appended. Does not fail: the call has its
   * request number, which whoever took it has to give back.
   */
  final void expect(PendingCall call) {
    pending.put(call.sequence, call);
  }

  /** Ends the wait for a call. */
  final void forget(PendingCall call) {
    pending.remove(call.sequence, call);
  }

  /**
   * Brings the view up to {@code target} on a thread of {@code executor}, for calls of this client
   * whose entries are acknowledged and whose futures wait for their application. If that fails, the
   * futures learn why.
   */
  final void catchUpTo(long target, Executor executor) {
    if (upTo() >= target) {
      failPassedOver();
      return; // whoever brought it there completes the futures
    }
    wanted.accumulateAndGet(target, Math::max);
    if (catchingUp.compareAndSet(false, true)) {
      try {
        executor.execute(this::catchUp);
      } catch (RejectedExecutionException e) {
        catchingUp.set(false);
        failAcknowledged(
            new LogUnavailableException("the store was closed before the outcome was known", e));
      }
    }
  }

  /** Why the view stands still, as the exception that a call gets; empty if it does not. */
  final Optional<ViewHaltedException> halted(StoreException.Durable durable) {
    Halt standing = halt;
    return standing == null ? Optional.empty() : Optional.of(standing.exception(name, durable));
  }

  /** Reads that found the view behind. */
  final long syncs() {
    return syncs.sum();
  }

  /** Entries applied, one by one. */
  final long entriesApplied() {
    return entriesApplied;
  }

  /** How often the view went on from a checkpoint. */
  final long reloads() {
    return reloads;
  }

  final boolean isHalted() {
    return halt != null;
  }

  /** Calls whose future is not complete. */
  final long asyncInFlight() {
    return pending.isEmpty() ? 0 : pending.values().stream().filter(PendingCall::hasFuture).count();
  }

  /**
   * How far the view is behind the end of its stream, in positions; where that is not known, behind
   * the tail that is. 0 when the log is closed.
   */
  final long lag(long knownTail) {
    LocalTails.StreamTail tail = streamTail;
    long end = tail == null ? knownTail : tail.value();
    return end == Long.MAX_VALUE ? 0 : Math.max(0, end - upTo());
  }

  private void catchUp() {
    do {
      try {
        long target;
        do {
          target = wanted.get();
          syncTo(target);
        } while (wanted.get() > target);
      } catch (Throwable e) {
        failAcknowledged(e);
      } finally {
        catchingUp.set(false);
      }
      // A caller that raised wanted while catchingUp was still set has not started a task. If the
      // view is not there because of a failure, only such a caller is a reason to try again.
    } while (wanted.get() > upTo() && isAwaited() && catchingUp.compareAndSet(false, true));
  }

  private boolean isAwaited() {
    return pending.values().stream().anyMatch(PendingCall::isAwaitedInTheLog);
  }

  // The entries are in the log; only their outcomes cannot be told here.
  private void failAcknowledged(Throwable cause) {
    Throwable told =
        cause instanceof ViewHaltedException
            ? halted(StoreException.Durable.ALL).map(Throwable.class::cast).orElse(cause)
            : cause;
    failWaiting(PendingCall::isAwaitedInTheLog, () -> told);
  }

  /** Fails the futures of those calls that have one and have not been applied. */
  final void failWaiting(Predicate<PendingCall> which, Supplier<? extends Throwable> cause) {
    for (PendingCall call : pending.values()) {
      if (call.hasFuture() && which.test(call)) {
        forget(call);
        call.fail(cause.get());
      }
    }
  }

  /** The entries of the object's stream at positions in {@code [from, to)}. */
  final Stream<LogEntry> entries(LogPosition from, LogPosition to) {
    return StreamReader.read(log, waiting, stream, from, to);
  }

  /**
   * The calls in an entry that are this object's, with their arguments decoded; none if the entry
   * is skipped.
   */
  final List<Change> describe(LogEntry entry) {
    return eachCall(entry, (record, call) -> change(entry, record.getHeader(), call));
  }

  /** Those same calls, with arguments that nobody else has. */
  final List<DecodedCall> calls(LogEntry entry) {
    return eachCall(entry, (record, call) -> call);
  }

  private <R> List<R> eachCall(LogEntry entry, BiFunction<Record, DecodedCall, R> made) {
    long position = entry.position().value();
    if (skipped.contains(position)) {
      return List.of();
    }
    try {
      Record record = RecordFormat.parse(entry.payload());
      return decode(record, entry).stream().map(call -> made.apply(record, call)).toList();
    } catch (DecodingException e) {
      if (isSkippedByNow(position)) {
        return List.of();
      }
      throw new Halt(position, e.getMessage(), e, true)
          .exception(name, StoreException.Durable.NOTHING);
    }
  }

  private boolean isSkippedByNow(long position) {
    Deadline deadline = waiting.begin();
    deadline.lock(applying, "the view of \"" + name + "\"");
    try {
      readOrders(deadline);
    } finally {
      applying.unlock();
    }
    return skipped.contains(position);
  }

  private Change change(LogEntry entry, Header header, DecodedCall call) {
    MutatorMethod mutator = call.mutator().model();
    List<Change.Argument> arguments = new ArrayList<>();
    for (int i = 0; i < call.arguments().length; i++) {
      arguments.add(new Change.Argument(mutator.parameterNames().get(i), call.arguments()[i]));
    }
    return new Change(
        entry.position(),
        entry.time(),
        name,
        mutator.name(),
        arguments,
        RecordFormat.principal(entry, header),
        RecordFormat.nonEmpty(header.getApplicationVersion()),
        RecordFormat.nonEmpty(header.getRequestId()),
        RecordFormat.nonEmpty(header.getTraceParent()));
  }

  private static <V> V castNonNull(@Nullable V value) {
    if (value == null) {
      throw new AssertionError("null where the state of the view rules it out");
    }
    return value;
  }

  // A half-applied entry cannot be passed over: that takes a fresh view.
  private record Halt(
      long position, @Nullable String reason, @Nullable Throwable cause, boolean skippable) {
    ViewHaltedException exception(String object, StoreException.Durable durable) {
      return new ViewHaltedException(
          object, new LogPosition(position), String.valueOf(reason), durable, cause);
    }
  }

  private record Untold(Halt halt, LogContext context) {}

  // Leaves the application of a batch at the entry that cannot be applied.
  private static final class Halting extends RuntimeException {
    final Halt halt;

    Halting(Halt halt) {
      super(null, null, false, false);
      this.halt = halt;
    }
  }
}
