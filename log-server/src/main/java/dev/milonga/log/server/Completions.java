package dev.milonga.log.server;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A thread that tells callers their outcomes while the writer is at the next batch: waking many
 * threads takes a system call for each.
 */
final class Completions implements Runnable {

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private List<Runnable> tasks = new ArrayList<>(); // guarded by lock
  private boolean closing; // guarded by lock

  void add(Runnable task) {
    lock.lock();
    try {
      tasks.add(task);
      changed.signal();
    } finally {
      lock.unlock();
    }
  }

  /** Runs what is added, in order, until it is closed and nothing is left. */
  @Override
  public void run() {
    for (List<Runnable> taken = take(); !taken.isEmpty(); taken = take()) {
      taken.forEach(Runnable::run);
    }
  }

  /** Runs what has been added so far; false if nothing has. */
  boolean step() {
    List<Runnable> taken;
    lock.lock();
    try {
      taken = tasks;
      tasks = new ArrayList<>();
    } finally {
      lock.unlock();
    }
    taken.forEach(Runnable::run);
    return !taken.isEmpty();
  }

  /** Whether there is something for {@link #step} to do. */
  boolean isAwaited() {
    lock.lock();
    try {
      return !tasks.isEmpty();
    } finally {
      lock.unlock();
    }
  }

  private List<Runnable> take() {
    lock.lock();
    try {
      while (tasks.isEmpty() && !closing) {
        changed.awaitUninterruptibly();
      }
      List<Runnable> taken = tasks;
      tasks = new ArrayList<>();
      return taken;
    } finally {
      lock.unlock();
    }
  }

  void close() {
    lock.lock();
    try {
      closing = true;
      changed.signal();
    } finally {
      lock.unlock();
    }
  }
}
