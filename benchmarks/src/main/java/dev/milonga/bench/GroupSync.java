package dev.milonga.bench;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Has one thread at a time sync for all that wait: a call returns after a sync that began later.
 */
final class GroupSync {

  private final Runnable sync;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition ended = lock.newCondition();
  private long begun; // guarded by lock; syncs that have begun
  private long done; // guarded by lock; syncs that have ended, done <= begun <= done + 1

  GroupSync(Runnable sync) {
    this.sync = sync;
  }

  /** Waits until a sync has ended that began after this call. */
  void await() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long wanted = begun + 1;
      while (done < wanted) {
        if (begun > done) {
          ended.await();
        } else {
          begun++;
          boolean succeeded = false;
          lock.unlock();
          try {
            sync.run();
            succeeded = true;
          } finally {
            lock.lock();
            if (succeeded) {
              done = begun;
            } else {
              begun = done; // whoever waits next tries again
            }
            ended.signalAll();
          }
        }
      }
    } finally {
      lock.unlock();
    }
  }
}
