package dev.milonga.bench;

import java.util.List;
import java.util.Optional;

/** Transactions, against single calls and against the hardware. */
final class TransactionWorks {

  private static final String GROUP = "transactions";
  private static final int HOT_KEYS = 10;

  private TransactionWorks() {}

  static List<Work> all() {
    return List.of(
        uniform(1, 0.8, Optional.empty()),
        uniform(16, 0.7, Optional.of(Goal.atMost(1))),
        Work.transactions(
            "tx-hot-16",
            GROUP,
            "transaction as tx-16, over 10 keys, 16 threads",
            "the same over 10,000 keys",
            Goal.ratioAtLeast(0.4),
            Optional.empty(),
            bench -> {
              StoreSide store = bench.newStore();
              return new Work.Sides(
                  store.transactions(16, HOT_KEYS), store.transactions(16, Pairs.KEYS));
            }),
        Work.transactions(
            "snapshot-16",
            GROUP,
            "snapshot of a get in each of 2 maps, 16 threads, while one thread puts",
            "the two gets alone, 16 threads, no writer",
            Goal.ratioAtLeast(0.5),
            Optional.of(Goal.atMost(0)),
            bench -> {
              StoreSide store = bench.newStore();
              return new Work.Sides(store.snapshotsWhileWriting(16), store.pairsOfGets(16));
            }),
        Work.transactions(
            "tx-blind-16",
            GROUP,
            "transaction writing one hot key, reading none, 16 threads",
            "map.put, 16 threads",
            Goal.ratioAtLeast(0.8),
            Optional.of(Goal.atMost(0)),
            bench -> {
              StoreSide store = bench.newStore();
              return new Work.Sides(store.blindTransactions(16), store.puts(16));
            }),
        Work.rate(
            "tx-bulk",
            GROUP,
            "new keys in transactions of 1,000 puts, 1 thread, entries per second",
            "RocksDB, batches of 1,000 entries, synced",
            Goal.ratioAtLeast(0.5),
            bench ->
                new Work.Sides(
                    bench.newStore().bulkTransactions(), bench.newRaw().batchesOfEntries())),
        TangoWork.work(GROUP));
  }

  private static Work uniform(int threads, double goal, Optional<Goal> aborts) {
    return Work.transactions(
        "tx-" + threads,
        GROUP,
        "transaction reading and writing a key in each of 2 maps, " + ObjectWorks.threads(threads),
        "map.put, " + ObjectWorks.threads(threads),
        Goal.ratioAtLeast(goal),
        aborts,
        bench -> {
          StoreSide store = bench.newStore();
          return new Work.Sides(store.transactions(threads, Pairs.KEYS), store.puts(threads));
        });
  }
}
