package dev.milonga.bench;

import dev.milonga.Milonga;
import dev.milonga.collections.ReplicatedMap;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/** A replicated map in a durable store as a contestant. */
final class StoreContestant implements Contestant {

  private static final int UNDER_WAY_MAX = 1_024;

  private final Milonga store;
  private final ReplicatedMap<String, String> map;
  private final Pairs pairs;

  StoreContestant(Path directory, Pairs pairs) {
    this.store = Milonga.open(directory);
    this.map = store.map("pairs", String.class, String.class);
    this.pairs = pairs;
    Map<String, String> all = new LinkedHashMap<>();
    pairs.everyKey().forEach(pair -> all.put(pair.getKey(), pair.getValue()));
    map.putAll(all);
  }

  @Override
  public Operation operation(Work work) {
    return switch (work) {
      case PUT_1, PUT_16 ->
          random -> {
            map.put(pairs.key(random), pairs.value(random));
            return 1;
          };
      case GET_1, GET_16 -> random -> Values.check(map.get(pairs.key(random)));
      case PUT_ASYNC -> new Pipeline();
    };
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
          .async(() -> map.put(key, value))
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
