package dev.milonga.runtime;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;

/** How long calls wait for the log. Immutable. */
final class Waiting {

  private final Duration timeout;

  Waiting(Duration timeout) {
    this.timeout = timeout;
  }

  Duration timeout() {
    return timeout;
  }

  /** The deadline of a call that begins now. */
  Deadline begin() {
    return new Deadline(timeout);
  }

  /** {@link Deadline#await} for a call that waits once. */
  <V> V await(CompletableFuture<V> future) {
    return begin().await(future);
  }

  /** {@link Deadline#lock} for a call that waits once. */
  void lock(ReentrantLock lock, String what) {
    begin().lock(lock, what);
  }
}
