package dev.milonga.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * Runs an operation on a number of threads, each of which begins the next one when the last one has
 * returned, and counts.
 *
 * <p>What begins during the warm-up is not counted, so that a slow first operation does not reach
 * into the figure; what begins during the measured time is counted when it has returned.
 */
final class ClosedLoop {

  private enum Phase {
    WARM_UP,
    MEASURED,
    OVER
  }

  private final int threads;
  private final Duration warmUp;
  private final Duration measured;
  private final SplittableRandom seeds;

  private volatile Phase phase = Phase.WARM_UP; // written by the thread that called measure

  private ClosedLoop(int threads, Duration warmUp, Duration measured, long seed) {
    this.threads = threads;
    this.warmUp = warmUp;
    this.measured = measured;
    this.seeds = new SplittableRandom(seed);
  }

  /**
   * Operations per second, over all threads.
   *
   * @throws ExecutionException if an operation failed; its exception is the cause
   */
  static double operationsPerSecond(
      int threads, Duration warmUp, Duration measured, long seed, Operation operation)
      throws InterruptedException, ExecutionException {
    return new ClosedLoop(threads, warmUp, measured, seed).measure(operation);
  }

  private double measure(Operation operation) throws InterruptedException, ExecutionException {
    ExecutorService executor = Executors.newFixedThreadPool(threads);
    try {
      CountDownLatch failed = new CountDownLatch(1);
      List<Future<Long>> counts = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        counts.add(executor.submit(loop(operation, seeds.split(), failed)));
      }
      failed.await(warmUp.toNanos(), TimeUnit.NANOSECONDS);
      long start = System.nanoTime();
      phase = Phase.MEASURED;
      failed.await(measured.toNanos(), TimeUnit.NANOSECONDS);
      phase = Phase.OVER;
      long nanos = System.nanoTime() - start;
      long operations = 0;
      for (Future<Long> count : counts) {
        operations += count.get();
      }
      return operations * 1e9 / nanos;
    } finally {
      phase = Phase.OVER;
      executor.shutdownNow();
    }
  }

  private Callable<Long> loop(Operation operation, SplittableRandom random, CountDownLatch failed) {
    return () -> {
      long operations = 0;
      try {
        for (Phase begun = phase; begun != Phase.OVER; begun = phase) {
          int done = operation.run(random);
          operations += begun == Phase.MEASURED ? done : 0;
        }
      } catch (Exception e) {
        failed.countDown(); // the others need not go on
        throw e;
      }
      return operations;
    };
  }
}
