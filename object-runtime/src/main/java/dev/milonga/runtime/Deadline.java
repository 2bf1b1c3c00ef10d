package dev.milonga.runtime;

import dev.milonga.log.LogUnavailableException;
import dev.milonga.log.StoreException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.concurrent.locks.StampedLock;

/**
 * The time that one call may spend waiting, for the log and for others who do, over all its waits
 * together. The time in which it makes progress by itself, such as replaying what the log has
 * answered, does not count. Confined to one thread.
 */
final class Deadline {

  private final Duration timeout;
  private final Environment environment;
  private long leftNanos;

  Deadline(Duration timeout, Environment environment) {
    this.timeout = timeout;
    this.environment = environment;
    this.leftNanos = timeout.toNanos();
  }

  private interface Wait<V> {
    V within(long nanos) throws InterruptedException, ExecutionException, TimeoutException;
  }

  private <V> V spend(Wait<V> wait)
      throws InterruptedException, ExecutionException, TimeoutException {
    long began = environment.nanoTime();
    try {
      return wait.within(Math.max(0, leftNanos));
    } finally {
      leftNanos -= environment.nanoTime() - began;
    }
  }

  /**
   * What the future completes with.
   *
   * @throws LogUnavailableException if it does not within the deadline, or if the thread is
   *     interrupted, which then stays interrupted
   */
  <V> V await(CompletableFuture<V> future) {
    try {
      return get(future);
    } catch (ExecutionException e) {
      throw failure(e.getCause());
    }
  }

  /** Like {@link #await}, for a call of user code: what that threw is thrown as it is. */
  <V> V awaitOutcome(CompletableFuture<V> outcome) {
    try {
      return get(outcome);
    } catch (ExecutionException e) {
      throw Sneaky.unchecked(e.getCause());
    }
  }

  private <V> V get(CompletableFuture<V> future) throws ExecutionException {
    try {
      // A future that is done costs no look at the clock.
      return future.isDone() ? future.get() : spend(nanos -> environment.await(future, nanos));
    } catch (TimeoutException e) {
      throw new LogUnavailableException("the log has not answered within " + timeout, e);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  /** Takes a lock that others hold while they wait for the log. */
  void lock(ReentrantLock lock, String what) {
    if (!tryLock(lock)) {
      throw late(what);
    }
  }

  /** Takes a lock that others hold while they wait for the log; false if it is not to be had. */
  boolean tryLock(ReentrantLock lock) {
    if (lock.tryLock()) {
      return true;
    }
    try {
      return spend(nanos -> environment.tryLock(lock, nanos));
    } catch (InterruptedException e) {
      throw interrupted(e);
    } catch (ExecutionException | TimeoutException e) {
      throw new AssertionError("a lock throws neither", e);
    }
  }

  /** Takes the write side of a lock whose read side others hold while they run user code. */
  long lockWrite(StampedLock lock, String what) {
    long stamp = lock.tryWriteLock();
    if (stamp == 0) {
      try {
        stamp = spend(nanos -> lock.tryWriteLock(nanos, TimeUnit.NANOSECONDS));
      } catch (InterruptedException e) {
        throw interrupted(e);
      } catch (ExecutionException | TimeoutException e) {
        throw new AssertionError("a lock throws neither", e);
      }
    }
    if (stamp == 0) {
      throw late(what);
    }
    return stamp;
  }

  /** Begins anew, since somebody else has made progress on what this call waits for. */
  void extend() {
    leftNanos = timeout.toNanos();
  }

  LogUnavailableException late(String what) {
    return new LogUnavailableException(
        what + " was not brought up to date within " + timeout, null);
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
