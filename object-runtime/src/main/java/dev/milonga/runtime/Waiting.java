package dev.milonga.runtime;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;

/** How long calls wait for the log, and in which environment. Immutable. */
final class Waiting {

  private final Duration timeout;
  private final Environment environment;

  Waiting(Duration timeout, Environment environment) {
    this.timeout = timeout;
    this.environment = environment;
  }

  Duration timeout() {
    return timeout;
  }

  Environment environment() {
    return environment;
  }

  /** The deadline of a call that begins now. */
  Deadline begin() {
    return new Deadline(timeout, environment);
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
