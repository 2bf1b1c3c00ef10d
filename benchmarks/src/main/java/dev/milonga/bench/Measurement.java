package dev.milonga.bench;

import dev.milonga.bench.Load.Attempts;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import org.HdrHistogram.Histogram;

/**
 * What a load came to.
 *
 * @param latencies of the operations that were timed, in nanoseconds
 * @param attempts of transactions, warm-up included
 */
record Measurement(double perSecond, Histogram latencies, Attempts attempts) {

  /** The median of the rates, and all latencies and attempts together. */
  static Measurement median(List<Measurement> rounds) {
    Histogram all = new Histogram(rounds.get(0).latencies());
    all.reset();
    rounds.forEach(round -> all.add(round.latencies()));
    return new Measurement(
        median(rounds, Measurement::perSecond),
        all,
        rounds.stream().map(Measurement::attempts).reduce(Attempts.NONE, Attempts::plus));
  }

  /** The middle one of those numbers; of an even number of them, what is halfway between two. */
  static <T> double median(List<T> of, ToDoubleFunction<T> number) {
    List<Double> sorted = new ArrayList<>(of.stream().map(number::applyAsDouble).toList());
    Collections.sort(sorted);
    int middle = sorted.size() / 2;
    return sorted.size() % 2 == 1
        ? sorted.get(middle)
        : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
  }

  Figure figure() {
    return new Figure(
        perSecond,
        Unit.PER_SECOND,
        latencies.getTotalCount() == 0
            ? Optional.empty()
            : Optional.of(
                new Figure.Latency(
                    latencies.getValueAtPercentile(50) / 1e3,
                    latencies.getValueAtPercentile(99) / 1e3)));
  }

  /** The aborted attempts, in hundredths of all; 0 if there were none. */
  double abortedPercent() {
    return attempts.all() == 0 ? 0 : 100.0 * attempts.aborted() / attempts.all();
  }
}
