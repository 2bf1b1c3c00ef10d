package dev.milonga.runtime;

import dev.milonga.log.LogUnavailableException;
import dev.milonga.log.StoreException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;

/** Waits for the log, up to a deadline per wait. Immutable. */
final class Waiting {

  private final long timeoutNanos;

  Waiting(Duration timeout) {
    this.timeoutNanos = timeout.toNanos();
  }

  /**
   * What the future completes with.
   *
   * @throws LogUnavailableException if it does not within the deadline, or if the thread is
   *     interrupted, which then stays interrupted
   */
  <V> V await(CompletableFuture<V> future) {
    try {
      return future.get(timeoutNanos, TimeUnit.NANOSECONDS);
    } catch (ExecutionException e) {
      throw failure(e.getCause());
    } catch (TimeoutException e) {
      throw new LogUnavailableException(
          "the log has not answered within " + Duration.ofNanos(timeoutNanos), e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  /** Takes a lock that others hold while they wait for the log, with the same deadline. */
  void lock(ReentrantLock lock, String what) {
    if (lock.tryLock()) {
      return;
    }
    try {
      if (!lock.tryLock(timeoutNanos, TimeUnit.NANOSECONDS)) {
        throw new LogUnavailableException(
            what + " was not brought up to date within " + Duration.ofNanos(timeoutNanos), null);
      }
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private static LogUnavailableException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return new LogUnavailableException("the thread was interrupted while it waited for the log", e);
  }

  private static RuntimeException failure(Throwable cause) {
    if (cause instanceof StoreException known) {
      return known;
    }
    if (cause instanceof Error broken) {
      throw broken;
    }
    if (cause instanceof RuntimeException known) {
      return known;
    }
    return new LogUnavailableException("the log failed: " + cause, cause);
  }
}
