package dev.milonga.log.grpc;

import java.util.concurrent.CompletableFuture;

/** A tail that was asked for. It completes with the answer of a query sent later. */
final class PendingTail extends CompletableFuture<TailAnswer> {

  final long deadlineNanos;

  PendingTail(long deadlineNanos) {
    this.deadlineNanos = deadlineNanos;
  }
}
