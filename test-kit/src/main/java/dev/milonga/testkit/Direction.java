package dev.milonga.testkit;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * One direction of a connection: delivers what is sent, in its order, each after the delay that was
 * in force when it was sent; nothing while it is held. A thread of its own runs the deliveries.
 */
final class Direction implements AutoCloseable {

  private final ReentrantLock lock = new ReentrantLock(); // never held while a delivery runs
  private final Condition changed = lock.newCondition();

  // Guarded by lock.
  private final Deque<Parcel> parcels = new ArrayDeque<>();
  private long delayNanos;
  private boolean held;
  private boolean closed;

  private record Parcel(long dueNanos, Runnable delivery) {}

  Direction(String name) {
    Thread thread = new Thread(this::deliver, name);
    thread.setDaemon(true);
    thread.start();
  }

  /** Sends something: the delivery runs when it arrives, and must neither block nor throw. */
  void send(Runnable delivery) {
    lock.lock();
    try {
      if (!closed) {
        parcels.add(new Parcel(System.nanoTime() + delayNanos, delivery));
        changed.signal();
        return;
      }
    } finally {
      lock.unlock();
    }
    delivery.run(); // to whom finds that the connection is closed
  }

  void delay(Duration each) {
    if (each.isNegative()) {
      throw new IllegalArgumentException("a delay must be >= 0, was " + each);
    }
    change(() -> delayNanos = each.toNanos());
  }

  void hold() {
    change(() -> held = true);
  }

  /** Ends the hold and the delay, also of what was sent before. */
  void heal() {
    change(
        () -> {
          held = false;
          delayNanos = 0;
          Deque<Parcel> due = new ArrayDeque<>();
          parcels.forEach(each -> due.add(new Parcel(System.nanoTime(), each.delivery)));
          parcels.clear();
          parcels.addAll(due);
        });
  }

  /** Delivers everything at once, and ends the thread. */
  @Override
  public void close() {
    change(() -> closed = true);
  }

  private void change(Runnable how) {
    lock.lock();
    try {
      how.run();
      changed.signal();
    } finally {
      lock.unlock();
    }
  }

  private void deliver() {
    for (Runnable next = next(); next != null; next = next()) {
      next.run();
    }
  }

  // Null at the end.
  private @Nullable Runnable next() {
    lock.lock();
    try {
      while (true) {
        Parcel first = parcels.peek();
        long early = first == null ? 0 : first.dueNanos - System.nanoTime();
        if (first != null && (closed || !held && early <= 0)) {
          parcels.remove();
          return first.delivery;
        }
        if (closed) {
          return null;
        }
        if (first == null || held) {
          changed.awaitUninterruptibly();
        } else {
          awaitNanos(early);
        }
      }
    } finally {
      lock.unlock();
    }
  }

  private void awaitNanos(long nanos) {
    try {
      long left = changed.awaitNanos(nanos);
      assert left <= nanos;
    } catch (InterruptedException e) {
      throw new AssertionError("nobody has this thread to interrupt it", e);
    }
  }
}
