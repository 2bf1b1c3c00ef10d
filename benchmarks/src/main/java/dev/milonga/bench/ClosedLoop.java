package dev.milonga.bench;

import dev.milonga.bench.Load.Attempts;
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
import org.HdrHistogram.Histogram;

/**
 * Runs a load: each of its threads begins the next operation when the last one has returned.
 *
 * <p>What begins during the warm-up is not counted, so that a slow first operation does not reach
 * into the figure; what begins during the measured time is counted when it has returned.
 */
final class ClosedLoop {

  private static final long LATENCY_NANOS_MAX = TimeUnit.MINUTES.toNanos(10);

  private enum Phase {
    WARM_UP,
    MEASURED,
    OVER
  }

  /** What is measured as long as it takes. */
  @FunctionalInterface
  interface Interval {
    /**
     * Returns when it is over.
     *
     * @param failed is counted down when the load has failed, and there is nothing to measure
     */
    void pass(CountDownLatch failed) throws Exception;
  }

  private record Counted(long operations, Histogram latencies) {}

  private final Load load;
  private final Duration warmUp;
  private final Interval measured;
  private final SplittableRandom seeds;
  private final CountDownLatch failed = new CountDownLatch(1);

  private volatile Phase phase = Phase.WARM_UP; // written by the thread that called measure

  private ClosedLoop(Load load, Duration warmUp, Interval measured, long seed) {
    this.load = load;
    this.warmUp = warmUp;
    this.measured = measured;
    this.seeds = new SplittableRandom(seed);
  }

  /**
   * Runs the load for that long.
   *
   * @throws ExecutionException if an operation failed; its exception is the cause
   */
  static Measurement measure(Load load, Duration warmUp, Duration measured, long seed)
      throws Exception {
    return measure(
        load, warmUp, failed -> failed.await(measured.toNanos(), TimeUnit.NANOSECONDS), seed);
  }

  /**
   * Runs the load for as long as something else takes.
   *
   * @throws ExecutionException if an operation failed; its exception is the cause
   * @throws Exception what the interval throws
   */
  static Measurement measure(Load load, Duration warmUp, Interval measured, long seed)
      throws Exception {
    return new ClosedLoop(load, warmUp, measured, seed).measure();
  }

  static Histogram histogram() {
    return new Histogram(LATENCY_NANOS_MAX, 3);
  }

  private Measurement measure() throws Exception {
    ExecutorService executor = Executors.newCachedThreadPool();
    try {
      Attempts before = load.attempts().get();
      List<Future<Counted>> counts = new ArrayList<>();
      for (int i = 0; i < load.threads(); i++) {
        counts.add(executor.submit(loop(load.operations().apply(i), load.timedEvery())));
      }
      Operation beside = load.beside();
      Future<Counted> other = beside == null ? null : executor.submit(loop(beside, 0));
      failed.await(warmUp.toNanos(), TimeUnit.NANOSECONDS);
      long start = System.nanoTime();
      phase = Phase.MEASURED;
      measured.pass(failed);
      phase = Phase.OVER;
      long nanos = System.nanoTime() - start;
      long operations = 0;
      Histogram latencies = histogram();
      for (Future<Counted> count : counts) {
        operations += count.get().operations();
        latencies.add(count.get().latencies());
      }
      if (other != null) {
        other.get();
      }
      return new Measurement(
          operations * 1e9 / nanos, latencies, load.attempts().get().minus(before));
    } finally {
      phase = Phase.OVER;
      executor.shutdownNow();
    }
  }

  private Callable<Counted> loop(Operation operation, int timedEvery) {
    SplittableRandom random = seeds.split();
    return () -> {
      long operations = 0;
      int untilTimed = timedEvery;
      Histogram latencies = histogram();
      try {
        for (Phase begun = phase; begun != Phase.OVER; begun = phase) {
          boolean timed = --untilTimed == 0;
          long start = timed ? System.nanoTime() : 0;
          int done = operation.run(random);
          if (timed) {
            untilTimed = timedEvery;
            if (begun == Phase.MEASURED) {
              latencies.recordValue(Math.min(LATENCY_NANOS_MAX, System.nanoTime() - start));
            }
          }
          operations += begun == Phase.MEASURED ? done : 0;
        }
      } catch (Exception | Error e) {
        failed.countDown(); // the others need not go on
        throw e;
      }
      return new Counted(operations, latencies);
    };
  }
}
