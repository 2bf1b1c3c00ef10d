package dev.milonga.bench;

import dev.milonga.Milonga;
import dev.milonga.bench.Load.Attempts;
import dev.milonga.collections.ReplicatedCounter;
import dev.milonga.collections.ReplicatedMap;
import dev.milonga.txn.TransactionOptions;
import dev.milonga.txn.TransactionStatistics;
import java.nio.file.Path;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** A durable store with two maps that hold every key, and what is done to it. */
final class StoreSide implements AutoCloseable {

  /** Retries as often as it takes: what a conflict costs is to be seen in the rate. */
  static final TransactionOptions PERSISTENT =
      TransactionOptions.DEFAULT
          .withRetriesMax(Integer.MAX_VALUE)
          .withTimeout(Duration.ofMinutes(30));

  private static final int UNDER_WAY_MAX = 1_024;
  private static final int BULK = 1_000;

  private final Milonga store;
  private final ReplicatedMap<String, String> first;
  private final ReplicatedMap<String, String> second;
  private final Pairs pairs;

  StoreSide(Path directory, Pairs pairs) {
    this(Stores.withoutCheckpoints(directory), pairs);
    first.putAll(pairs.everyKeyAsMap());
    second.putAll(pairs.everyKeyAsMap());
  }

  /** A further client of a store whose maps hold every key. */
  StoreSide(Milonga store, Pairs pairs) {
    this.store = store;
    this.first = store.map("first", String.class, String.class);
    this.second = store.map("second", String.class, String.class);
    this.pairs = pairs;
  }

  Milonga store() {
    return store;
  }

  /** Puts, each waited for. */
  Load puts(int threads) {
    return Load.timed(threads, this::put);
  }

  int put(SplittableRandom random) {
    first.put(pairs.key(random), pairs.value(random));
    return 1;
  }

  Load gets(int threads) {
    return Load.sampled(threads, random -> Values.check(first.get(pairs.key(random))));
  }

  /** Gets, each timed: for a store at a distance. */
  Load timedGets(int threads) {
    return Load.timed(threads, random -> Values.check(first.get(pairs.key(random))));
  }

  /** Gets, while one thread puts. */
  Load getsWhileWriting(int threads) {
    return gets(threads).beside(this::put);
  }

  /** A get of each map. */
  Load pairsOfGets(int threads) {
    return Load.sampled(threads, random -> getBoth(pairs.key(random), pairs.key(random)));
  }

  private int getBoth(String one, String other) {
    return Values.check(first.get(one)) * Values.check(second.get(other));
  }

  /** A get of each map at one moment, while one thread puts. */
  Load snapshotsWhileWriting(int threads) {
    return Load.sampled(
            threads,
            random -> {
              String one = pairs.key(random);
              String other = pairs.key(random);
              return store.snapshot(() -> getBoth(one, other));
            })
        .beside(this::put)
        .counting(this::attempts);
  }

  /** Puts by one thread that does not wait for each. */
  Load asynchronousPuts() {
    return Load.untimed(1, new Pipeline());
  }

  /** Increments of one counter. */
  Load increments(int threads) {
    ReplicatedCounter counter = store.counter("hot");
    return Load.timed(
        threads,
        random -> {
          counter.increment();
          return 1;
        });
  }

  /** Calls of a plain class's mutator that returns a value. */
  Load putsOnAPlainClass(int threads) {
    Shelf shelf = store.object(Shelf.class, "shelf");
    return Load.timed(
        threads,
        random -> {
          shelf.put(pairs.key(random), pairs.value(random));
          return 1;
        });
  }

  /** Transactions that read a key of each map and write both, out of that many keys. */
  Load transactions(int threads, int keys) {
    return Load.timed(
            threads,
            random -> {
              String one = pairs.key(random, keys);
              String other = pairs.key(random, keys);
              String value = pairs.value(random);
              return store.transact(
                  PERSISTENT,
                  () -> {
                    int read = getBoth(one, other);
                    first.set(one, value);
                    second.set(other, value);
                    return read;
                  });
            })
        .counting(this::attempts);
  }

  /** Transactions that write one key, always the same. */
  Load blindTransactions(int threads) {
    String hot = pairs.everyKey().get(0).getKey();
    return Load.timed(
            threads,
            random -> {
              String value = pairs.value(random);
              store.transact(PERSISTENT, () -> first.set(hot, value));
              return 1;
            })
        .counting(this::attempts);
  }

  /** Transactions of 1,000 puts of new keys, by one thread. */
  Load bulkTransactions() {
    ReplicatedMap<String, String> loaded = store.map("loaded", String.class, String.class);
    AtomicLong next = new AtomicLong();
    return Load.untimed(
        1,
        random -> {
          String value = pairs.value(random);
          long from = next.getAndAdd(BULK);
          store.transact(
              PERSISTENT,
              () -> {
                for (long i = from; i < from + BULK; i++) {
                  loaded.put(Pairs.newKey(i), value);
                }
              });
          return BULK;
        });
  }

  private Attempts attempts() {
    return attempts(store.transactionStatistics());
  }

  static Attempts attempts(TransactionStatistics statistics) {
    long aborted = statistics.conflicts() + statistics.snapshotsTooOld();
    return new Attempts(statistics.commits() + statistics.readOnly() + aborted, aborted);
  }

  @Override
  public void close() {
    store.close();
  }

  /** Puts without waiting, as long as no more than so many are under way. */
  private final class Pipeline implements Operation {

    private final Semaphore room = new Semaphore(UNDER_WAY_MAX);
    private volatile @Nullable Throwable failure; // the first one, or one of the first

    @Override
    public int run(SplittableRandom random) throws InterruptedException {
      room.acquire();
      Throwable failed = failure;
      if (failed != null) {
        throw new CompletionException("an earlier put failed", failed);
      }
      String key = pairs.key(random);
      String value = pairs.value(random);
      store
          .async(() -> first.put(key, value))
          .whenComplete(
              (before, thrown) -> {
                if (thrown != null) {
                  failure = thrown;
                }
                room.release();
              });
      return 1;
    }
  }
}
