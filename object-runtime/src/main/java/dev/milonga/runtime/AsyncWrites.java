package dev.milonga.runtime;

import dev.milonga.log.AppendRequest;
import dev.milonga.log.LogPosition;
import dev.milonga.log.LogUnavailableException;
import dev.milonga.log.Payload;
import dev.milonga.log.RequestId;
import dev.milonga.log.SessionExpiredException;
import dev.milonga.log.SessionId;
import dev.milonga.log.SharedLog;
import dev.milonga.log.StreamKeys;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The calls of mutators that no thread waits for. Every future completes: with the outcome, or at
 * the call's deadline, or when the store is closed.
 *
 * <p><b>Order.</b> The log takes calls in the order in which a thread makes them. If the session
 * has expired it refuses them all, and they are sent again under a new session in the order of
 * their numbers, which is that order: but only when all that were sent under the old session have
 * been answered, so that none is missing; and whatever is called meanwhile queues behind them. A
 * transaction, which a thread waits for, gets its session when they have been sent.
 *
 * <p>Thread-safe.
 */
final class AsyncWrites {

  private static final int CHECKS_PER_TIMEOUT = 20;

  private final SharedLog log;
  private final Requests requests;
  private final Waiting waiting;
  private final ExecutorService background;
  private final Consumer<LogPosition> acknowledged;

  // Every view that a call was made of; only grows.
  private final Set<View<?>> views = ConcurrentHashMap.newKeySet();

  // No thread takes another lock under it, waits, or runs user code.
  private final ReentrantLock order = new ReentrantLock();
  private final TreeMap<Long, Write> refused = new TreeMap<>(); // to send again; guarded by order
  // Transactions that wait until the refused are sent again; guarded by order.
  private final List<CompletableFuture<SessionId>> behind = new ArrayList<>();
  private @Nullable SessionId expired; // of the latest refused; guarded by order
  private int unanswered; // first attempts; guarded by order
  private boolean taskRuns; // one that sends the refused again; guarded by order
  private Environment.@Nullable Repetition deadlines; // guarded by order

  // Written under order, read by anyone: from the first refusal until all refused are sent again.
  // A new session is published only while it is true, so a caller that reads the session first and
  // then false here is behind nobody.
  private volatile boolean renewing;

  private volatile boolean closed;

  AsyncWrites(
      SharedLog log,
      Requests requests,
      Waiting waiting,
      ExecutorService background,
      Consumer<LogPosition> acknowledged) {
    this.log = log;
    this.requests = requests;
    this.waiting = waiting;
    this.background = background;
    this.acknowledged = acknowledged;
  }

  /** A call on its way. */
  private record Write(View<?> view, StreamKeys keys, Payload payload, PendingCall call) {

    /** The same call for another session: the log has refused it, so it cannot become two. */
    Write in(SessionId session) {
      return new Write(view, keys, payload, call.in(session));
    }

    void fail(Throwable cause) {
      view.forget(call);
      call.fail(cause);
    }
  }

  private record Sent(Write write, CompletableFuture<LogPosition> answer) {}

  /** Whether calls wait for a new session, so that a call made now has to queue behind them. */
  boolean isRenewing() {
    return renewing;
  }

  /** Makes a call; {@code session} is one that the caller has read before. */
  CompletableFuture<@Nullable Object> send(
      View<?> view,
      StreamKeys keys,
      Payload payload,
      @Nullable LocalCall local,
      SessionId session) {
    Write write = write(view, keys, payload, local, session, requests.numbers().take());
    view.expect(write.call);
    Write sent = null;
    order.lock();
    try {
      watchDeadlines();
      if (renewing) {
        refuse(write);
      } else {
        unanswered++; // from here on there is no other session until it is answered
        sent = inPresentSession(write);
      }
    } finally {
      order.unlock();
    }
    if (sent != null) {
      Write first = sent;
      append(first).whenComplete((position, failure) -> answered(first, position, failure, true));
    }
    failIfClosed();
    return write.call.future();
  }

  // Under order. The caller may have read its session before it was renewed, and been held up: the
  // log would refuse the call, and take what is called after it under the new session.
  private Write inPresentSession(Write write) {
    SessionId present = requests.session(); // there is one, since the caller has read one
    if (present.equals(write.call.session)) {
      return write;
    }
    Write renewed = write.in(present);
    renewed.view.expect(renewed.call);
    return renewed;
  }

  /** Makes a call, in its turn, that the log has refused under {@code session} or never seen. */
  CompletableFuture<@Nullable Object> sendAgain(
      View<?> view,
      StreamKeys keys,
      Payload payload,
      @Nullable LocalCall local,
      SessionId session,
      long number) {
    Write write = write(view, keys, payload, local, session, number);
    order.lock();
    try {
      watchDeadlines();
      refuse(write);
    } finally {
      order.unlock();
    }
    failIfClosed();
    return write.call.future();
  }

  /** The session to use when all calls that were refused before have been sent again. */
  CompletableFuture<SessionId> sessionBehindRefused() {
    return sessionBehindRefused(null);
  }

  /** Likewise, for a call that the log has itself refused under {@code refused}. */
  CompletableFuture<SessionId> sessionAfter(SessionId refused) {
    return sessionBehindRefused(refused);
  }

  private CompletableFuture<SessionId> sessionBehindRefused(@Nullable SessionId own) {
    CompletableFuture<SessionId> renewed = new CompletableFuture<>();
    order.lock();
    try {
      if (own != null && !renewing) {
        expired = own;
        renewing = true;
      }
      if (renewing) {
        behind.add(renewed);
        renewIfAllAnswered();
      } else {
        renewed.complete(requests.session()); // there is one, and it was renewed meanwhile
      }
    } finally {
      order.unlock();
    }
    failIfClosed();
    return renewed;
  }

  private Write write(
      View<?> view,
      StreamKeys keys,
      Payload payload,
      @Nullable LocalCall local,
      SessionId session,
      long number) {
    views.add(view);
    long deadline = waiting.environment().nanoTime() + waiting.timeout().toNanos();
    PendingCall call = new PendingCall(session, number, local, new CompletableFuture<>(), deadline);
    return new Write(view, keys, payload, call);
  }

  private CompletableFuture<LogPosition> append(Write write) {
    PendingCall call = write.call;
    try {
      RequestId id = new RequestId(call.session, call.sequence, requests.numbers().learntBelow());
      return log.append(
          AppendRequest.builder(write.payload).write(write.keys).requestId(id).build());
    } catch (RuntimeException | Error e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private void answered(
      Write write, @Nullable LogPosition position, @Nullable Throwable failure, boolean first) {
    Throwable cause = failure instanceof CompletionException e ? e.getCause() : failure;
    boolean again = first && cause instanceof SessionExpiredException;
    if (first) {
      answeredFirst(write, again);
    }
    if (again) {
      failIfClosed();
      return;
    }
    requests.numbers().learn(write.call.sequence);
    if (position != null) {
      acknowledged.accept(position);
      write.call.acknowledged(position.value());
      write.view.catchUpTo(position.value() + 1, background);
    } else {
      write.fail(cause != null ? cause : new AssertionError("neither a position nor a failure"));
    }
  }

  private void answeredFirst(Write write, boolean again) {
    order.lock();
    try {
      unanswered--;
      if (again) {
        refuse(write);
      } else {
        renewIfAllAnswered();
      }
    } finally {
      order.unlock();
    }
  }

  // Under order.
  private void refuse(Write write) {
    refused.put(write.call.sequence, write);
    if (expired == null || write.call.session.equals(requests.session())) {
      expired = write.call.session; // and not one that was replaced since
    }
    renewing = true;
    renewIfAllAnswered();
  }

  // Under order.
  private void renewIfAllAnswered() {
    if (!renewing || taskRuns || unanswered > 0) {
      return;
    }
    if (refused.isEmpty() && behind.isEmpty()) {
      renewing = false; // their deadlines have passed
      return;
    }
    try {
      background.execute(this::renew);
      taskRuns = true;
    } catch (RejectedExecutionException e) {
      // Closed, and so about to be failed.
    }
  }

  private void renew() {
    SessionId session;
    try {
      session = requests.sessionAfter(expired());
    } catch (Throwable e) {
      giveUpRenewing(e);
      return;
    }
    List<Sent> sent = new ArrayList<>();
    List<CompletableFuture<SessionId>> waiters;
    order.lock();
    try {
      while (!refused.isEmpty()) {
        Write write = refused.pollFirstEntry().getValue().in(session);
        if (write.call.future().isDone()) {
          requests.numbers().learn(write.call.sequence); // its deadline has passed
          continue;
        }
        write.view.expect(write.call);
        sent.add(new Sent(write, append(write)));
      }
      waiters = takeBehind();
      renewing = false;
      taskRuns = false;
    } finally {
      order.unlock();
    }
    waiters.forEach(waiter -> waiter.complete(session));
    for (Sent each : sent) {
      each.answer.whenComplete(
          (position, failure) -> answered(each.write, position, failure, false));
    }
    failIfClosed();
  }

  private void giveUpRenewing(Throwable cause) {
    List<CompletableFuture<SessionId>> waiters;
    List<Write> unsent;
    order.lock();
    try {
      waiters = takeBehind();
      unsent = takeRefused();
    } finally {
      order.unlock();
    }
    unsent.forEach(write -> giveUp(write, cause));
    waiters.forEach(waiter -> waiter.completeExceptionally(cause));
  }

  private SessionId expired() {
    order.lock();
    try {
      return Objects.requireNonNull(expired, "nothing was refused");
    } finally {
      order.unlock();
    }
  }

  private List<CompletableFuture<SessionId>> takeBehind() {
    order.lock();
    try {
      List<CompletableFuture<SessionId>> taken = new ArrayList<>(behind);
      behind.clear();
      return taken;
    } finally {
      order.unlock();
    }
  }

  private List<Write> takeRefused() {
    order.lock();
    try {
      List<Write> taken = new ArrayList<>(refused.values());
      refused.clear();
      renewing = false;
      taskRuns = false;
      return taken;
    } finally {
      order.unlock();
    }
  }

  // None of these is under way: the log has refused them or never seen them.
  private void giveUp(Write write, Throwable cause) {
    requests.numbers().learn(write.call.sequence);
    write.fail(cause);
  }

  // Under order.
  private void watchDeadlines() {
    if (deadlines == null && !closed) {
      long period = Math.max(1, waiting.timeout().toNanos() / CHECKS_PER_TIMEOUT);
      deadlines = waiting.environment().every(period, this::failOverdue);
    }
  }

  private void failOverdue() {
    long now = waiting.environment().nanoTime();
    failWhere(
        call -> call.isOverdue(now),
        () ->
            new LogUnavailableException(
                "the log has not answered within " + waiting.timeout(), null));
  }

  private void failIfClosed() {
    if (closed) {
      Supplier<RuntimeException> cause =
          () ->
              new LogUnavailableException(
                  "the store was closed before the outcome was known", null);
      failWhere(call -> true, cause);
      takeBehind().forEach(waiter -> waiter.completeExceptionally(cause.get()));
    }
  }

  private void failWhere(Predicate<PendingCall> which, Supplier<RuntimeException> cause) {
    List<Write> unsent = new ArrayList<>();
    order.lock();
    try {
      refused.values().removeIf(write -> which.test(write.call) && unsent.add(write));
    } finally {
      order.unlock();
    }
    unsent.forEach(write -> giveUp(write, cause.get()));
    views.forEach(view -> view.failWaiting(which, cause));
  }

  /** Fails whatever has not completed, and whatever may still come. Closing twice does nothing. */
  void close() {
    closed = true;
    order.lock();
    try {
      if (deadlines != null) {
        deadlines.end();
      }
    } finally {
      order.unlock();
    }
    failIfClosed();
  }
}
