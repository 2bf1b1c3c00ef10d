package dev.milonga.tests;

import dev.milonga.log.AppendRequest;
import dev.milonga.log.LocalTails;
import dev.milonga.log.LogPosition;
import dev.milonga.log.ReadBatch;
import dev.milonga.log.ReadLimit;
import dev.milonga.log.SessionId;
import dev.milonga.log.SharedLog;
import dev.milonga.log.StoreClosedException;
import dev.milonga.log.StreamId;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;

/**
 * A log that shows no tails in memory, does everything on one thread of its own, in the order in
 * which it was asked, and answers on another.
 */
final class DistantLog extends DelegatingLog {

  private final ExecutorService requests = thread("distant-requests");
  private final ExecutorService answers = thread("distant-answers");

  DistantLog(SharedLog behind) {
    super(behind);
  }

  private static ExecutorService thread(String name) {
    return Executors.newSingleThreadExecutor(
        task -> {
          Thread thread = new Thread(task, name);
          thread.setDaemon(true);
          return thread;
        });
  }

  private <V> CompletableFuture<V> later(Supplier<CompletableFuture<V>> call) {
    CompletableFuture<V> answer = new CompletableFuture<>();
    try {
      requests.execute(() -> call.get().whenComplete((value, e) -> answer(answer, value, e)));
    } catch (RejectedExecutionException e) {
      return CompletableFuture.failedFuture(new StoreClosedException("the distant log"));
    }
    return answer;
  }

  private <V> void answer(CompletableFuture<V> answer, V value, Throwable failure) {
    answers.execute(
        () -> {
          if (failure != null) {
            answer.completeExceptionally(failure);
          } else {
            answer.complete(value);
          }
        });
  }

  @Override
  public CompletableFuture<SessionId> openSession() {
    return later(super::openSession);
  }

  @Override
  public CompletableFuture<LogPosition> append(AppendRequest request) {
    return later(() -> super.append(request));
  }

  @Override
  public CompletableFuture<LogPosition> tail() {
    return later(super::tail);
  }

  @Override
  public CompletableFuture<Map<StreamId, LogPosition>> tail(Collection<StreamId> streams) {
    return later(() -> super.tail(streams));
  }

  @Override
  public CompletableFuture<ReadBatch> read(StreamId stream, LogPosition from, ReadLimit limit) {
    return later(() -> super.read(stream, from, limit));
  }

  @Override
  public CompletableFuture<ReadBatch> readAll(LogPosition from, ReadLimit limit) {
    return later(() -> super.readAll(from, limit));
  }

  @Override
  public CompletableFuture<LogPosition> trim(LogPosition before) {
    return later(() -> super.trim(before));
  }

  @Override
  public CompletableFuture<LogPosition> trimMark() {
    return later(super::trimMark);
  }

  @Override
  public Optional<LocalTails> localTails() {
    return Optional.empty();
  }

  @Override
  public void close() {
    try {
      requests.execute(answers::shutdown); // after whatever was asked before
    } catch (RejectedExecutionException e) {
      return; // closed before
    }
    requests.shutdown();
    super.close();
  }
}
