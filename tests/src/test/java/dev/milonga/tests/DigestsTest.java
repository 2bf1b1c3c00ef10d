package dev.milonga.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milonga.Milonga;
import dev.milonga.collections.ReplicatedCounter;
import dev.milonga.collections.ReplicatedList;
import dev.milonga.collections.ReplicatedMap;
import dev.milonga.collections.ReplicatedQueue;
import dev.milonga.collections.ReplicatedRegister;
import dev.milonga.collections.ReplicatedSet;
import dev.milonga.collections.ReplicatedSortedMap;
import dev.milonga.log.SharedLog;
import dev.milonga.log.server.Durability;
import dev.milonga.log.server.EmbeddedLog;
import dev.milonga.runtime.Digests;
import dev.milonga.txn.TransactionOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * F12: the states of all views at one position are equal, by their digests, at every 1,000th of
 * {@code -Dmilonga.f12.entries=…} entries: of clients that write, and of one that is opened later
 * and has replayed everything.
 */
class DigestsTest {

  private static final int ENTRIES = Numbers.of("milonga.f12.entries", 50_000, 1_000_000);
  private static final int STEP = 1_000;
  private static final int FRESH_EVERY = 50; // steps
  private static final int CLIENTS = 3;
  private static final int KEYS = 300;

  // A machine that is busy with other tests is no reason to give up.
  private static final Duration PATIENCE = Duration.ofMinutes(5);
  private static final TransactionOptions PATIENT =
      TransactionOptions.DEFAULT.withTimeout(PATIENCE);

  private final long seed = Numbers.seed();
  private final Random random = new Random(seed);

  @TempDir private Path directory;

  /** One object of each kind at one client. */
  private static final class Objects {
    final Milonga store;
    final ReplicatedMap<String, Long> map;
    final ReplicatedSortedMap<String, Long> sorted;
    final ReplicatedList<Long> list;
    final ReplicatedSet<Long> set;
    final ReplicatedQueue<Long> queue;
    final ReplicatedRegister<Long> register;
    final ReplicatedCounter counter;
    final Scroll scroll;
    final Inventory inventory;

    Objects(Milonga store) {
      this.store = store;
      map = store.map("map", String.class, Long.class);
      sorted = store.sortedMap("sorted", String.class, Long.class);
      list = store.list("list", Long.class);
      set = store.set("set", Long.class);
      queue = store.queue("queue", Long.class);
      register = store.register("register", Long.class);
      counter = store.counter("counter");
      scroll = store.object(Scroll.class, "scroll");
      inventory = store.object(Inventory.class, "inventory");
    }

    /** Brings every view up to the tail, and gives what it holds then. */
    Map<String, Long> digests() {
      map.size();
      sorted.size();
      list.size();
      set.size();
      queue.size();
      register.get();
      counter.get();
      scroll.sum();
      inventory.inStock("k0");
      Map<String, Long> digests = new LinkedHashMap<>();
      digests.put("map", Digests.of(map));
      digests.put("sorted", Digests.of(sorted));
      digests.put("list", Digests.of(list));
      digests.put("set", Digests.of(set));
      digests.put("queue", Digests.of(queue));
      digests.put("register", Digests.of(register));
      digests.put("counter", Digests.of(counter));
      digests.put("scroll", Digests.of(scroll));
      digests.put("inventory", Digests.of(inventory));
      return digests;
    }

    CompletionStage<?> change(Random random, long number) {
      String k = "k" + random.nextInt(KEYS);
      long n = random.nextInt(KEYS);
      return switch (random.nextInt(14)) {
        case 0, 1 -> store.async(() -> map.put(k, number));
        case 2 -> store.async(() -> map.remove(k));
        case 3 -> store.async(() -> sorted.put(k, number));
        case 4 -> store.async(() -> sorted.pollFirstEntry());
        case 5 -> store.async(() -> list.add(number));
        case 6 -> store.async(() -> list.remove(0)); // throws where it is empty
        case 7 -> store.async(() -> set.add(n));
        case 8 -> store.async(() -> set.remove(n));
        case 9 -> store.async(() -> queue.offer(number));
        case 10 -> store.async(queue::poll);
        case 11 -> store.async(() -> register.getAndSet(number));
        case 12 -> store.async(() -> counter.addAndGet(n));
        default -> store.async(() -> inventory.restock(k, 1));
      };
    }

    void transact(Random random, long number) {
      String k = "k" + random.nextInt(KEYS);
      store.transact(
          PATIENT,
          () -> {
            scroll.mark(k, number);
            map.put(k, sorted.getOrDefault(k, 0L) + number);
          });
    }
  }

  @Test
  @DisplayName("F12: equal digests at every 1,000th entry")
  void f12_viewsAtOnePosition_haveEqualDigests() {
    Report report = new Report("f12-digests", seed);
    Set<Long> distinct = new HashSet<>();
    long comparisons = 0;
    int reopened = 0;
    long entries = 0;
    while (entries < ENTRIES) {
      reopened++;
      try (SharedLog log = EmbeddedLog.builder(directory).durability(Durability.ASYNC).open()) {
        List<Objects> clients = new ArrayList<>();
        for (int c = 0; c < CLIENTS; c++) {
          clients.add(new Objects(client(log)));
        }
        for (int step = 0; step < FRESH_EVERY && entries < ENTRIES; step++) {
          write(clients, entries);
          entries = log.tail().join().value();
          Map<String, Long> first = clients.get(0).digests();
          distinct.addAll(first.values());
          for (Objects client : clients.subList(1, CLIENTS)) {
            assertThat(client.digests()).as("at position %d", entries).isEqualTo(first);
            comparisons += first.size();
          }
        }
        try (Milonga fresh = client(log)) {
          Map<String, Long> replayed = new Objects(fresh).digests();
          assertThat(replayed).as("replayed up to %d", entries).isEqualTo(clients.get(0).digests());
          comparisons += replayed.size();
        }
        clients.forEach(client -> client.store.close());
      }
    }

    assertThat(distinct).as("different states seen").hasSizeGreaterThan(5 * ENTRIES / STEP);
    report
        .put("entries", entries)
        .put("comparisons", comparisons)
        .put("differentStates", distinct.size())
        .put("reopened", reopened)
        .put("unequal", 0)
        .write();
  }

  private static Milonga client(SharedLog log) {
    return Milonga.builder().log(log).callTimeout(PATIENCE).open();
  }

  private void write(List<Objects> clients, long number) {
    List<CompletableFuture<?>> calls = new ArrayList<>();
    for (int i = 0; i < STEP; i++) {
      Objects client = clients.get(i % CLIENTS);
      if (i % 100 == 99) {
        client.transact(random, number + i);
      } else {
        calls.add(
            client.change(random, number + i).toCompletableFuture().handle((done, thrown) -> null));
      }
    }
    calls.forEach(CompletableFuture::join);
  }
}
