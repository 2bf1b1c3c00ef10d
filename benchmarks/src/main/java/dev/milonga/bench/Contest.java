package dev.milonga.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutionException;

/**
 * Measures the store against the baseline: in turns, so that a change of the machine's mood meets
 * both, and over several rounds, of which the median counts.
 *
 * @param rounds how often each is measured, at least 1
 * @param warmUp before each measurement
 * @param measured the length of each measurement
 * @param seed of all keys and values
 */
record Contest(int rounds, Duration warmUp, Duration measured, long seed) {

  Contest {
    if (rounds < 1) {
      throw new IllegalArgumentException("rounds must be >= 1, was " + rounds);
    }
  }

  /** Both contestants' figures for that work. */
  Figure figure(Work work, Contestant store, Contestant baseline)
      throws InterruptedException, ExecutionException {
    List<Double> stores = new ArrayList<>();
    List<Double> baselines = new ArrayList<>();
    for (int round = 0; round < rounds; round++) {
      baselines.add(measure(work, baseline, round));
      stores.add(measure(work, store, round));
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
