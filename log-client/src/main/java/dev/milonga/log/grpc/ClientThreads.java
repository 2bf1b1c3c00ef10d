package dev.milonga.log.grpc;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;

/**
 * The threads of one client in a program: one for what is due at some time, one that tells callers
 * their outcomes, and as many as there are listeners being called.
 */
final class ClientThreads implements ClientEnvironment {

  private static final long IDLE_SECONDS = 10;

  private final Set<Thread> own = ConcurrentHashMap.newKeySet();
  private final ScheduledThreadPoolExecutor background;
  private final ThreadPoolExecutor completions;
  private final ThreadPoolExecutor listeners;

  ClientThreads() {
    this.background = new ScheduledThreadPoolExecutor(1, named("background"));
    this.background.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    this.completions =
        new ThreadPoolExecutor(
            1, 1, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), named("completer"));
    this.completions.allowCoreThreadTimeOut(true);
    this.listeners =
        new ThreadPoolExecutor(
            0,
            Integer.MAX_VALUE,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new SynchronousQueue<>(),
            named("listener"));
  }

  private ThreadFactory named(String role) {
    return task -> {
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
              "log-client-" + role);
      thread.setDaemon(true);
      return thread;
    };
  }

  @Override
  public long nanoTime() {
    return System.nanoTime();
  }

  @Override
  public RandomGenerator random() {
    return ThreadLocalRandom.current();
  }

  @Override
  public void schedule(long nanos, Runnable task) {
    try {
      background.schedule(task, nanos, TimeUnit.NANOSECONDS);
    } catch (RejectedExecutionException e) {
      // Closed: then there is nothing to do.
      if (!background.isShutdown()) {
        throw e;
      }
    }
  }

  @Override
  public Executor completions() {
    return completions;
  }

  @Override
  public Executor listeners() {
    return listeners;
  }

  @Override
  public boolean isOwn(Thread thread) {
    return own.contains(thread);
  }

  @Override
  public void close() {
    background.shutdown();
    completions.shutdown();
    listeners.shutdown();
  }
}
