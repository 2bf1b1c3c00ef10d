package dev.milonga.runtime;

import dev.milonga.log.AppendCondition;
import dev.milonga.log.AppendRequest;
import dev.milonga.log.ConflictException;
import dev.milonga.log.ConflictKeys;
import dev.milonga.log.EntryListener;
import dev.milonga.log.LogEntry;
import dev.milonga.log.LogPosition;
import dev.milonga.log.Payload;
import dev.milonga.log.SharedLog;
import dev.milonga.log.StoreException;
import dev.milonga.log.StreamId;
import dev.milonga.log.StreamKeys;
import dev.milonga.log.Subscription;
import dev.milonga.runtime.record.Header;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One client of a shared log: opens replicated objects and carries out the calls on them.
 *
 * <p>A mutator appends its call to the object's stream, waits until the object's local view has
 * applied that very entry, and returns or throws what the application returned or threw (Tango
 * §3.1). An accessor brings the view up to the tail that the log has after the call began, and
 * runs.
 *
 * <p>Several runtimes can share one log; each is a client of its own. Thread-safe.
 */
public final class ObjectRuntime implements AutoCloseable {

  private final SharedLog log;
  private final Codec codec;
  private final TypeBinding types;
  private final Headers headers;
  private final Waiting waiting;
  private final Calls calls;
  private final OpenSnapshots snapshots = new OpenSnapshots();
  private final OpenSnapshots pasts = new OpenSnapshots(); // of blocks that keep no versions
  private volatile @Nullable BlockRunner blocks; // written once, before objects are opened
  private final StoredCheckpoints checkpoints;
  private final Directory directory;
  private final TrimLedger ledger;
  private final PastViews pastViews;
  private final RuntimeStatistics statistics;

  // Every object that this client has open, by name. Only ever grows while the runtime is open.
  private final ConcurrentHashMap<String, Opened> objects = new ConcurrentHashMap<>();

  private ObjectRuntime(Builder builder) {
    this.log = builder.log;
    this.codec = builder.codec;
    this.headers = new Headers(builder.header.build(), builder.requestId, builder.traceParent);
    this.types = builder.types != null ? builder.types : new TypeBinding(builder.codec);
    this.waiting = new Waiting(builder.callTimeout, builder.environment);
    this.calls = new Calls(log, codec, headers, waiting);
    this.directory = ownObject(Directory.NAME, Directory.STREAM, Directory.class, Directory::new);
    this.ledger = ownObject(TrimLedger.NAME, TrimLedger.STREAM, TrimLedger.class, TrimLedger::new);
    this.checkpoints =
        new StoredCheckpoints(
            log,
            waiting,
            fingerprint -> CallScopes.outside(() -> directory.schema(fingerprint)),
            () -> CallScopes.outside(ledger::mark));
    this.pastViews = new PastViews(log, object -> freshView(object), checkpoints, waiting);
    this.statistics = new RuntimeStatistics(calls, snapshots, this::openViews);
  }

  // An object that every log has, and that knows of no other.
  private <T> T ownObject(String name, StreamId stream, Class<T> type, Supplier<T> fresh) {
    BoundType<T> bound = types.bind(TypeToken.of(type), Optional.of(fresh));
    View<T> view =
        View.of(
            name, stream, bound, log, waiting, StoredCheckpoints.alone(log, waiting), snapshots);
    return ProxyClasses.newProxy(bound, new ObjectHandle<>(this, view));
  }

  private <T> View<T> freshView(ObjectHandle<T> object) {
    return view(object.name(), object.stream(), object.view().type);
  }

  /** A builder of a client of that log. */
  public static Builder builder(SharedLog log) {
    return new Builder(log);
  }

  /**
   * Opens the object of that name, or creates it. The class needs a constructor without parameters,
   * which makes the state that the object has before its first mutation.
   *
   * <p>Opening a name again returns the same proxy.
   *
   * @throws IncompatibleTypeException if the class cannot be a replicated object, listing every
   *     reason, or if the name belongs to an object of another type; nothing was created
   */
  public <T> T open(TypeToken<T> type, String name) {
    return open(type, name, Optional.empty());
  }

  /**
   * Like {@link #open(TypeToken, String)}, with {@code fresh} making the state that the object has
   * before its first mutation. It is called once per view, and must make the same state in every
   * process, for ever: it is not recorded in the log.
   */
  public <T> T open(TypeToken<T> type, String name, Supplier<? extends T> fresh) {
    return open(type, name, Optional.of(fresh));
  }

  private <T> T open(TypeToken<T> type, String name, Optional<Supplier<? extends T>> fresh) {
    ensureOpen();
    checkName(name);
    ensureNoScope("open");
    Opened known = objects.get(name);
    if (known == null) {
      known = openFirst(type, name, fresh);
    }
    return known.as(type, name);
  }

  private <T> Opened openFirst(
      TypeToken<T> token, String name, Optional<Supplier<? extends T>> fresh) {
    BoundType<T> type = types.bind(token, fresh);
    register(name, type.model());
    ObjectHandle<T> handle = new ObjectHandle<>(this, view(name, StreamId.named(name), type));
    Opened mine = new Opened(token, handle, ProxyClasses.newProxy(type, handle));
    Opened first = objects.putIfAbsent(name, mine);
    if (calls.isClosed()) {
      handle.close(); // close() may have looked for handles before this one was there
    }
    return first != null ? first : mine;
  }

  private <T> View<T> view(String name, StreamId stream, BoundType<T> type) {
    return View.of(name, stream, type, log, waiting, checkpoints, snapshots);
  }

  private void register(String name, ReplicatedType<?> type) {
    Registration wanted = Registration.of(name, type);
    Registration standing = standing(() -> directory.find(name)).orElse(null);
    boolean schemaKnown = standing(() -> directory.schema(type.fingerprint())).isPresent();
    if (standing == null || !schemaKnown) {
      standing = directory.open(wanted, type.aliases(), type.schema());
    }
    if (!Directory.isSameType(standing, wanted, type.aliases())) {
      throw new IncompatibleTypeException(
          "object \"" + name + "\"",
          List.of(
              "it exists and is a "
                  + standing.describedType()
                  + ", not a "
                  + wanted.describedType()
                  + ". Open it as what it is, or choose another name"));
    }
  }

  // What the directory has once, it has for ever: only for what is not known here the log is asked.
  private static <R> Optional<R> standing(Supplier<Optional<R>> look) {
    Optional<R> here = CallScopes.call(ReadScope.block(Consistency.local()), look);
    return here.isPresent() ? here : look.get();
  }

  private static void checkName(String name) {
    Objects.requireNonNull(name, "the name of the object is null");
    if (name.isBlank() || name.length() > 1_000) {
      throw new IllegalArgumentException(
          "the name of an object has 1 to 1,000 characters and is not blank, was \"" + name + "\"");
    }
  }

  /**
   * Makes the one call of a mutator or accessor in the lambda without waiting for it. Calls made
   * one after the other on one thread take effect in that order.
   *
   * <p>The lambda only names a call of a mutator: inside it the call returns {@code null} or zero,
   * and what it really returned completes the stage. A lambda that calls accessors is run once more
   * on a thread of this client, and its result completes the stage. Where {@code call} returns
   * without having called a replicated object, its result completes the stage as it is. What makes
   * the call impossible from the start, such as an argument that cannot be encoded, is thrown here;
   * everything else completes the stage exceptionally, with what the call itself would have thrown.
   *
   * <p>Actions that depend on the stage may run on the thread that applies records; they must not
   * block. Give them an executor if they do.
   *
   * @throws IllegalStateException if the lambda makes a second call besides one of a mutator, or
   *     makes something else of its result, or if this is called inside a transaction or another
   *     block; nothing was done
   */
  public <R extends @Nullable Object> CompletionStage<R> async(Supplier<R> call) {
    ensureOpen();
    ensureNoScope("async");
    CaptureScope scope = new CaptureScope();
    R direct = null;
    RuntimeException thrown = null;
    try {
      direct = CallScopes.call(scope, call);
    } catch (RuntimeException e) {
      thrown = e;
    }
    CaptureScope.Captured captured = scope.captured();
    if (captured != null && captured.mutator() == null) {
      // Whatever the lambda made of the empty answer, it runs again on the real one.
      ensureMine(captured);
      return calls.async(() -> CallScopes.call(ReadScope.async(), call));
    }
    if (thrown != null) {
      throw thrown;
    }
    if (captured == null) {
      return CompletableFuture.completedFuture(direct);
    }
    ensureMine(captured);
    return write(captured, captured.mutator(), direct);
  }

  private void ensureMine(CaptureScope.Captured captured) {
    if (captured.object().runtime() != this) {
      throw new IllegalStateException(
          captured.label() + " belongs to another store; call async on that one");
    }
  }

  private <R extends @Nullable Object> CompletionStage<R> write(
      CaptureScope.Captured captured, BoundMutator mutator, @Nullable Object direct) {
    Class<?> returned = mutator.model().method().getReturnType();
    Object empty = ObjectHandle.zero(returned);
    // Nothing is to be had of the call, or the lambda has dropped it.
    boolean ofItsOwn = returned == void.class || direct == null && empty != null;
    if (!ofItsOwn && !Objects.equals(direct, empty)) {
      throw new IllegalStateException(
          "the lambda makes "
              + direct
              + " of what "
              + captured.label()
              + " returns, which is not known yet. Nothing was done. Let the lambda return the"
              + " call's result as it is, and make something of it in a dependent action");
    }
    CompletableFuture<@Nullable Object> outcome =
        calls.writeAsync(captured.object().view(), mutator, captured.arguments());
    return typed(ofItsOwn ? completing(outcome, direct) : outcome);
  }

  // Unlike thenApply, it hands on a failure as it is.
  private static CompletionStage<@Nullable Object> completing(
      CompletableFuture<@Nullable Object> outcome, @Nullable Object value) {
    CompletableFuture<@Nullable Object> result = new CompletableFuture<>();
    outcome.whenComplete(
        (done, failure) -> {
          if (failure != null) {
            result.completeExceptionally(failure);
          } else {
            result.complete(value);
          }
        });
    return result;
  }

  // The stage completes with what the method that the lambda ends in returned, which is an R.
  @SuppressWarnings("unchecked")
  private static <R extends @Nullable Object> CompletionStage<R> typed(CompletionStage<?> stage) {
    return (CompletionStage<R>) stage;
  }

  /**
   * Runs a block whose accessors read with that consistency. Mutators are refused in it.
   *
   * @throws IllegalStateException if called inside a transaction or another block
   */
  public <R extends @Nullable Object> R read(Consistency consistency, Supplier<R> block) {
    ensureOpen();
    ensureNoScope("read");
    return CallScopes.call(ReadScope.block(consistency), block);
  }

  /**
   * Runs a block whose accessors see every object as it was when the entry at {@code position} had
   * been applied, and nothing after it. Mutators are refused in it.
   *
   * @throws IllegalArgumentException if the position was not written yet
   * @throws dev.milonga.log.TrimmedException out of the block, if an object cannot be read so far
   *     back; it tells from where on it can
   * @throws IllegalStateException if called inside a transaction or another block
   */
  public <R extends @Nullable Object> R at(LogPosition position, Supplier<R> block) {
    ensureOpen();
    ensureNoScope("at");
    LogPosition tail = calls.tail();
    if (position.compareTo(tail) >= 0) {
      throw new IllegalArgumentException(
          "a block was to see position "
              + position
              + ", and the log ends before "
              + tail
              + ". Only what has been written can be seen");
    }
    return inThePast(position.value() + 1, block);
  }

  /**
   * Like {@link #at(LogPosition, Supplier)}, at the last entry that the log has accepted at that
   * moment or before; before the first entry, objects are as new.
   *
   * @throws IllegalArgumentException if the moment has not come yet
   * @throws dev.milonga.log.TrimmedException if the log does not tell any more what was then
   */
  public <R extends @Nullable Object> R at(Instant moment, Supplier<R> block) {
    ensureOpen();
    ensureNoScope("at");
    long upTo = new Moments(log, waiting, waiting.environment().clock()).firstAfter(moment).value();
    return inThePast(upTo, block);
  }

  private <R extends @Nullable Object> R inThePast(long upTo, Supplier<R> block) {
    int slot = pasts.open(upTo);
    try {
      return CallScopes.call(new PastScope(this, pastViews, upTo), block);
    } finally {
      if (slot >= 0) {
        pasts.close(slot);
      }
    }
  }

  /**
   * How an object differs between two moments, and the calls that have made it so.
   *
   * @param replicated a proxy that this runtime has opened
   * @param from the earlier moment: when the entry at that position had been applied
   * @param to the later one, likewise
   * @throws IllegalArgumentException if {@code from} comes after {@code to}, or {@code to} was not
   *     written yet
   * @throws dev.milonga.log.TrimmedException if the object cannot be read so far back
   */
  public Difference diff(Object replicated, LogPosition from, LogPosition to) {
    ObjectHandle<?> object = handle(replicated);
    if (from.compareTo(to) > 0) {
      throw new IllegalArgumentException("from " + from + " comes after to " + to);
    }
    Map<String, String> before = at(from, () -> outline(object, from));
    Map<String, String> after = at(to, () -> outline(object, to));
    List<Change> changes =
        StreamReader.read(log, waiting, object.stream(), from.next(), to.next())
            .flatMap(entry -> object.view().describe(entry).stream())
            .toList();
    return new Difference(from, to, StateOutline.compare(before, after), changes);
  }

  private Map<String, String> outline(ObjectHandle<?> object, LogPosition position) {
    return outline(pastViews.at(object, position.value() + 1));
  }

  private static <T> Map<String, String> outline(View<T> view) {
    return StateOutline.of(view.type, view.state());
  }

  /** Position of this client's latest acknowledged write; empty if it has not written yet. */
  public Optional<LogPosition> position() {
    return calls.position();
  }

  /**
   * The calls that have changed an object, oldest first, from the trim mark to the tail that the
   * log has now. They are read as the stream advances.
   *
   * @param replicated a proxy that this runtime has opened
   */
  public Stream<Change> history(Object replicated) {
    ensureOpen();
    View<?> view = handle(replicated).view();
    LogPosition from = waiting.await(log.trimMark());
    LogPosition to = waiting.await(log.tail());
    return StreamReader.read(log, waiting, view.stream(), from, to)
        .flatMap(entry -> changes(view, entry).stream());
  }

  /**
   * Delivers every change of an object from {@code from} on, past ones first, and goes on as the
   * log grows.
   *
   * @param replicated a proxy that this runtime has opened
   * @param from the first position to deliver; one beyond the tail is waited for
   */
  public Subscription onChange(Object replicated, LogPosition from, ChangeListener listener) {
    ensureOpen();
    View<?> view = handle(replicated).view();
    return log.subscribe(Set.of(view.stream()), from, new Delivery(view, listener));
  }

  /** Like {@link #onChange(Object, LogPosition, ChangeListener)}, from the present tail on. */
  public Subscription onChange(Object replicated, ChangeListener listener) {
    ensureOpen();
    return onChange(replicated, waiting.await(log.tail()), listener);
  }

  /**
   * Like {@link #onChange(Object, LogPosition, ChangeListener)}, entry by entry: with all changes
   * that one entry makes to the object.
   */
  public Subscription onEntry(
      Object replicated,
      LogPosition from,
      Consumer<List<Change>> entries,
      Consumer<Throwable> end) {
    ensureOpen();
    View<?> view = handle(replicated).view();
    return log.subscribe(
        Set.of(view.stream()),
        from,
        new EntryListener() {
          @Override
          public void onEntries(List<LogEntry> batch) {
            for (LogEntry entry : batch) {
              entries.accept(changes(view, entry));
            }
          }

          @Override
          public void onEnd(Throwable cause) {
            end.accept(cause);
          }
        });
  }

  private static List<Change> changes(View<?> view, LogEntry entry) {
    return view.describe(entry);
  }

  /**
   * Orders every view of an object to pass over the entry at {@code position}, which cannot be
   * applied here. An act of repair: the entry's effect is given up on every replica, now and for
   * ever. A client that could apply the entry, and has done so, halts the object in its turn until
   * its store is reopened.
   *
   * @param replicated a proxy that this runtime has opened
   * @param position the entry at which the object is halted
   * @param reason why, for the history
   * @return the position of the order
   */
  public LogPosition skip(Object replicated, LogPosition position, String reason) {
    ensureOpen();
    View<?> view = handle(replicated).view();
    ViewHaltedException halted =
        view.halted(StoreException.Durable.NOTHING)
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "object \"" + view.name() + "\" is not halted; nothing is to be skipped"));
    if (!halted.position().equals(position)) {
      throw new IllegalArgumentException(
          "object \""
              + view.name()
              + "\" is halted at position "
              + halted.position()
              + ", not at "
              + position);
    }
    Payload payload = RecordFormat.skip(headers.ofCall(), position.value(), reason);
    while (true) {
      LogPosition snapshot = waiting.await(log.tail());
      ensureInNoCheckpoint(view, position);
      StreamKeys ends = StreamKeys.whole(CheckpointFormat.endsOf(view.stream()));
      try {
        return waiting.await(
            log.append(
                AppendRequest.builder(payload)
                    .write(StreamKeys.whole(view.stream()))
                    .write(StreamKeys.whole(RecordFormat.skipsOf(view.stream())))
                    .condition(new AppendCondition(snapshot, List.of(ends)))
                    .build()));
      } catch (ConflictException e) {
        // A checkpoint was completed meanwhile, and may hold the entry's effect.
      }
    }
  }

  private void ensureInNoCheckpoint(View<?> view, LogPosition position) {
    for (Checkpoint each : checkpoints.of(view.stream(), waiting.begin())) {
      if (each.upTo().compareTo(position) > 0) {
        throw new IllegalArgumentException(
            "the entry at "
                + position
                + " was applied by another client, and a checkpoint of \""
                + view.name()
                + "\" up to "
                + each.upTo()
                + " holds its effect: it cannot be skipped any more. Deploy a version of the class"
                + " that can read that checkpoint");
      }
    }
  }

  /** Every object in the log, by name. */
  public List<Registration> registrations() {
    ensureOpen();
    return directory.objects();
  }

  /** A snapshot for a block on objects of this client; it stands nowhere yet. To be closed. */
  public HeldSnapshot holdSnapshot() {
    return new HeldSnapshot(this, snapshots);
  }

  /**
   * The oldest state that an open block of this client may ask for, a transaction or a block in the
   * past: that after every entry below the position. Empty if no block is open. Of very many blocks
   * that are open at a time, some may not count.
   */
  public Optional<LogPosition> oldestBlock() {
    long oldest = Math.min(snapshots.oldest(), pasts.oldest());
    return oldest == OpenSnapshots.NONE ? Optional.empty() : Optional.of(new LogPosition(oldest));
  }

  /** How many versions of objects are kept at this moment beside the current ones. */
  public long versionsKept() {
    return statistics.versionsKept();
  }

  /** What this client has done, and how its objects stand; always the same object. */
  public RuntimeStatistics statistics() {
    return statistics;
  }

  private Collection<View<?>> openViews() {
    List<View<?>> views = new ArrayList<>(objects.size());
    objects.values().forEach(opened -> views.add(opened.handle().view()));
    return views;
  }

  OpenSnapshots openSnapshots() {
    return snapshots;
  }

  /** The tail of the log as this client knows it without asking: never beyond the real one. */
  public LogPosition knownTail() {
    ensureOpen();
    return calls.knownTail();
  }

  /** What a future of the log completes with, within the time that one call may wait. */
  public <V> V await(CompletableFuture<V> future) {
    return waiting.await(future);
  }

  /** The trim mark: the oldest entry that can be read. */
  public LogPosition trimMark() {
    ensureOpen();
    return waiting.await(log.trimMark());
  }

  /** The tail that the log has after this call began. */
  public LogPosition tail() {
    ensureOpen();
    return calls.tail();
  }

  /**
   * Appends all those calls as one entry, if what was read still stands.
   *
   * @param forks private states of objects, each with all those calls of the object applied, as far
   *     as there are any; not to be used any more afterwards
   * @param condition what was read; empty if nothing was
   * @param timeMicros the time that the calls have seen, in microseconds since 1970-01-01T00:00Z
   * @param seed the seed of the randomness that they have seen
   * @return the position of the entry
   * @throws dev.milonga.log.ConflictException if something that was read has been written; nothing
   *     is durable
   */
  public LogPosition commit(
      List<EncodedCall> commit,
      Collection<StateFork<?>> forks,
      Optional<AppendCondition> condition,
      long timeMicros,
      long seed) {
    ensureOpen();
    return calls.commit(commit, forks, condition, new ApplyContext.Moment(timeMicros, seed));
  }

  /** The changes that the entry at {@code position} makes to an object. */
  public List<Change> changesAt(ObjectHandle<?> object, LogPosition position) {
    ensureOpen();
    return StreamReader.read(log, waiting, object.stream(), position, position.next())
        .flatMap(entry -> object.view().describe(entry).stream())
        .toList();
  }

  /**
   * The first entry of a stream in {@code [from, to)} that writes any of those keys.
   *
   * @throws dev.milonga.log.TrimmedException if the range is no longer there to be looked at
   */
  public Optional<LogEntry> firstWrite(
      StreamId stream, ConflictKeys keys, LogPosition from, LogPosition to) {
    return StreamReader.read(log, waiting, stream, from, to)
        .filter(
            entry ->
                entry.writes().stream()
                    .anyMatch(
                        write -> write.stream().equals(stream) && write.keys().overlaps(keys)))
        .findFirst();
  }

  /**
   * Says who runs the bodies of transactional methods of this client's objects. Called once, before
   * objects are opened.
   */
  public void runBlocksWith(BlockRunner runner) {
    blocks = runner;
  }

  BlockRunner blocks() {
    BlockRunner runner = blocks;
    if (runner == null) {
      throw new IllegalStateException(
          "a @Transactional method was called on a client without transactions");
    }
    return runner;
  }

  /** The name of every object that the log has, those of our own included, by its stream. */
  public Map<StreamId, String> names() {
    Map<StreamId, String> names = new LinkedHashMap<>();
    names.put(Directory.STREAM, Directory.NAME);
    names.put(TrimLedger.STREAM, TrimLedger.NAME);
    registrations().forEach(each -> names.put(StreamId.named(each.name()), each.name()));
    return names;
  }

  /**
   * Takes the states of all objects as of the present tail, to be written as checkpoints.
   *
   * @param gently whether they are to be written so that others who write find the log free for
   *     most of the time; else as fast as can be
   */
  public StoreSnapshot storeSnapshot(boolean gently) {
    ensureOpen();
    ensureNoScope("a checkpoint");
    Map<StreamId, ObjectHandle<?>> open = new HashMap<>();
    for (Object own : List.of(directory, ledger)) {
      open.put(handle(own).stream(), handle(own));
    }
    objects.values().forEach(each -> open.put(each.handle().stream(), each.handle()));
    return StoreSnapshot.take(
        log, waiting, headers.constant(), checkpoints, snapshots, names(), open, gently);
  }

  /**
   * Brings every open object up to {@code target}, so that none of them has to be loaded anew, and
   * no call of this client goes without its outcome, when the log is trimmed there. Objects that
   * stand still stay where they are.
   */
  public void catchUp(LogPosition target) {
    ensureOpen();
    for (Opened each : objects.values()) {
      try {
        each.handle().view().syncTo(target.value());
      } catch (ViewHaltedException e) {
        // Whoever calls it learns of it.
      }
    }
  }

  /** The checkpoints of all objects that can be loaded, in the order of their ends. */
  public List<Checkpoint> checkpoints() {
    ensureOpen();
    return checkpoints.ofAll(waiting.begin());
  }

  /**
   * Whether no change of an object was dropped when the log was trimmed to {@code mark}: it was
   * written later for the first time, if at all.
   */
  public boolean isWhole(Object replicated, LogPosition mark) {
    ensureOpen();
    return checkpoints.isEmptyBelow(handle(replicated).stream(), mark, waiting.begin());
  }

  /** The first entry of a stream that is still there; empty if there is none. */
  public Optional<LogPosition> firstEntry(StreamId stream) {
    return StreamReader.read(
            log, waiting, stream, waiting.await(log.trimMark()), waiting.await(log.tail()))
        .findFirst()
        .map(LogEntry::position);
  }

  /** What everybody who trims this log agrees on. For the store's own modules. */
  public TrimLedger trimLedger() {
    return ledger;
  }

  List<Schema> schemas() {
    return directory.schemas();
  }

  Schema directorySchema() {
    return ((Proxied) directory).milongaHandle().view().type.model().schema();
  }

  /** Where this runtime takes time, chance and threads from. */
  public Environment environment() {
    return waiting.environment();
  }

  /** The log that this runtime is a client of. */
  public SharedLog log() {
    return log;
  }

  Calls calls() {
    return calls;
  }

  /** Ends this client. The log stays open. Closing twice does nothing. */
  @Override
  public void close() {
    calls.close();
    objects.values().forEach(opened -> opened.handle().close());
  }

  private ObjectHandle<?> handle(Object replicated) {
    if (!(replicated instanceof Proxied proxy)) {
      throw new IllegalArgumentException(
          "an object of "
              + replicated.getClass().getName()
              + " was given; a replicated object is needed, as opening it returned it");
    }
    if (proxy.milongaHandle().runtime() != this) {
      throw new IllegalArgumentException(
          proxy.milongaHandle() + " was opened by another store; ask that one");
    }
    return proxy.milongaHandle();
  }

  private void ensureOpen() {
    calls.ensureOpen();
  }

  /**
   * Refuses a call that must not be part of a block. For the store's own modules.
   *
   * @throws IllegalStateException if this thread is inside a mutator or a block
   */
  public static void ensureNoScope(String call) {
    CallScope scope = CallScopes.current();
    if (scope != null) {
      throw new IllegalStateException(
          call + " was called inside a mutator, a transaction or another block; call it outside");
    }
  }

  /** An object that is open: its proxy, and the type it was opened as. */
  private record Opened(TypeToken<?> token, ObjectHandle<?> handle, Object proxy) {

    @SuppressWarnings("unchecked") // the tokens are equal
    <T> T as(TypeToken<T> asked, String name) {
      if (!token.equals(asked)) {
        throw new IncompatibleTypeException(
            "object \"" + name + "\"",
            List.of("this store has it open as " + token + ", and it was asked for as " + asked));
      }
      return (T) proxy;
    }
  }

  /** Hands the entries of a stream to a listener, call by call. */
  private record Delivery(View<?> view, ChangeListener listener) implements EntryListener {

    @Override
    public void onEntries(List<LogEntry> entries) {
      for (LogEntry entry : entries) {
        LogContext context = LogContext.of(view.name()).at(entry);
        for (Change change : changes(view, entry)) {
          context.run(() -> listener.onChange(change));
        }
      }
    }

    @Override
    public void onEnd(Throwable cause) {
      LogContext.of(view.name()).run(() -> listener.onEnd(cause));
    }
  }

  /** Collects the settings of a runtime. Not thread-safe. */
  public static final class Builder {

    private final SharedLog log;
    private final Header.Builder header = Header.newBuilder();
    private @Nullable Supplier<? extends @Nullable String> requestId;
    private @Nullable Supplier<? extends @Nullable String> traceParent;
    private Codec codec = Codec.standard();
    private Duration callTimeout = Duration.ofSeconds(30);
    private Environment environment = Environment.system();
    private @Nullable TypeBinding types;

    private Builder(SharedLog log) {
      this.log = log;
    }

    /** The codec of arguments and results; Jackson CBOR if not set. */
    public Builder codec(Codec codec) {
      this.codec = codec;
      return this;
    }

    /**
     * The version of the application, recorded with each of its calls; none if not set.
     *
     * @param version at most 256 characters
     */
    public Builder applicationVersion(String version) {
      header.setApplicationVersion(Headers.checked(version, "application version"));
      return this;
    }

    /**
     * Gives the application's identity of the request that it is serving, which is recorded with
     * each mutator called and each transaction committed meanwhile: at most 256 characters, null or
     * empty for none. Asked on the thread that makes the call, before anything is sent; what it
     * throws is thrown by the call, and nothing of that is durable then. Must be fast. None if not
     * set.
     */
    public Builder requestId(Supplier<? extends @Nullable String> requestId) {
      this.requestId = requestId;
      return this;
    }

    /**
     * Gives the trace that a call is part of, likewise: the value of the {@code traceparent} header
     * of W3C Trace Context, which is recorded as it is given.
     */
    public Builder traceParent(Supplier<? extends @Nullable String> traceParent) {
      this.traceParent = traceParent;
      return this;
    }

    /** How long one call waits for the log, more than 0; 30 seconds if not set. */
    public Builder callTimeout(Duration timeout) {
      if (timeout.isNegative() || timeout.isZero()) {
        throw new IllegalArgumentException("callTimeout must be > 0, was " + timeout);
      }
      this.callTimeout = timeout;
      return this;
    }

    /** Where time, chance and threads come from; the system if not set. For simulations. */
    public Builder environment(Environment environment) {
      this.environment = environment;
      return this;
    }

    /** Shares with others of the same codec what they have found out of types, for simulations. */
    Builder types(TypeBinding types) {
      this.types = types;
      return this;
    }

    /** The runtime. */
    public ObjectRuntime build() {
      return new ObjectRuntime(this);
    }
  }
}
