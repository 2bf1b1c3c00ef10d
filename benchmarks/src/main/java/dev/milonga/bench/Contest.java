package dev.milonga.bench;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import org.rocksdb.RocksDBException;

/**
 * Measures the store against the baseline: in turns, so that a change of the machine's mood meets
 * both, and over several rounds, of which the median counts.
 *
 * @param rounds how often each is measured, at least 1
 * @param warmUp before each measurement
 * @param measured the length of each measurement
 * @param seed of all keys and values
 */
public record Contest(int rounds, Duration warmUp, Duration measured, long seed) {

  /** Refuses less than one round. */
  public Contest {
    if (rounds < 1) {
      throw new IllegalArgumentException("rounds must be >= 1, was " + rounds);
    }
  }

  /**
   * Measures each work, the store and the baseline each in a directory of its own below that one.
   *
   * @param done gets each figure when it is there
   * @param measured is called after each measurement, of which there are two a round for each work
   * @throws BenchmarkException if an operation of the store or of the baseline fails
   */
  public void run(Path directory, List<Work> works, Consumer<Figure> done, Runnable measured)
      throws InterruptedException, BenchmarkException {
    Pairs pairs = new Pairs(seed);
    try (Contestant baseline = new RawContestant(directory.resolve("baseline"), pairs);
        Contestant store = new StoreContestant(directory.resolve("store"), pairs)) {
      for (Work work : works) {
        done.accept(figure(work, store, baseline, measured));
      }
    } catch (ExecutionException | RocksDBException e) {
      Throwable cause = e instanceof ExecutionException ? e.getCause() : e;
      throw new BenchmarkException("an operation failed: " + cause, cause);
    }
  }

  /**
   * Both contestants' figures for that work.
   *
   * @param measured is called after each measurement, of which there are two a round
   */
  Figure figure(Work work, Contestant store, Contestant baseline, Runnable measured)
      throws InterruptedException, ExecutionException {
    List<Double> stores = new ArrayList<>();
    List<Double> baselines = new ArrayList<>();
    for (int round = 0; round < rounds; round++) {
      baselines.add(measure(work, baseline, round));
      measured.run();
      stores.add(measure(work, store, round));
      measured.run();
    }
    return new Figure(work, median(stores), median(baselines));
  }

  private double measure(Work work, Contestant contestant, int round)
      throws InterruptedException, ExecutionException {
    return ClosedLoop.operationsPerSecond(
        work.threads(), warmUp, measured, seed + round, contestant.operation(work));
  }

  private static double median(List<Double> figures) {
    Collections.sort(figures);
    int middle = figures.size() / 2;
    return figures.size() % 2 == 1
        ? figures.get(middle)
        : (figures.get(middle - 1) + figures.get(middle)) / 2;
  }
}
