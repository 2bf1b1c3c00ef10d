package dev.milonga.tests.simulation;

import dev.milonga.log.AppendRequest;
import dev.milonga.log.EntryListener;
import dev.milonga.log.LogPosition;
import dev.milonga.log.LogUnavailableException;
import dev.milonga.log.ReadBatch;
import dev.milonga.log.ReadLimit;
import dev.milonga.log.SessionExpiredException;
import dev.milonga.log.SessionId;
import dev.milonga.log.SharedLog;
import dev.milonga.log.StoreClosedException;
import dev.milonga.log.StreamId;
import dev.milonga.log.Subscription;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * A log as a client on the other end of a connection has it: requests and answers travel for a
 * while, in order. When the connection breaks, what was under way is lost, and every request
 * without an answer is sent again, in the order of the first time; so an append may be carried out
 * twice, and its acknowledgement lost. Guarded by the baton of the scheduler.
 */
public final class SimulatedLink implements SharedLog {

  private static final int TRAVEL_NANOS_MAX = 300_000;
  private static final long RETRY_NANOS = 5_000_000;

  private final Scheduler scheduler;
  private final Random random;
  private final Supplier<SharedLog> server; // null while there is none
  private final Deque<Call<?>> unsent = new ArrayDeque<>();
  private final List<Call<?>> sent = new ArrayList<>(); // and not answered, in order
  private final Deque<Answer<?>> answers = new ArrayDeque<>();
  private int connection;
  private boolean closed;

  private static final class Call<V> {
    final String what;
    final Function<SharedLog, CompletableFuture<V>> request;
    final CompletableFuture<V> future = new CompletableFuture<>();
    boolean again; // it was sent before

    Call(String what, Function<SharedLog, CompletableFuture<V>> request) {
      this.what = what;
      this.request = request;
    }
  }

  private record Answer<V>(Call<V> call, int connection, V value, Throwable failure) {
    void arrive() {
      if (failure == null) {
        call.future.complete(value);
      } else if (failure instanceof SessionExpiredException && call.again) {
        // It may have been accepted when it was sent before.
        call.future.completeExceptionally(
            new LogUnavailableException("the session expired during a retry", failure));
      } else {
        call.future.completeExceptionally(failure);
      }
    }
  }

  /** A link of a client in that process. */
  public SimulatedLink(
      Scheduler scheduler, Scheduler.Process process, Supplier<SharedLog> server, long seed) {
    this.scheduler = scheduler;
    this.server = server;
    this.random = new Random(seed);
    scheduler.spawnDaemon(process, "sender", this::send);
    scheduler.spawnDaemon(process, "receiver", this::receive);
  }

  /** Breaks the connection, which is there again at once. */
  public void breakConnection() {
    connection++;
    for (int i = sent.size() - 1; i >= 0; i--) {
      sent.get(i).again = true;
      unsent.addFirst(sent.get(i));
    }
    sent.clear();
    answers.clear();
  }

  private void send() {
    while (true) {
      scheduler.await("waits for requests", () -> !unsent.isEmpty() && server.get() != null);
      int before = connection;
      scheduler.sleep("sends", random.nextInt(TRAVEL_NANOS_MAX));
      SharedLog log = server.get();
      if (before == connection && log != null && !unsent.isEmpty()) {
        Call<?> next = unsent.removeFirst();
        scheduler.note(next.what + (next.again ? " again" : ""));
        sent.add(next);
        carryOut(next, log);
      }
    }
  }

  private <V> void carryOut(Call<V> call, SharedLog log) {
    int now = connection;
    CompletableFuture<V> answer;
    try {
      answer = call.request.apply(log);
    } catch (RuntimeException e) {
      answer = CompletableFuture.failedFuture(e);
    }
    answer.whenComplete(
        (value, failure) -> {
          if (now == connection) {
            answers.add(new Answer<>(call, now, value, cause(failure)));
          }
        });
  }

  private static Throwable cause(Throwable failure) {
    return failure instanceof CompletionException && failure.getCause() != null
        ? failure.getCause()
        : failure;
  }

  private void receive() {
    while (true) {
      scheduler.await("waits for answers", () -> !answers.isEmpty());
      int before = connection;
      scheduler.sleep("receives", random.nextInt(TRAVEL_NANOS_MAX));
      if (before != connection || answers.isEmpty()) {
        continue;
      }
      Answer<?> answer = answers.removeFirst();
      if (isOfTheServer(answer.failure())) {
        scheduler.sleep("finds the server closed", RETRY_NANOS);
        breakConnection();
      } else {
        sent.remove(answer.call());
        answer.arrive();
      }
    }
  }

  // What another server, or this one later, may answer otherwise.
  private static boolean isOfTheServer(Throwable failure) {
    return failure instanceof LogUnavailableException || failure instanceof StoreClosedException;
  }

  private <V> CompletableFuture<V> call(
      String what, Function<SharedLog, CompletableFuture<V>> request) {
    if (closed) {
      return CompletableFuture.failedFuture(new StoreClosedException("the link"));
    }
    Call<V> call = new Call<>(what, request);
    unsent.add(call);
    return call.future;
  }

  @Override
  public CompletableFuture<SessionId> openSession() {
    return call("opens a session", SharedLog::openSession);
  }

  @Override
  public CompletableFuture<LogPosition> append(AppendRequest request) {
    return call(
        "appends " + request.requestId().map(Object::toString).orElse(""),
        log -> log.append(request));
  }

  @Override
  public CompletableFuture<LogPosition> tail() {
    return call("asks for the tail", SharedLog::tail);
  }

  @Override
  public CompletableFuture<Map<StreamId, LogPosition>> tail(Collection<StreamId> streams) {
    return call("asks for tails", log -> log.tail(streams));
  }

  @Override
  public CompletableFuture<ReadBatch> read(StreamId stream, LogPosition from, ReadLimit limit) {
    return call("reads from " + from, log -> log.read(stream, from, limit));
  }

  @Override
  public CompletableFuture<ReadBatch> readAll(LogPosition from, ReadLimit limit) {
    return call("reads all from " + from, log -> log.readAll(from, limit));
  }

  @Override
  public Subscription subscribe(Set<StreamId> streams, LogPosition from, EntryListener listener) {
    throw new UnsupportedOperationException("no client of the simulation subscribes over a link");
  }

  @Override
  public Subscription subscribeAll(LogPosition from, EntryListener listener) {
    throw new UnsupportedOperationException("no client of the simulation subscribes over a link");
  }

  @Override
  public CompletableFuture<LogPosition> trim(LogPosition before) {
    return call("trims before " + before, log -> log.trim(before));
  }

  @Override
  public CompletableFuture<LogPosition> trimMark() {
    return call("asks for the trim mark", SharedLog::trimMark);
  }

  @Override
  public void close() {
    closed = true;
  }
}
