package dev.milonga.tests.simulation;

import dev.milonga.runtime.Environment;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;

/** What a client of the simulation takes from outside: all of it from the scheduler. */
public final class SimulatedEnvironment implements Environment {

  private final Scheduler scheduler;
  private final Scheduler.Process process;
  private final InstantSource clock;
  private final Random random;

  /** Of a client in that process. */
  public SimulatedEnvironment(
      Scheduler scheduler, Scheduler.Process process, InstantSource clock, long seed) {
    this.scheduler = scheduler;
    this.process = process;
    this.clock = clock;
    this.random = new Random(seed);
  }

  @Override
  public InstantSource clock() {
    return clock;
  }

  @Override
  public RandomGenerator random() {
    return random;
  }

  @Override
  public long nanoTime() {
    return scheduler.nanos();
  }

  @Override
  public ExecutorService background() {
    return new Background();
  }

  @Override
  public Repetition every(long nanos, Runnable task) {
    boolean[] ended = new boolean[1];
    scheduler.spawnDaemon(
        process,
        "deadlines",
        () -> {
          while (!scheduler.await("waits for its time", () -> ended[0], nanos)) {
            task.run();
          }
        });
    return () -> ended[0] = true;
  }

  @Override
  public <V> V await(CompletableFuture<V> future, long nanos)
      throws InterruptedException, ExecutionException, TimeoutException {
    if (!scheduler.await("waits for an answer", future::isDone, nanos)) {
      throw new TimeoutException("nothing within " + nanos + " ns");
    }
    return future.get();
  }

  @Override
  public boolean tryLock(ReentrantLock lock, long nanos) {
    long end = nanos > Scheduler.FOREVER - nanoTime() ? Scheduler.FOREVER : nanoTime() + nanos;
    while (!lock.tryLock()) {
      if (!scheduler.await("waits for a lock", () -> !lock.isLocked(), end - nanoTime())) {
        return false;
      }
    }
    return true;
  }

  @Override
  public void pause(long nanos) {
    scheduler.sleep("pauses", nanos);
  }

  /** Each task on a thread of its own. */
  private final class Background extends AbstractExecutorService {

    private boolean shutdown;

    @Override
    public void execute(Runnable task) {
      if (shutdown) {
        throw new RejectedExecutionException("shut down");
      }
      scheduler.spawnDaemon(process, "async", task);
    }

    @Override
    public void shutdown() {
      shutdown = true;
    }

    @Override
    public List<Runnable> shutdownNow() {
      shutdown = true;
      return List.of();
    }

    @Override
    public boolean isShutdown() {
      return shutdown;
    }

    @Override
    public boolean isTerminated() {
      return shutdown;
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) {
      return shutdown;
    }
  }
}
