package dev.milonga.txn;

import dev.milonga.runtime.Environment;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Keeps blocks that have lost from losing again. After the first losses a block waits for a random
 * time that doubles with each; after {@link #PATIENCE} of them it takes the right of way: the other
 * blocks of this client hold back their commits while it runs. Holding back is limited in time and
 * nobody waits for a lock of ours in user code, so blocks that wait for each other in ways that we
 * do not see are delayed and not stuck. Thread-safe.
 */
final class Backoff {

  /** Losses after which a block takes the right of way. */
  static final int PATIENCE = 6;

  private static final long FIRST_WAIT_NANOS = TimeUnit.MICROSECONDS.toNanos(50);
  private static final long WAIT_MAX_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
  private static final long COURTESY_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private final Environment environment;
  private final ReentrantLock rightOfWay = new ReentrantLock(true);
  private final AtomicInteger takers = new AtomicInteger(); // who have or want the right of way

  Backoff(Environment environment) {
    this.environment = environment;
  }

  /**
   * Waits before the attempt after that many losses; returns early if the thread is interrupted.
   */
  void pause(int losses) {
    long most = Math.min(WAIT_MAX_NANOS, FIRST_WAIT_NANOS << Math.min(losses, 16));
    environment.pause(environment.random().nextLong(most) + 1);
  }

  /** Takes the right of way for an attempt; to be returned if this returns true. */
  boolean takeRightOfWay() {
    takers.incrementAndGet();
    boolean taken = tryLock();
    if (!taken) {
      takers.decrementAndGet();
    }
    return taken;
  }

  void returnRightOfWay() {
    takers.decrementAndGet();
    rightOfWay.unlock();
  }

  /** Called before a commit without the right of way: lets a block that has it go first. */
  void yieldToOthers() {
    if (takers.get() > 0 && !rightOfWay.isHeldByCurrentThread() && tryLock()) {
      rightOfWay.unlock();
    }
  }

  private boolean tryLock() {
    try {
      return environment.tryLock(rightOfWay, COURTESY_NANOS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
