package dev.milonga.tests;

import dev.milonga.log.AppendRequest;
import dev.milonga.log.EntryListener;
import dev.milonga.log.LocalTails;
import dev.milonga.log.LogPosition;
import dev.milonga.log.ReadBatch;
import dev.milonga.log.ReadLimit;
import dev.milonga.log.SessionId;
import dev.milonga.log.SharedLog;
import dev.milonga.log.StreamId;
import dev.milonga.log.Subscription;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** A log in front of another one, for doubles to override what they change. */
class DelegatingLog implements SharedLog {

  final SharedLog behind;

  DelegatingLog(SharedLog behind) {
    this.behind = behind;
  }

  @Override
  public CompletableFuture<SessionId> openSession() {
    return behind.openSession();
  }

  @Override
  public CompletableFuture<LogPosition> append(AppendRequest request) {
    return behind.append(request);
  }

  @Override
  public CompletableFuture<LogPosition> tail() {
    return behind.tail();
  }

  @Override
  public CompletableFuture<Map<StreamId, LogPosition>> tail(Collection<StreamId> streams) {
    return behind.tail(streams);
  }

  @Override
  public CompletableFuture<ReadBatch> read(StreamId stream, LogPosition from, ReadLimit limit) {
    return behind.read(stream, from, limit);
  }

  @Override
  public CompletableFuture<ReadBatch> readAll(LogPosition from, ReadLimit limit) {
    return behind.readAll(from, limit);
  }

  @Override
  public Subscription subscribe(Set<StreamId> streams, LogPosition from, EntryListener listener) {
    return behind.subscribe(streams, from, listener);
  }

  @Override
  public Subscription subscribeAll(LogPosition from, EntryListener listener) {
    return behind.subscribeAll(from, listener);
  }

  @Override
  public CompletableFuture<LogPosition> trim(LogPosition before) {
    return behind.trim(before);
  }

  @Override
  public CompletableFuture<LogPosition> trimMark() {
    return behind.trimMark();
  }

  @Override
  public Optional<LocalTails> localTails() {
    return behind.localTails();
  }

  @Override
  public void close() {
    behind.close();
  }
}
