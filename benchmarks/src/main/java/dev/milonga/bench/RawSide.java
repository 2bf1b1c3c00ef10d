package dev.milonga.bench;

import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import org.rocksdb.RocksDBException;

/** The {@link RawStore} with every key in its map, and what is done to it. */
final class RawSide implements AutoCloseable {

  private static final int BATCH = 1_000;

  private final RawStore store;
  private final Pairs pairs;

  RawSide(Path directory, Pairs pairs) throws RocksDBException {
    this.store = new RawStore(directory);
    this.pairs = pairs;
    store.putAll(pairs.everyKey());
  }

  /** Puts, each with its sync. */
  Load puts(int threads) {
    return Load.timed(
        threads,
        random -> {
          store.put(pairs.key(random), pairs.value(random));
          return 1;
        });
  }

  Load gets(int threads) {
    return Load.sampled(threads, random -> Values.check(store.get(pairs.key(random))));
  }

  /** Puts in batches of 1,000, each with one sync. */
  Load batchesOfPuts() {
    return Load.untimed(
        1,
        random -> {
          store.putAll(pairs.draw(BATCH, random));
          return BATCH;
        });
  }

  /** New keys in batches of 1,000, each with one sync, without index rows. */
  Load batchesOfEntries() {
    AtomicLong next = new AtomicLong();
    return Load.untimed(
        1,
        random -> {
          store.load(next.getAndAdd(BATCH), BATCH, pairs.value(random));
          return BATCH;
        });
  }

  @Override
  public void close() {
    store.close();
  }
}
