package dev.milonga.log.server;

import dev.milonga.log.server.Outcome.Refused;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** A command on its way to the engine, and the future of who gave it. */
final class Request<T> extends CompletableFuture<T> {

  private final LogCommand command;
  private final long bytes;
  private final boolean waitedFor;
  private final Function<Outcome, T> result;

  /**
   * A request for that command.
   *
   * @param bytes about what it holds in memory
   * @param waitedFor whether a thread waits for the outcome and nothing else depends on it
   * @param result makes what the caller gets of an outcome that is not a refusal
   */
  Request(LogCommand command, long bytes, boolean waitedFor, Function<Outcome, T> result) {
    this.command = command;
    this.bytes = bytes;
    this.waitedFor = waitedFor;
    this.result = result;
  }

  LogCommand command() {
    return command;
  }

  long bytes() {
    return bytes;
  }

  boolean isWaitedFor() {
    return waitedFor;
  }

  /** Completes the future, if it is not complete. */
  void settle(Outcome outcome) {
    if (outcome instanceof Refused refused) {
      completeExceptionally(refused.cause());
    } else {
      complete(result.apply(outcome));
    }
  }
}
