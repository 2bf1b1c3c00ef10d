package dev.milonga.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milonga.Milonga;
import dev.milonga.collections.ReplicatedMap;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;

/**
 * T16 of the conformance scenarios as a stress: blocks that are mostly doomed read plain objects
 * and a versioned one which transfers keep at one sum, while a reader of their client moves its
 * views on. A store whose snapshots are extended without a look at what was read shows another sum
 * within the first transfers.
 */
class OpacityTest {

  private static final int SUM = 100;
  private static final int LOOKS_MIN = 10;
  private static final int SECONDS = Integer.getInteger("milonga.soak", 2);

  @EveryLog
  @DisplayName("T16: doomed blocks over objects of both kinds, under stress")
  void t16_doomedBlocksUnderStress_neverComputeAnotherSum(LogKind kind) throws Exception {
    try (Logs logs = Logs.openWithoutSync(kind)) {
      Milonga here = logs.client();
      Books mine = new Books(here);
      Books theirs = new Books(logs.client());
      theirs.store.transact(() -> theirs.add(0, SUM));
      AtomicBoolean over = new AtomicBoolean();
      AtomicInteger looks = new AtomicInteger();
      Set<Integer> sums = ConcurrentHashMap.newKeySet();
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);

      Together.call(
          () -> {
            try {
              while ((System.nanoTime() < end || looks.get() < LOOKS_MIN) && sums.size() < 2) {
                here.transact(
                    () -> {
                      sums.add(mine.sum());
                      looks.incrementAndGet();
                      mine.versioned.set("looks", looks.get()); // or it would only read
                    });
              }
            } finally {
              over.set(true);
            }
            return null;
          },
          () -> {
            for (int from = 0; !over.get(); from++) {
              theirs.transfer(from % Books.COUNT, (from + 1) % Books.COUNT);
            }
            return null;
          },
          () -> {
            while (!over.get()) {
              mine.lookAtEach();
            }
            return null;
          });

      assertThat(sums).containsExactly(SUM);
      assertThat(looks).hasValueGreaterThanOrEqualTo(LOOKS_MIN);
    }
  }

  /** Two plain objects and a versioned one, as one client has them open. */
  private static final class Books {

    static final int COUNT = 3;

    final Milonga store;
    final Inventory first;
    final Inventory second;
    final ReplicatedMap<String, Integer> versioned;

    Books(Milonga store) {
      this.store = store;
      this.first = store.object(Inventory.class, "first");
      this.second = store.object(Inventory.class, "second");
      this.versioned = store.map("versioned", String.class, Integer.class);
    }

    void transfer(int from, int to) {
      store.transact(
          () -> {
            add(from, -1);
            add(to, 1);
          });
    }

    void add(int which, int n) {
      switch (which) {
        case 0 -> first.restock("balance", n);
        case 1 -> second.restock("balance", n);
        default -> versioned.merge("balance", n, Integer::sum);
      }
    }

    int sum() {
      return first.inStock("balance")
          + versioned.getOrDefault("balance", 0)
          + second.inStock("balance");
    }

    void lookAtEach() {
      first.inStock("balance");
      second.inStock("balance");
    }
  }
}
