package dev.milonga.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milonga.Milonga;
import dev.milonga.collections.ReplicatedCounter;
import dev.milonga.collections.ReplicatedMap;
import dev.milonga.collections.ReplicatedQueue;
import dev.milonga.runtime.Consistency;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.ToLongFunction;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Timeout;

/** Many threads on few objects: every result once, nothing lost, nobody left waiting. */
@Timeout(600)
class ConcurrencyTest {

  private static final int THREADS = 16;

  private static int calls(LogKind kind) {
    return kind == LogKind.IN_MEMORY ? 500 : 100;
  }

  /** What 16 threads, half of them at each of two clients, get from a call made that often. */
  private static <T> List<Long> byTwoClients(List<T> objects, int times, ToLongFunction<T> call)
      throws Exception {
    List<Callable<List<Long>>> threads = new ArrayList<>();
    for (int t = 0; t < THREADS; t++) {
      T object = objects.get(t % 2);
      threads.add(() -> IntStream.range(0, times).mapToObj(i -> call.applyAsLong(object)).toList());
    }
    return Together.call(threads).stream().flatMap(Collection::stream).toList();
  }

  private static List<Long> upTo(long n) {
    return LongStream.rangeClosed(1, n).boxed().toList();
  }

  @EveryLog
  void incrementsByMutatorsThatReturnTheNewValue_areAllDistinct_plain(LogKind kind)
      throws Exception {
    try (Logs logs = Logs.openWithoutSync(kind)) {
      List<Inventory> both =
          List.of(
              logs.client().object(Inventory.class, "i"),
              logs.client().object(Inventory.class, "i"));
      int times = calls(kind);

      List<Long> returned = byTwoClients(both, times, inventory -> inventory.restock("a", 1));

      assertThat(returned).containsExactlyInAnyOrderElementsOf(upTo((long) THREADS * times));
      assertThat(both).allSatisfy(i -> assertThat(i.inStock("a")).isEqualTo(THREADS * times));
    }
  }

  @EveryLog
  void incrementsByMutatorsThatReturnTheNewValue_areAllDistinct_versioned(LogKind kind)
      throws Exception {
    try (Logs logs = Logs.openWithoutSync(kind)) {
      List<Ledger> both =
          List.of(logs.client().object(Ledger.class, "l"), logs.client().object(Ledger.class, "l"));
      int times = calls(kind);

      List<Long> returned = byTwoClients(both, times, ledger -> ledger.add(1));

      assertThat(returned).containsExactlyInAnyOrderElementsOf(upTo((long) THREADS * times));
      assertThat(both).allSatisfy(l -> assertThat(l.total()).isEqualTo((long) THREADS * times));
      assertThat(both.get(0).last()).isEqualTo(both.get(1).last());
    }
  }

  /** Each thread writes, waiting or not, and reads: what it has read never goes back. */
  @EveryLog
  void mixOfCallsWithAndWithoutWaiting_losesNothingAndNeverGoesBack(LogKind kind) throws Exception {
    try (Logs logs = Logs.openWithoutSync(kind)) {
      List<Milonga> stores = List.of(logs.client(), logs.client());
      int times = calls(kind);
      List<Callable<List<CompletableFuture<Long>>>> threads = new ArrayList<>();
      for (int t = 0; t < THREADS; t++) {
        Milonga store = stores.get(t % 2);
        Ledger versioned = store.object(Ledger.class, "l");
        Inventory plain = store.object(Inventory.class, "i");
        ReplicatedCounter counter = store.counter("c");
        int thread = t;
        threads.add(
            () -> {
              List<CompletableFuture<Long>> later = new ArrayList<>();
              long seenVersioned = 0;
              long seenPlain = 0;
              for (int i = 0; i < times; i++) {
                switch ((thread + i) % 6) {
                  case 0 -> seenVersioned = notBelow(versioned.add(1), seenVersioned);
                  case 1 -> later.add(future(store.async(() -> versioned.add(1))));
                  case 2 -> seenPlain = notBelow(plain.restock("a", 1), seenPlain);
                  case 3 -> later.add(future(store.async(() -> (long) plain.inStock("a"))));
                  case 4 -> counter.add(1);
                  default -> {
                    seenVersioned = notBelow(versioned.total(), seenVersioned);
                    seenPlain = notBelow(plain.inStock("a"), seenPlain);
                    long local = store.<Long>read(Consistency.local(), () -> versioned.total());
                    notBelow(local, 0);
                  }
                }
              }
              return later;
            });
      }

      List<CompletableFuture<Long>> later =
          Together.call(threads).stream().flatMap(Collection::stream).toList();

      for (CompletableFuture<Long> each : later) {
        assertThat(each.get(90, TimeUnit.SECONDS)).isNotNegative();
      }
      long each = 0;
      for (int t = 0; t < THREADS; t++) {
        for (int i = 0; i < times; i++) {
          each += (t + i) % 6 == 4 ? 1 : 0;
        }
      }
      assertThat(stores.get(0).counter("c").get()).isEqualTo(each);
      assertThat(stores.get(0).object(Ledger.class, "l").total())
          .isEqualTo(stores.get(1).object(Ledger.class, "l").total())
          .isEqualTo(stores.get(0).object(Ledger.class, "l").calls());
    }
  }

  private static CompletableFuture<Long> future(CompletionStage<Long> stage) {
    return stage.toCompletableFuture();
  }

  private static long notBelow(long seen, long before) {
    assertThat(seen).isGreaterThanOrEqualTo(before);
    return seen;
  }

  @EveryLog
  void asyncCallsOfOneThread_takeEffectInOrder(LogKind kind) throws Exception {
    try (Logs logs = Logs.openWithoutSync(kind)) {
      List<Milonga> stores = List.of(logs.client(), logs.client());
      int times = 10 * calls(kind);
      List<Callable<Void>> threads = new ArrayList<>();
      for (int t = 0; t < 4; t++) {
        Milonga store = stores.get(t % 2);
        ReplicatedMap<Integer, Integer> map = store.map("m", Integer.class, Integer.class);
        int key = t;
        threads.add(
            () -> {
              List<CompletionStage<Integer>> previous = new ArrayList<>();
              for (int i = 0; i < times; i++) {
                int value = i;
                previous.add(store.async(() -> map.put(key, value)));
              }
              for (int i = 0; i < times; i++) {
                assertThat(previous.get(i).toCompletableFuture().get(90, TimeUnit.SECONDS))
                    .isEqualTo(i == 0 ? null : (Integer) (i - 1));
              }
              return null;
            });
      }

      Together.call(threads);

      assertThat(stores.get(0).map("m", Integer.class, Integer.class).values())
          .containsOnly(times - 1);
    }
  }

  @EveryLog
  void takersOfOneQueue_eachGetAnotherElement(LogKind kind) throws Exception {
    try (Logs logs = Logs.openWithoutSync(kind)) {
      List<ReplicatedQueue<Long>> both =
          List.of(logs.client().queue("q", Long.class), logs.client().queue("q", Long.class));
      int times = calls(kind) / 2;
      both.get(0).addAll(upTo((long) THREADS * times));

      List<Long> taken = byTwoClients(both, times, ReplicatedQueue::remove);

      assertThat(taken).containsExactlyInAnyOrderElementsOf(upTo((long) THREADS * times));
      assertThat(both.get(0)).isEmpty();
    }
  }

  /** A reader that begins after a write was acknowledged sees it, at whichever client. */
  @EveryLog
  void acknowledgedWrite_isSeenAtTheOtherClientAtOnce(LogKind kind) throws Exception {
    try (Logs logs = Logs.openWithoutSync(kind)) {
      ReplicatedMap<String, Long> mine = logs.client().map("m", String.class, Long.class);
      ReplicatedMap<String, Long> theirs = logs.client().map("m", String.class, Long.class);
      Inventory plain = logs.client().object(Inventory.class, "i");
      Inventory theirPlain = logs.client().object(Inventory.class, "i");

      Together.call(
          () -> {
            for (long i = 0; i < calls(kind); i++) {
              mine.put("a", i);
              assertThat(theirs.get("a")).isEqualTo(i);
            }
            return null;
          },
          () -> {
            for (int i = 1; i <= calls(kind); i++) {
              plain.restock("a", 1);
              assertThat(theirPlain.inStock("a")).isEqualTo(i);
            }
            return null;
          });
    }
  }
}
