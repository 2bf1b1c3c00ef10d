package dev.milonga.log.server;

import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
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
final class LogThreads implements Threads {

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

  @Override
  public void start() {
    writer.start();
    completer.start();
  }

  @Override
  public void every(long millis, Runnable task) {
    background.scheduleWithFixedDelay(task, millis, millis, TimeUnit.MILLISECONDS);
  }

  @Override
  public void execute(Runnable task) {
    if (!background.isShutdown()) {
      background.execute(task);
    }
  }

  @Override
  public ExecutorService readers() {
    return readers;
  }

  @Override
  public ExecutorService listeners() {
    return listeners;
  }

  @Override
  public boolean isOwn(Thread thread) {
    return own.contains(thread);
  }

  @Override
  public void startClosing(Runnable closing) {
    Thread thread = new Thread(closing, "log-closer");
    thread.start();
  }

  @Override
  public void awaitWriting() {
    join(writer);
    completions.close();
    join(completer);
  }

  @Override
  public void awaitOthers(long listenersMillis) {
    listeners.shutdown();
    await(listeners, listenersMillis);
    for (ThreadPoolExecutor executor : List.of(readers, background)) {
      executor.shutdown();
      await(executor, Long.MAX_VALUE);
    }
  }

  @Override
  public void await(CountDownLatch latch) {
    uninterrupted(
        () -> {
          latch.await();
          return true;
        });
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
