package dev.milonga.log.grpc;

import dev.milonga.log.AppendRequest;
import dev.milonga.log.LogPosition;
import java.util.concurrent.CompletableFuture;

/** An append that has no outcome yet. All fields that change are guarded by the conversations. */
final class PendingAppend extends CompletableFuture<LogPosition> {

  final AppendRequest request;
  final long bytes;
  final long deadlineNanos;
  final boolean waitedFor; // nothing but a waiting thread depends on it

  long number; // within the present conversation; 0 if it was not sent in it
  boolean notTaken; // the server of the present conversation says so
  boolean maybeAccepted; // by the server of an earlier conversation

  PendingAppend(AppendRequest request, long bytes, long deadlineNanos, boolean waitedFor) {
    this.request = request;
    this.bytes = bytes;
    this.deadlineNanos = deadlineNanos;
    this.waitedFor = waitedFor;
  }
}
