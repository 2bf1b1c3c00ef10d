package dev.milonga.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milonga.Milonga;
import dev.milonga.collections.ReplicatedCounter;
import dev.milonga.collections.ReplicatedMap;
import dev.milonga.collections.ReplicatedQueue;
import dev.milonga.collections.ReplicatedRegister;
import dev.milonga.tests.history.History;
import dev.milonga.tests.history.LinearizabilityChecker;
import dev.milonga.tests.history.Specification;
import dev.milonga.tests.history.Verdict;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;

/**
 * O10: readers and writers on one object at two clients, whose history must be linearizable. Each
 * runs for {@code milonga.soak} seconds, shared among the kinds of log, and no further than can be
 * checked in that time; the histories are left in {@code target/histories} as JSON lines.
 */
class HistoriesTest {

  private static final Duration DURATION =
      Duration.ofSeconds(Long.getLong("milonga.soak", 2)).dividedBy(LogKind.values().length);
  private static final int THREADS_PER_CLIENT = 3;
  private static final long CALLS_PER_THREAD_MIN = 50;
  private static final long CALLS_PER_THREAD_MAX = 1_500 * Long.getLong("milonga.soak", 2);

  /** What one thread does over and over. */
  private interface Worker {
    void call(History.Client client, Random random, long unique);
  }

  private interface Opener {
    Worker open(Milonga store);
  }

  private static void check(LogKind kind, String name, Specification specification, Opener opener)
      throws Exception {
    History history = new History();
    try (Logs logs = Logs.openWithoutSync(kind)) {
      List<Callable<Void>> threads = new ArrayList<>();
      for (int c = 0; c < 2; c++) {
        Worker worker = opener.open(logs.client());
        for (int t = 0; t < THREADS_PER_CLIENT; t++) {
          int thread = threads.size();
          threads.add(
              () -> {
                History.Client client = history.client();
                Random random = new Random(thread);
                long end = System.nanoTime() + DURATION.toNanos();
                for (long i = 0; i < CALLS_PER_THREAD_MAX; i++) {
                  if (i >= CALLS_PER_THREAD_MIN && System.nanoTime() >= end) {
                    break;
                  }
                  worker.call(client, random, i * 100 + thread);
                }
                return null;
              });
        }
      }
      Together.callFor(threads, DURATION.plusSeconds(240).toNanos(), TimeUnit.NANOSECONDS);
    }
    Path directory = Path.of("target", "histories");
    Files.createDirectories(directory);
    history.write(directory.resolve(name + "-" + kind + ".jsonl"));

    assertThat(history.operations()).hasSizeGreaterThan(200);
    assertThat(LinearizabilityChecker.of(specification).check(history.operations()))
        .isEqualTo(new Verdict.Linearizable());
  }

  @EveryLog
  @DisplayName("O10: a map")
  void o10_map_isLinearizable(LogKind kind) throws Exception {
    check(
        kind,
        "map",
        Specification.mapEntry(),
        store -> {
          ReplicatedMap<String, Long> map = store.map("m", String.class, Long.class);
          return (client, random, unique) -> {
            String key = "k" + random.nextInt(4);
            switch (random.nextInt(8)) {
              case 0, 1 -> client.call("put", key, unique, () -> map.put(key, unique));
              case 2 -> client.call("putIfAbsent", key, unique, () -> map.putIfAbsent(key, unique));
              case 3 -> client.call("remove", key, null, () -> map.remove(key));
              case 4 -> {
                Long old = map.get(key);
                long expected = old == null ? 0 : old;
                client.call(
                    "replace",
                    key,
                    List.of(expected, unique),
                    () -> map.replace(key, expected, unique));
              }
              default -> client.call("get", key, null, () -> map.get(key));
            }
          };
        });
  }

  @EveryLog
  @DisplayName("O10: a register, also written without waiting")
  void o10_register_isLinearizable(LogKind kind) throws Exception {
    check(
        kind,
        "register",
        Specification.register(),
        store -> {
          ReplicatedRegister<Long> register = store.register("r", Long.class);
          return (client, random, unique) -> {
            switch (random.nextInt(6)) {
              case 0 ->
                  client.call(
                      "set",
                      "r",
                      unique,
                      () -> {
                        register.set(unique);
                        return null;
                      });
              case 1 ->
                  client.call(
                      "getAndSet",
                      "r",
                      unique,
                      () ->
                          store
                              .async(() -> register.getAndSet(unique))
                              .toCompletableFuture()
                              .join()
                              .orElse(null));
              case 2 -> {
                long expected = register.get().orElse(-1L);
                client.call(
                    "compareAndSet",
                    "r",
                    List.of(expected, unique),
                    () -> register.compareAndSet(expected, unique));
              }
              case 3 ->
                  client.call(
                      "get",
                      "r",
                      null,
                      () -> store.async(register::get).toCompletableFuture().join().orElse(null));
              default -> client.call("get", "r", null, () -> register.get().orElse(null));
            }
          };
        });
  }

  @EveryLog
  @DisplayName("O10: a counter")
  void o10_counter_isLinearizable(LogKind kind) throws Exception {
    check(
        kind,
        "counter",
        Specification.counter(),
        store -> {
          ReplicatedCounter counter = store.counter("c");
          return (client, random, unique) -> {
            switch (random.nextInt(3)) {
              case 0 ->
                  client.call(
                      "add",
                      "c",
                      1L,
                      () -> {
                        counter.add(1);
                        return null;
                      });
              case 1 -> client.call("addAndGet", "c", 1L, () -> counter.addAndGet(1));
              default -> client.call("get", "c", null, counter::get);
            }
          };
        });
  }

  @EveryLog
  @DisplayName("O10: a queue")
  void o10_queue_isLinearizable(LogKind kind) throws Exception {
    check(
        kind,
        "queue",
        Specification.queue(),
        store -> {
          ReplicatedQueue<Long> queue = store.queue("q", Long.class);
          return (client, random, unique) -> {
            switch (random.nextInt(5)) {
              case 0, 1 -> client.call("poll", "q", null, queue::poll);
              case 2, 3 -> {
                if (queue.size() < 10) {
                  client.call("offer", "q", unique, () -> queue.offer(unique));
                }
              }
              default -> client.call("peek", "q", null, queue::peek);
            }
          };
        });
  }

  @EveryLog
  @DisplayName("O10: a plain class")
  void o10_plainObject_isLinearizable(LogKind kind) throws Exception {
    check(
        kind,
        "plain",
        Specification.counter(),
        store -> {
          Inventory inventory = store.object(Inventory.class, "i");
          return (client, random, unique) -> {
            String sku = "sku-" + random.nextInt(2);
            if (random.nextInt(3) == 0) {
              client.call("addAndGet", sku, 1L, () -> (long) inventory.restock(sku, 1));
            } else {
              client.call("get", sku, null, () -> (long) inventory.inStock(sku));
            }
          };
        });
  }
}
