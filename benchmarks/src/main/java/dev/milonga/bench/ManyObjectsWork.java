package dev.milonga.bench;

import dev.milonga.Milonga;
import dev.milonga.collections.ReplicatedCounter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/** Ten thousand open objects instead of one: what calls cost, and what idle ones take. */
final class ManyObjectsWork {

  private static final int OBJECTS = 10_000;
  private static final int THREADS = 16;
  private static final int OPENING_THREADS = 64; // an open waits for the disk
  private static final int CACHED_ENTRIES = 100_000; // more than the log keeps in memory
  private static final int UNDER_WAY_MAX = 1_000;

  private ManyObjectsWork() {}

  static Work work(String group) {
    return Work.of(
        "objects-10000",
        group,
        "10,000 open counters, one mutation each in turn, 16 threads",
        settings -> 2 * settings.rounds() + 1,
        ManyObjectsWork::run);
  }

  private static void run(Bench bench) throws Exception {
    Milonga store = bench.closing(Stores.withoutCheckpoints(bench.newDirectory()));
    ReplicatedCounter one = store.counter("one");
    fillCache(store, one);
    long before = liveBytes();
    List<ReplicatedCounter> all = open(store);
    double bytes = Math.max(0, liveBytes() - before) / (double) OBJECTS;
    bench.measured();

    AtomicInteger turn = new AtomicInteger();
    Load many =
        Load.timed(
            THREADS,
            random -> {
              all.get(Math.floorMod(turn.getAndIncrement(), OBJECTS)).increment();
              return 1;
            });
    Load single =
        Load.timed(
            THREADS,
            random -> {
              one.increment();
              return 1;
            });
    List<Measurement> both = bench.measure(List.of(single, many));
    bench.add(
        Row.of(
            "objects-10000",
            "10,000 open counters, one mutation each in turn, 16 threads",
            both.get(1).figure(),
            "one counter",
            both.get(0).figure(),
            Goal.ratioAtLeast(0.7)));
    bench.add(
        Row.of(
            "objects-10000-heap",
            "heap of each of 10,000 open counters, mutated once",
            Figure.of(bytes, Unit.BYTES),
            Goal.atMost(4_096)));
  }

  /** Has the log keep as many entries in memory as it ever will, so that they do not count. */
  private static void fillCache(Milonga store, ReplicatedCounter counter) {
    List<CompletableFuture<?>> calls = new ArrayList<>();
    for (int i = 0; i < CACHED_ENTRIES; i++) {
      calls.add(store.async(counter::increment).toCompletableFuture());
      if (calls.size() == UNDER_WAY_MAX) {
        CompletableFuture.allOf(calls.toArray(CompletableFuture[]::new)).join();
        calls.clear();
      }
    }
    counter.get();
  }

  private static List<ReplicatedCounter> open(Milonga store) throws Exception {
    ExecutorService executor = Executors.newFixedThreadPool(OPENING_THREADS);
    try {
      List<Future<ReplicatedCounter>> opening = new ArrayList<>();
      for (int i = 0; i < OBJECTS; i++) {
        String name = "counter-" + i;
        opening.add(
            executor.submit(
                () -> {
                  ReplicatedCounter counter = store.counter(name);
                  counter.increment();
                  return counter;
                }));
      }
      List<ReplicatedCounter> opened = new ArrayList<>(OBJECTS);
      for (Future<ReplicatedCounter> each : opening) {
        opened.add(each.get());
      }
      return opened;
    } finally {
      executor.shutdownNow();
    }
  }

  /** The heap that is in use after everything else was collected. */
  static long liveBytes() {
    Runtime runtime = Runtime.getRuntime();
    long least = Long.MAX_VALUE;
    for (int i = 0; i < 3; i++) {
      System.gc();
      least = Math.min(least, runtime.totalMemory() - runtime.freeMemory());
    }
    return least;
  }
}
