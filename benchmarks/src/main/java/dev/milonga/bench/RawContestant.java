package dev.milonga.bench;

import java.nio.file.Path;
import org.rocksdb.RocksDBException;

/** The baseline as a contestant. */
final class RawContestant implements Contestant {

  private static final int BATCH = 1_000;

  private final RawStore store;
  private final Pairs pairs;

  RawContestant(Path directory, Pairs pairs) throws RocksDBException {
    this.store = new RawStore(directory);
    this.pairs = pairs;
    store.putAll(pairs.everyKey());
  }

  @Override
  public Operation operation(Work work) {
    return switch (work) {
      case PUT_1, PUT_16 ->
          random -> {
            store.put(pairs.key(random), pairs.value(random));
            return 1;
          };
      case GET_1, GET_16 -> random -> Values.check(store.get(pairs.key(random)));
      case PUT_ASYNC ->
          random -> {
            store.putAll(pairs.draw(BATCH, random));
            return BATCH;
          };
    };
  }

  @Override
  public void close() {
    store.close();
  }
}
