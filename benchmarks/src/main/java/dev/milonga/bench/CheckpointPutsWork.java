package dev.milonga.bench;

import dev.milonga.Milonga;
import dev.milonga.checkpoint.CheckpointReport;
import dev.milonga.collections.ReplicatedMap;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Puts into a large map from the beginning of its checkpoint to the end, and as long without, in
 * turns. The longest put of a round is as often the collector's or the disk's doing; the median
 * over rounds is what a writer has to expect of each side.
 */
final class CheckpointPutsWork {

  private static final int THREADS = 16;
  private static final double LONGER_MILLIS_MAX = 10;

  private CheckpointPutsWork() {}

  static Work work(String name, String group, int entries) {
    String description =
        String.format(
            Locale.ROOT,
            "map.put, %d threads, while a checkpoint of the map's %,d entries runs",
            THREADS,
            entries);
    return Work.of(
        name,
        group,
        description,
        settings -> 1 + 2 * settings.rounds(),
        bench -> run(bench, name, description, entries));
  }

  private static void run(Bench bench, String name, String description, int entries)
      throws Exception {
    Milonga store = bench.closing(Stores.withoutCheckpoints(bench.newDirectory()));
    ReplicatedMap<String, String> map = LargeMap.fill(bench, store, entries);
    bench.measured();
    Load puts =
        Load.timed(
            THREADS,
            random -> {
              map.put(Pairs.newKey(random.nextInt(entries)), bench.pairs().value(random));
              return 1;
            });
    Settings settings = bench.settings();
    List<Measurement> allDuring = new ArrayList<>();
    List<Measurement> allWithout = new ArrayList<>();
    for (int round = 0; round < settings.rounds(); round++) {
      AtomicReference<CheckpointReport> report = new AtomicReference<>();
      allDuring.add(
          ClosedLoop.measure(
              puts,
              settings.warmUp(),
              failed -> report.set(store.checkpointer().checkpoint()),
              settings.seed() + round));
      CheckpointReopenWork.requireComplete(report.get(), entries);
      bench.measured();
      allWithout.add(
          ClosedLoop.measure(
              puts, settings.warmUp(), report.get().took(), settings.seed() + round));
      bench.measured();
    }
    Measurement during = Measurement.median(allDuring);
    Measurement without = Measurement.median(allWithout);
    String against = "the same without a checkpoint, for as long";
    bench.add(
        Row.of(
            name, description, during.figure(), against, without.figure(), Goal.ratioAtLeast(0.7)));
    bench.add(
        Row.of(
            name + "-p99",
            "99 of 100 puts of " + name + " take at most",
            millis(p99(during)),
            against,
            millis(p99(without)),
            Goal.ratioAtMost(2)));
    bench.add(
        Row.of(
            name + "-longest",
            "longest put of a round of " + name,
            millis(Measurement.median(allDuring, CheckpointPutsWork::longest)),
            against,
            millis(Measurement.median(allWithout, CheckpointPutsWork::longest)),
            Goal.moreAtMost(LONGER_MILLIS_MAX)));
  }

  private static Figure millis(double nanos) {
    return Figure.of(nanos / 1e6, Unit.MILLISECONDS);
  }

  private static double p99(Measurement of) {
    return of.latencies().getValueAtPercentile(99);
  }

  private static double longest(Measurement of) {
    return of.latencies().getMaxValue();
  }
}
