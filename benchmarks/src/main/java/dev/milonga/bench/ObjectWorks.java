package dev.milonga.bench;

import java.util.List;

/** Objects called one at a time, against what one would write by hand. */
final class ObjectWorks {

  private static final String GROUP = "objects";
  private static final String ROCKS = "RocksDB, entry and index row, synced";

  private ObjectWorks() {}

  static List<Work> all() {
    return List.of(
        gets(1),
        gets(16),
        Work.rate(
            "get-16-writing",
            GROUP,
            "map.get, 16 threads, while one thread puts",
            "the same without the writer",
            Goal.ratioAtLeast(0.8),
            bench -> {
              StoreSide store = bench.newStore();
              return new Work.Sides(store.getsWhileWriting(16), store.gets(16));
            }),
        puts(1, 0.9),
        puts(16, 1.3),
        Work.rate(
            "put-async",
            GROUP,
            "asynchronous map.put, 1,024 under way",
            "RocksDB, batches of 1,000 entries and index rows, synced",
            Goal.ratioAtLeast(0.6),
            bench ->
                new Work.Sides(
                    bench.newStore().asynchronousPuts(), bench.newRaw().batchesOfPuts())),
        Work.rate(
            "counter-16",
            GROUP,
            "increments of one counter, 16 threads",
            "map.put, 16 threads",
            Goal.ratioAtLeast(1.0),
            bench -> {
              StoreSide store = bench.newStore();
              return new Work.Sides(store.increments(16), store.puts(16));
            }),
        Work.rate(
            "plain-16",
            GROUP,
            "mutator of a plain class that returns a value, 16 threads",
            "map.put, 16 threads",
            Goal.ratioAtLeast(0.9),
            bench -> {
              StoreSide store = bench.newStore();
              return new Work.Sides(store.putsOnAPlainClass(16), store.puts(16));
            }),
        ManyObjectsWork.work(GROUP));
  }

  private static Work gets(int threads) {
    return Work.rate(
        "get-" + threads,
        GROUP,
        "map.get, " + threads(threads),
        "ConcurrentHashMap.get",
        Goal.ratioAtLeast(0.5),
        bench -> new Work.Sides(bench.newStore().gets(threads), bench.newRaw().gets(threads)));
  }

  private static Work puts(int threads, double goal) {
    return Work.rate(
        "put-" + threads,
        GROUP,
        "map.put, " + threads(threads),
        ROCKS,
        Goal.ratioAtLeast(goal),
        bench -> new Work.Sides(bench.newStore().puts(threads), bench.newRaw().puts(threads)));
  }

  static String threads(int threads) {
    return threads == 1 ? "1 thread" : threads + " threads";
  }
}
