package dev.milonga.log.grpc;

import java.util.concurrent.CompletableFuture;

/**
 * A call that is made beside the conversation, and made again with the next one if its connection
 * breaks: it changes nothing, or nothing more when it is made twice.
 */
final class PendingCall<T> extends CompletableFuture<T> implements Guest {

  private final Attempt<T> attempt;
  private final Conversations conversations;
  final long deadlineNanos;

  /** One attempt to make the call. */
  interface Attempt<T> {
    void start(Link link, PendingCall<T> call);
  }

  PendingCall(Conversations conversations, long deadlineNanos, Attempt<T> attempt) {
    this.conversations = conversations;
    this.deadlineNanos = deadlineNanos;
    this.attempt = attempt;
  }

  @Override
  public void start(Link link) {
    if (!isDone()) {
      attempt.start(link, this);
    }
  }

  @Override
  public void fail(RuntimeException cause) {
    completeExceptionally(cause);
  }

  /** The attempt over that link has failed. */
  void failed(Link link, LinkProblem problem) {
    failed(link, problem, problem.cause());
  }

  /** Likewise, with what to tell the caller if it is not made again. */
  void failed(Link link, LinkProblem problem, RuntimeException cause) {
    if (problem.again()) {
      conversations.again(this, link);
    } else {
      completeExceptionally(cause);
    }
  }
}
