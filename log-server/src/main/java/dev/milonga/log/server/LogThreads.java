package dev.milonga.log.server;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The threads of an embedded log: one writes, one tells callers, one does what is due from time to
 * time, a few read the store, and as many call listeners as there are listeners being called.
 */
final class LogThreads {

  private static final int READERS = 4;
  private static final long IDLE_SECONDS = 10;

  private final Set<Thread> own = ConcurrentHashMap.newKeySet();
  private final Thread writer;
  private final Thread completer;
  private final Completions completions;
  private final ScheduledThreadPoolExecutor background;
  private final ThreadPoolExecutor readers;
  private final ThreadPoolExecutor listeners;

  LogThreads(LogWriter writer, Completions completions) {
    this.writer = thread("writer", writer);
    this.completer = thread("completer", completions);
    this.completions = completions;
    this.background = new ScheduledThreadPoolExecutor(1, task -> thread("background", task));
    this.background.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    this.readers =
        new ThreadPoolExecutor(
            READERS,
            READERS,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            task -> thread("reader", task));
    this.readers.allowCoreThreadTimeOut(true);
    this.listeners =
        new ThreadPoolExecutor(
            0,
            Integer.MAX_VALUE,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new SynchronousQueue<>(),
            task -> thread("listener", task));
  }

  private Thread thread(String role, Runnable task) {
    Thread thread =
        new Thread(
            () -> {
              own.add(Thread.currentThread());
              try {
                task.run();
              } finally {
                own.remove(Thread.currentThread());
              }
            },
            "log-" + role);
    thread.setDaemon(true);
    return thread;
  }

  void start() {
    writer.start();
    completer.start();
  }

  /** Runs the task over and over, that long after each end. */
  void every(long millis, Runnable task) {
    background.scheduleWithFixedDelay(task, millis, millis, TimeUnit.MILLISECONDS);
  }

  /** Runs the task in the background, if that has not ended. */
  void execute(Runnable task) {
    if (!background.isShutdown()) {
      background.execute(task);
    }
  }

  ExecutorService readers() {
    return readers;
  }

  ExecutorService listeners() {
    return listeners;
  }

  /** Whether that thread is one of these, which must not wait for itself to end. */
  boolean isOwn(Thread thread) {
    return own.contains(thread);
  }

  /** Closes from a thread that is none of these. */
  void startClosing(Runnable closing) {
    Thread thread = new Thread(closing, "log-closer");
    thread.start();
  }

  /** Waits until the writer has ended, which must have been told to, and all callers know. */
  void awaitWriting() {
    join(writer);
    completions.close();
    join(completer);
  }

  /** Ends the rest; listeners get that long to return. */
  void awaitOthers(long listenersMillis) {
    listeners.shutdown();
    await(listeners, listenersMillis);
    for (ThreadPoolExecutor executor : List.of(readers, background)) {
      executor.shutdown();
      await(executor, Long.MAX_VALUE);
    }
  }

  private static void join(Thread thread) {
    uninterrupted(
        () -> {
          thread.join();
          return true;
        });
  }

  private static void await(ThreadPoolExecutor executor, long millis) {
    uninterrupted(() -> executor.awaitTermination(millis, TimeUnit.MILLISECONDS));
  }

  private interface Waiting {
    boolean run() throws InterruptedException;
  }

  /** Waits through interruptions, and hands them on. */
  private static void uninterrupted(Waiting waiting) {
    boolean interrupted = false;
    while (true) {
      try {
        waiting.run();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
