package dev.milonga.runtime;

import dev.milonga.log.AppendCondition;
import dev.milonga.log.AppendRequest;
import dev.milonga.log.ConflictKeys;
import dev.milonga.log.LocalTails;
import dev.milonga.log.LogPosition;
import dev.milonga.log.Payload;
import dev.milonga.log.RequestId;
import dev.milonga.log.SessionExpiredException;
import dev.milonga.log.SessionId;
import dev.milonga.log.SharedLog;
import dev.milonga.log.StoreClosedException;
import dev.milonga.log.StoreException;
import dev.milonga.log.StreamId;
import dev.milonga.log.StreamKeys;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Carries out the calls of one client (Tango §3.1):
 *
 * <ul>
 *   <li>A mutator's arguments are encoded, which is the last moment at which a call can be refused
 *       for what was passed. The call is announced to the view, so that whoever applies its entry
 *       finds it; the entry is appended; the view is brought past it; and the caller gets what that
 *       very application returned or threw.
 *   <li>An accessor brings the view up to the tail that the log has after the call began, and runs.
 * </ul>
 *
 * <p>Thread-safe.
 */
final class Calls {

  private final SharedLog log;
  private final Codec codec;
  private final Headers headers;
  private final Waiting waiting;
  private final @Nullable LocalTails localTails;
  private final Requests requests;
  private final AsyncWrites asyncWrites;
  private final ExecutorService background;

  // Position after the latest acknowledged write of this client; 0 if there is none. Only raised.
  private final AtomicLong acknowledgedUpTo = new AtomicLong();

  private final LongAdder writes = new LongAdder();
  private final LongAdder futures = new LongAdder();
  private final LongAdder commits = new LongAdder();

  private volatile boolean closed; // set once; a call that misses it meets a closed log or succeeds

  Calls(SharedLog log, Codec codec, Headers headers, Waiting waiting) {
    this.log = log;
    this.codec = codec;
    this.headers = headers;
    this.waiting = waiting;
    this.localTails = log.localTails().orElse(null);
    this.requests = new Requests(log, waiting);
    this.background = waiting.environment().background();
    this.asyncWrites = new AsyncWrites(log, requests, waiting, background, this::acknowledged);
  }

  @Nullable Object read(View<?> view, BoundAccessor accessor, @Nullable Object[] arguments)
      throws Throwable {
    ensureOpen();
    view.syncToTail();
    return view.read(accessor, arguments);
  }

  @Nullable Object read(
      View<?> view, BoundAccessor accessor, @Nullable Object[] arguments, Consistency consistency) {
    ensureOpen();
    if (consistency instanceof Consistency.AtLeast atLeast) {
      syncTo(view, atLeast.position());
    } else if (consistency instanceof Consistency.Linearizable) {
      view.syncToTail();
    } else {
      view.halted(StoreException.Durable.NOTHING)
          .ifPresent(
              halted -> {
                throw halted;
              });
    }
    try {
      return view.read(accessor, arguments);
    } catch (Throwable e) {
      throw Sneaky.unchecked(e);
    }
  }

  private void syncTo(View<?> view, LogPosition position) {
    if (view.upTo() > position.value()) {
      return;
    }
    Deadline deadline = waiting.begin();
    LogPosition tail = deadline.await(log.tail());
    if (position.compareTo(tail) >= 0) {
      throw new IllegalArgumentException(
          "a read at least at position "
              + position
              + " was asked for, and the log ends before "
              + tail
              + ". Only the position of an acknowledged write of the same log can be read at");
    }
    view.syncTo(position.value() + 1, deadline);
  }

  @Nullable Object write(View<?> view, BoundMutator mutator, @Nullable Object[] arguments) {
    ensureOpen();
    Payload payload = encode(view, mutator, arguments);
    StreamKeys keys = new StreamKeys(view.stream(), mutator.keys(arguments));
    ensureReady(view);
    writes.increment();
    Deadline deadline = waiting.begin();
    SessionId session = requests.session(deadline);
    long number = requests.numbers().take();
    if (!asyncWrites.isRenewing()) {
      PendingCall call = new PendingCall(session, number, mutator.local(arguments));
      view.expect(call);
      boolean refused = false;
      try {
        LogPosition position = deadline.await(append(keys, payload, call));
        acknowledged(position);
        if (!call.isSettled()) {
          awaitOutcome(view, position, deadline);
          view.ensureNotPassedOver(call, position.value());
        }
        return call.outcome();
      } catch (SessionExpiredException e) {
        refused = true;
      } finally {
        view.forget(call);
        if (!refused) {
          requests.numbers().learn(number);
        }
      }
    }
    // Behind the calls that this thread has made before without waiting.
    return deadline.awaitOutcome(
        asyncWrites.sendAgain(view, keys, payload, mutator.local(arguments), session, number));
  }

  private void awaitOutcome(View<?> view, LogPosition position, Deadline deadline) {
    try {
      view.syncTo(position.value() + 1, deadline);
    } catch (ViewHaltedException e) {
      throw view.halted(StoreException.Durable.ALL).orElse(e);
    }
  }

  private Payload encode(View<?> view, BoundMutator mutator, @Nullable Object[] arguments) {
    return RecordFormat.call(
        headers.ofCall(),
        mutator.model().name(),
        mutator.encode(arguments),
        codec.id(),
        view.type.model().fingerprint());
  }

  private CompletableFuture<LogPosition> append(
      StreamKeys keys, Payload payload, PendingCall call) {
    RequestId id = new RequestId(call.session, call.sequence, requests.numbers().learntBelow());
    return log.appendBlocking(AppendRequest.builder(payload).write(keys).requestId(id).build());
  }

  private void acknowledged(LogPosition position) {
    long upTo = position.value() + 1;
    if (acknowledgedUpTo.get() < upTo) {
      acknowledgedUpTo.accumulateAndGet(upTo, Math::max);
    }
  }

  // Whatever can fail before the entry is appended does so here, before a request number is taken.
  private void ensureReady(View<?> view) {
    view.begin();
    if (view.halted(StoreException.Durable.NOTHING).isPresent()) {
      view.syncToTail(); // goes on if the entry was skipped meanwhile, and throws if not
    }
  }

  /** Runs {@code body} on a thread of this client's own. */
  <R extends @Nullable Object> CompletionStage<R> async(Supplier<R> body) {
    CompletableFuture<R> outcome = new CompletableFuture<>();
    try {
      background.execute(() -> complete(outcome, body));
    } catch (RejectedExecutionException e) {
      throw new StoreClosedException("the store");
    }
    return outcome;
  }

  private static <R extends @Nullable Object> void complete(
      CompletableFuture<R> outcome, Supplier<R> body) {
    R result;
    try {
      result = body.get();
    } catch (Throwable e) {
      outcome.completeExceptionally(e);
      return;
    }
    outcome.complete(result);
  }

  /** Appends a call of a mutator without waiting; the stage completes when it is applied here. */
  CompletableFuture<@Nullable Object> writeAsync(
      View<?> view, BoundMutator mutator, @Nullable Object[] arguments) {
    ensureOpen();
    Payload payload = encode(view, mutator, arguments);
    StreamKeys keys = new StreamKeys(view.stream(), mutator.keys(arguments));
    ensureReady(view);
    futures.increment();
    return asyncWrites.send(view, keys, payload, mutator.local(arguments), requests.session());
  }

  /**
   * Appends the calls of a block as one entry, under the condition that what it read still stands.
   *
   * @param forks objects with all the block's calls applied, as far as it has made them
   */
  LogPosition commit(
      List<EncodedCall> commit,
      Collection<StateFork<?>> forks,
      Optional<AppendCondition> condition,
      ApplyContext.Moment moment) {
    AppendRequest.Builder request =
        AppendRequest.builder(
            RecordFormat.transaction(headers.ofCall(), commit, condition, moment));
    writes(commit)
        .forEach((stream, keys) -> request.write(new StreamKeys(stream, ConflictKeys.union(keys))));
    condition.ifPresent(request::condition);
    commit.forEach(call -> ensureReady(call.object().view()));
    commits.increment();
    Map<View<?>, StateFork<?>> made = new HashMap<>();
    forks.forEach(fork -> made.put(fork.view(), fork));
    Deadline deadline = waiting.begin();
    SessionId session = requests.session(deadline);
    if (asyncWrites.isRenewing()) {
      session = deadline.await(asyncWrites.sessionBehindRefused());
    }
    try {
      return send(request, commit, made, moment, session);
    } catch (SessionExpiredException e) {
      // This request has never been sent before, so sending it again cannot make two of it.
      return send(request, commit, made, moment, deadline.await(asyncWrites.sessionAfter(session)));
    }
  }

  // The objects written are brought past the entry: nobody has seen the outcome of a blind call
  // when the block commits, and here its calls are at hand and need not be decoded.
  private LogPosition send(
      AppendRequest.Builder request,
      List<EncodedCall> commit,
      Map<View<?>, StateFork<?>> forks,
      ApplyContext.Moment moment,
      SessionId session) {
    long number = requests.numbers().take();
    Map<View<?>, Part> parts = parts(commit, moment);
    Map<View<?>, PendingCall> written = new LinkedHashMap<>();
    parts.forEach(
        (view, part) ->
            written.put(
                view, PendingCall.ofBlock(session, number, part.decoded(), forks.get(view))));
    written.forEach(View::expect);
    try {
      RequestId id = new RequestId(session, number, requests.numbers().learntBelow());
      LogPosition position = waiting.await(log.appendBlocking(request.requestId(id).build()));
      acknowledged(position);
      written.keySet().forEach(view -> awaitOutcome(view, position, waiting.begin()));
      parts.forEach(
          (view, part) -> {
            if (part.blind) {
              PendingCall call = Objects.requireNonNull(written.get(view));
              view.ensureNotPassedOver(call, position.value());
              ensureApplied(call, position);
            }
          });
      return position;
    } finally {
      written.forEach(View::forget);
      requests.numbers().learn(number);
    }
  }

  /** The calls of a block on one object. */
  private static final class Part {

    final List<DecodedCall> calls = new ArrayList<>(); // those that need not be decoded
    boolean encoded; // whether there are others
    boolean blind; // whether any of them is

    /** The calls as the entry would give them; null if one of them has to be decoded. */
    @Nullable List<DecodedCall> decoded() {
      return encoded ? null : calls;
    }
  }

  private static Map<View<?>, Part> parts(List<EncodedCall> commit, ApplyContext.Moment moment) {
    Map<View<?>, Part> parts = new LinkedHashMap<>();
    for (int i = 0; i < commit.size(); i++) {
      EncodedCall call = commit.get(i);
      Part part = parts.computeIfAbsent(call.object().view(), view -> new Part());
      part.blind |= call.blind();
      LocalCall local = call.local();
      if (local == null) {
        part.encoded = true;
      } else {
        part.calls.add(new DecodedCall(i, moment, local.mutator(), local.arguments()));
      }
    }
    return parts;
  }

  private static void ensureApplied(PendingCall call, LogPosition position) {
    try {
      call.outcome();
    } catch (Throwable e) {
      throw new IllegalStateException(
          "the transaction has committed at position "
              + position
              + ", but one of its mutators threw when it was applied, and has had no effect there."
              + " A mutator that can refuse has to say so with a throw of its own, or return"
              + " whether it did",
          e);
    }
  }

  private static Map<StreamId, List<ConflictKeys>> writes(List<EncodedCall> commit) {
    Map<StreamId, List<ConflictKeys>> writes = new LinkedHashMap<>();
    for (EncodedCall call : commit) {
      writes.computeIfAbsent(call.object().stream(), each -> new ArrayList<>()).add(call.keys());
    }
    return writes;
  }

  /** Calls of mutators that a thread waited for. */
  long writes() {
    return writes.sum();
  }

  /** Calls of mutators that no thread waited for. */
  long asyncWrites() {
    return futures.sum();
  }

  /** Blocks sent to the log. */
  long commits() {
    return commits.sum();
  }

  /** The tail that the log has after this call began. */
  LogPosition tail() {
    return localTails != null ? new LogPosition(localTails.tail()) : waiting.await(log.tail());
  }

  /** A tail that the log has had, as far as that can be told without asking it. */
  LogPosition knownTail() {
    return new LogPosition(localTails != null ? localTails.tail() : acknowledgedUpTo.get());
  }

  /** Position of this client's latest acknowledged write. */
  Optional<LogPosition> position() {
    long upTo = acknowledgedUpTo.get();
    return upTo == 0 ? Optional.empty() : Optional.of(new LogPosition(upTo - 1));
  }

  void ensureOpen() {
    if (closed) {
      throw new StoreClosedException("the store");
    }
  }

  boolean isClosed() {
    return closed;
  }

  void close() {
    closed = true;
    background.shutdown();
    asyncWrites.close();
  }
}
