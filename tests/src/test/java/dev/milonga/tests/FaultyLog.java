package dev.milonga.tests;

import dev.milonga.log.AppendRequest;
import dev.milonga.log.LogPosition;
import dev.milonga.log.LogUnavailableException;
import dev.milonga.log.ReadBatch;
import dev.milonga.log.ReadLimit;
import dev.milonga.log.RequestId;
import dev.milonga.log.SessionExpiredException;
import dev.milonga.log.SessionId;
import dev.milonga.log.SharedLog;
import dev.milonga.log.StreamId;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** A log that goes wrong when it is told to. Thread-safe. */
final class FaultyLog extends DelegatingLog {

  private final AtomicInteger acksToLose = new AtomicInteger();
  private final AtomicInteger appendsToExpire = new AtomicInteger();
  private final List<RequestId> requests = new CopyOnWriteArrayList<>();
  private volatile boolean recordsRequests;
  private final List<Held<?>> held = new CopyOnWriteArrayList<>();
  private volatile boolean holdsAppends;
  private volatile boolean holdsReads;
  private volatile Optional<RuntimeException> readFailure = Optional.empty();
  private volatile Optional<RuntimeException> sessionFailure = Optional.empty();

  FaultyLog(SharedLog behind) {
    super(behind);
  }

  /** The next append takes effect, and its caller is told that the outcome is unknown. */
  void loseNextAck() {
    acksToLose.incrementAndGet();
  }

  /** The next {@code count} appends are refused, as if their session had expired. */
  void expireSessionOfNextAppends(int count) {
    appendsToExpire.addAndGet(count);
  }

  /** Every read fails like that, until {@link #heal}. */
  void failReads(RuntimeException failure) {
    readFailure = Optional.of(failure);
  }

  /** No session can be opened, until {@link #heal}. */
  void failSessions(RuntimeException failure) {
    sessionFailure = Optional.of(failure);
  }

  /** Appends take effect, but are not answered until {@link #heal}. */
  void holdAppends() {
    holdsAppends = true;
  }

  /** Reads are not answered until {@link #heal}. */
  void holdReads() {
    holdsReads = true;
  }

  /** Ends all faults, and answers whatever has been held. */
  void heal() {
    holdsAppends = false;
    holdsReads = false;
    readFailure = Optional.empty();
    sessionFailure = Optional.empty();
    for (Held<?> each : held) {
      held.remove(each);
      each.release();
    }
  }

  /** How many answers are being held. */
  int held() {
    return held.size();
  }

  /** Begins to take down the identities of the requests that are sent. */
  void recordRequests() {
    recordsRequests = true;
  }

  /** The identities of the requests that were sent, in order. */
  List<RequestId> requests() {
    return requests;
  }

  @Override
  public CompletableFuture<SessionId> openSession() {
    Optional<RuntimeException> failure = sessionFailure;
    return failure.isPresent()
        ? CompletableFuture.failedFuture(failure.get())
        : super.openSession();
  }

  @Override
  public CompletableFuture<LogPosition> append(AppendRequest request) {
    if (recordsRequests) {
      requests.add(request.requestId().orElseThrow());
    }
    if (takeOne(appendsToExpire)) {
      return CompletableFuture.failedFuture(
          new SessionExpiredException(request.requestId().orElseThrow().session()));
    }
    CompletableFuture<LogPosition> answer = super.append(request);
    if (takeOne(acksToLose)) {
      return answer.thenCompose(
          position ->
              CompletableFuture.failedFuture(
                  new LogUnavailableException("the acknowledgement was lost", null)));
    }
    return holdsAppends ? hold(answer) : answer;
  }

  @Override
  public CompletableFuture<ReadBatch> read(StreamId stream, LogPosition from, ReadLimit limit) {
    Optional<RuntimeException> failure = readFailure;
    if (failure.isPresent()) {
      return CompletableFuture.failedFuture(failure.get());
    }
    CompletableFuture<ReadBatch> answer = super.read(stream, from, limit);
    return holdsReads ? hold(answer) : answer;
  }

  private <V> CompletableFuture<V> hold(CompletableFuture<V> answer) {
    Held<V> late = new Held<>(answer, new CompletableFuture<>());
    held.add(late);
    return late.seen();
  }

  private static boolean takeOne(AtomicInteger count) {
    return count.getAndUpdate(left -> Math.max(0, left - 1)) > 0;
  }

  private record Held<V>(CompletableFuture<V> answer, CompletableFuture<V> seen) {
    void release() {
      answer.whenComplete(
          (value, failure) -> {
            if (failure != null) {
              seen.completeExceptionally(failure);
            } else {
              seen.complete(value);
            }
          });
    }
  }
}
