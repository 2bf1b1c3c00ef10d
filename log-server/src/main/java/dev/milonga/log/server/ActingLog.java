package dev.milonga.log.server;

import dev.milonga.log.AppendRequest;
import dev.milonga.log.EntryListener;
import dev.milonga.log.LocalTails;
import dev.milonga.log.LogPosition;
import dev.milonga.log.Principal;
import dev.milonga.log.ReadBatch;
import dev.milonga.log.ReadLimit;
import dev.milonga.log.SessionId;
import dev.milonga.log.SharedLog;
import dev.milonga.log.StoreClosedException;
import dev.milonga.log.StreamId;
import dev.milonga.log.Subscription;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * A log as one principal uses it: what they append carries their name, and their sessions are
 * nobody else's. Closing it ends the subscriptions that were made through it, and nothing else.
 */
final class ActingLog implements SharedLog {

  private final EmbeddedLog log;
  private final Principal principal;
  private final Set<TailSubscription> subscriptions = ConcurrentHashMap.newKeySet();
  private volatile boolean closed; // goes to true once, before the subscriptions are ended

  ActingLog(EmbeddedLog log, Principal principal) {
    this.log = log;
    this.principal = principal;
  }

  @Override
  public CompletableFuture<SessionId> openSession() {
    return unlessClosed(() -> log.openSession(principal));
  }

  @Override
  public CompletableFuture<LogPosition> append(AppendRequest request) {
    return unlessClosed(() -> log.append(request, principal));
  }

  @Override
  public CompletableFuture<LogPosition> appendBlocking(AppendRequest request) {
    return unlessClosed(() -> log.appendBlocking(request, principal));
  }

  @Override
  public CompletableFuture<LogPosition> tail() {
    return unlessClosed(log::tail);
  }

  @Override
  public CompletableFuture<Map<StreamId, LogPosition>> tail(Collection<StreamId> streams) {
    return unlessClosed(() -> log.tail(streams));
  }

  @Override
  public CompletableFuture<ReadBatch> read(StreamId stream, LogPosition from, ReadLimit limit) {
    return unlessClosed(() -> log.read(stream, from, limit));
  }

  @Override
  public CompletableFuture<ReadBatch> readAll(LogPosition from, ReadLimit limit) {
    return unlessClosed(() -> log.readAll(from, limit));
  }

  @Override
  public Subscription subscribe(Set<StreamId> streams, LogPosition from, EntryListener listener) {
    checkOpen();
    return endedIfClosed(log.subscribe(streams, from, listener, subscriptions));
  }

  @Override
  public Subscription subscribeAll(LogPosition from, EntryListener listener) {
    checkOpen();
    return endedIfClosed(log.subscribeAll(from, listener, subscriptions));
  }

  // It was noted in `subscriptions` before this looks at `closed`, which is set before close()
  // looks
  // at them: one of the two ends it.
  private Subscription endedIfClosed(TailSubscription subscription) {
    if (closed) {
      subscription.end(isClosed());
    }
    return subscription;
  }

  @Override
  public CompletableFuture<LogPosition> trim(LogPosition before) {
    return unlessClosed(() -> log.trim(before));
  }

  @Override
  public CompletableFuture<LogPosition> trimMark() {
    return unlessClosed(log::trimMark);
  }

  /** Of the log itself: they end with it, not when this is closed. */
  @Override
  public Optional<LocalTails> localTails() {
    return log.localTails();
  }

  @Override
  public void close() {
    closed = true;
    subscriptions.forEach(subscription -> subscription.end(isClosed()));
  }

  private <T> CompletableFuture<T> unlessClosed(Supplier<CompletableFuture<T>> call) {
    return closed ? CompletableFuture.failedFuture(isClosed()) : call.get();
  }

  private void checkOpen() {
    if (closed) {
      throw isClosed();
    }
  }

  private StoreClosedException isClosed() {
    return new StoreClosedException("the log as " + principal + " uses it");
  }

  @Override
  public String toString() {
    return log + " as " + principal + " uses it";
  }
}
