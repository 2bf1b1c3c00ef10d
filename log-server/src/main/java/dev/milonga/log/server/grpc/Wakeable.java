package dev.milonga.log.server.grpc;

import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Something that an event loop does when it is woken: once for all who have woken it before it
 * begins. Who wakes it changes first what it is to see; it is marked as not due before it looks.
 */
final class Wakeable {

  private final Executor loop;
  private final Runnable action;
  private final AtomicBoolean due = new AtomicBoolean();

  Wakeable(Executor loop, Runnable action) {
    this.loop = loop;
    this.action = action;
  }

  /** Has the action run soon. On any thread; never throws, nor runs it within. */
  void wake() {
    if (!due.get() && due.compareAndSet(false, true)) {
      execute(
          () -> {
            due.set(false);
            action.run();
          });
    }
  }

  /** Has the event loop do that; nothing if it has ended, and all its connections with it. */
  void execute(Runnable task) {
    try {
      loop.execute(task);
    } catch (RejectedExecutionException e) {
      due.set(false); // nobody is left to be told
    }
  }
}
