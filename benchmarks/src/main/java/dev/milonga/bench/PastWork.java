package dev.milonga.bench;

import dev.milonga.Milonga;
import dev.milonga.collections.ReplicatedMap;
import dev.milonga.log.LogPosition;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Supplier;
import org.HdrHistogram.Histogram;

/** Reads of a map of 10,000 keys as it was 1,000 entries ago. */
final class PastWork {

  private static final int BEHIND = 1_000;

  private final Bench bench;
  private final Pairs pairs;
  private final Milonga store;
  private final ReplicatedMap<String, String> map;
  private final SplittableRandom random;

  private PastWork(Bench bench) throws Exception {
    this.bench = bench;
    this.pairs = bench.pairs();
    this.store = bench.closing(Stores.withoutCheckpoints(bench.newDirectory()));
    this.map = store.map(Reopening.MAP, String.class, String.class);
    this.random = new SplittableRandom(bench.settings().seed());
  }

  static Work work(String name, String group) {
    return Work.of(
        name,
        group,
        "at(position) 1,000 entries behind the tail, warm",
        settings -> 2 * settings.rounds(),
        bench -> new PastWork(bench).run(name));
  }

  private void run(String name) throws Exception {
    map.putAll(pairs.everyKeyAsMap());
    ReopenWork.update(bench, store, 2 * BEHIND);
    LogPosition known = behind();
    measure(
        name,
        "map.get at(position) 1,000 entries behind the tail, a moment seen before",
        () -> known);
    measure(
        name + "-moving",
        "the same one entry after the last look, while the tail moves on",
        () -> {
          put();
          return behind();
        });
  }

  private void put() {
    map.set(pairs.key(random), pairs.value(random));
  }

  private LogPosition behind() {
    return new LogPosition(store.position().orElseThrow().value() + 1 - BEHIND);
  }

  private void measure(String name, String description, Supplier<LogPosition> moments) {
    Settings settings = bench.settings();
    List<Histogram> rounds = new ArrayList<>();
    Histogram all = ClosedLoop.histogram();
    look(moments, settings.warmUp().toNanos());
    for (int round = 0; round < settings.rounds(); round++) {
      Histogram times = look(moments, settings.measured().toNanos());
      rounds.add(times);
      all.add(times);
      bench.measured();
    }
    bench.add(
        Row.of(
            name,
            description,
            new Figure(
                Measurement.median(rounds, times -> times.getValueAtPercentile(50) / 1e6),
                Unit.MILLISECONDS,
                Optional.of(
                    new Figure.Latency(
                        all.getValueAtPercentile(50) / 1e3, all.getValueAtPercentile(99) / 1e3))),
            Goal.atMost(1)));
  }

  /** Looks for that long, and at least once; how long each look took, in nanoseconds. */
  private Histogram look(Supplier<LogPosition> moments, long nanos) {
    Histogram times = ClosedLoop.histogram();
    long begun = System.nanoTime();
    do {
      LogPosition moment = moments.get();
      String key = pairs.key(random);
      long start = System.nanoTime();
      String value = store.at(moment, () -> map.get(key));
      times.recordValue(System.nanoTime() - start);
      Values.check(value);
    } while (System.nanoTime() - begun < nanos);
    return times;
  }
}
