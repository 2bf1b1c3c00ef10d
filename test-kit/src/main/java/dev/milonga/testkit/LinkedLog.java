package dev.milonga.testkit;

import dev.milonga.log.AppendRequest;
import dev.milonga.log.EntryListener;
import dev.milonga.log.LogEntry;
import dev.milonga.log.LogPosition;
import dev.milonga.log.LogUnavailableException;
import dev.milonga.log.ReadBatch;
import dev.milonga.log.ReadLimit;
import dev.milonga.log.SessionId;
import dev.milonga.log.SharedLog;
import dev.milonga.log.StoreClosedException;
import dev.milonga.log.StreamId;
import dev.milonga.log.Subscription;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A log of this process as a client at a distance sees it: each request and each answer goes over a
 * {@link Direction}, and there are no tails in memory. Closing it leaves the log open. Thread-safe.
 */
final class LinkedLog implements SharedLog {

  private final SharedLog log;
  private final Direction requests;
  private final Direction answers;
  private final AtomicInteger acknowledgementsToLose = new AtomicInteger();
  private volatile boolean closed; // set once

  LinkedLog(SharedLog log, Direction requests, Direction answers) {
    this.log = log;
    this.requests = requests;
    this.answers = answers;
  }

  void loseNextAcknowledgement() {
    acknowledgementsToLose.incrementAndGet();
  }

  private <V> CompletableFuture<V> ask(Function<SharedLog, CompletableFuture<V>> question) {
    if (closed) {
      return CompletableFuture.failedFuture(new StoreClosedException("the link to the log"));
    }
    CompletableFuture<V> seen = new CompletableFuture<>();
    requests.send(
        () ->
            asked(() -> question.apply(log))
                .whenComplete((value, e) -> answers.send(() -> complete(seen, value, e))));
    return seen;
  }

  // A request that the log refuses by throwing has its answer as well.
  private static <V> CompletableFuture<V> asked(Supplier<CompletableFuture<V>> question) {
    try {
      return question.get();
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  private static <V> void complete(
      CompletableFuture<V> seen, V value, @Nullable Throwable failure) {
    if (failure != null) {
      seen.completeExceptionally(failure);
    } else {
      seen.complete(value);
    }
  }

  @Override
  public CompletableFuture<SessionId> openSession() {
    return ask(SharedLog::openSession);
  }

  @Override
  public CompletableFuture<LogPosition> append(AppendRequest request) {
    boolean lost = acknowledgementsToLose.getAndUpdate(left -> Math.max(0, left - 1)) > 0;
    return ask(
        behind -> {
          CompletableFuture<LogPosition> answer = behind.append(request);
          return lost ? answer.thenCompose(LinkedLog::lost) : answer;
        });
  }

  private static CompletableFuture<LogPosition> lost(LogPosition position) {
    return CompletableFuture.failedFuture(
        new LogUnavailableException(
            "the acknowledgement of the entry at " + position + " was lost, as the test wanted",
            null));
  }

  @Override
  public CompletableFuture<LogPosition> tail() {
    return ask(SharedLog::tail);
  }

  @Override
  public CompletableFuture<Map<StreamId, LogPosition>> tail(Collection<StreamId> streams) {
    return ask(behind -> behind.tail(streams));
  }

  @Override
  public CompletableFuture<ReadBatch> read(StreamId stream, LogPosition from, ReadLimit limit) {
    return ask(behind -> behind.read(stream, from, limit));
  }

  @Override
  public CompletableFuture<ReadBatch> readAll(LogPosition from, ReadLimit limit) {
    return ask(behind -> behind.readAll(from, limit));
  }

  @Override
  public Subscription subscribe(Set<StreamId> streams, LogPosition from, EntryListener listener) {
    Feed feed = new Feed(listener);
    feed.subscription = log.subscribe(streams, from, feed);
    return feed;
  }

  @Override
  public Subscription subscribeAll(LogPosition from, EntryListener listener) {
    Feed feed = new Feed(listener);
    feed.subscription = log.subscribeAll(from, feed);
    return feed;
  }

  @Override
  public CompletableFuture<LogPosition> trim(LogPosition before) {
    return ask(behind -> behind.trim(before));
  }

  @Override
  public CompletableFuture<LogPosition> trimMark() {
    return ask(SharedLog::trimMark);
  }

  @Override
  public void close() {
    closed = true;
    requests.close();
    answers.close();
  }

  /**
   * Hands entries on when they have come over the link. The log's own thread for the subscription
   * waits for that, and calls the listener: what arrives must not wait for a listener.
   */
  private final class Feed implements EntryListener, Subscription {

    private final EntryListener listener;
    private final CompletableFuture<Boolean> closing = new CompletableFuture<>();
    private volatile @Nullable Subscription subscription; // null until the log has it

    Feed(EntryListener listener) {
      this.listener = listener;
    }

    @Override
    public void onEntries(List<LogEntry> entries) {
      if (arrives()) {
        listener.onEntries(entries);
      }
    }

    @Override
    public void onEnd(Throwable cause) {
      if (arrives()) {
        listener.onEnd(cause);
      }
    }

    // Whether it does before the subscription is closed.
    private boolean arrives() {
      CompletableFuture<Boolean> arrival = new CompletableFuture<>();
      answers.send(() -> arrival.complete(true));
      return arrival.applyToEither(closing, arrived -> arrived).join();
    }

    @Override
    public void close() {
      closing.complete(false);
      Subscription running = subscription;
      if (running != null) {
        running.close();
      }
    }
  }
}
