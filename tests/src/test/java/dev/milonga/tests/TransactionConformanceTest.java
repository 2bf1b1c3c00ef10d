package dev.milonga.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.milonga.Milonga;
import dev.milonga.collections.ReplicatedCounter;
import dev.milonga.collections.ReplicatedMap;
import dev.milonga.log.LogPosition;
import dev.milonga.log.StoreException.Durable;
import dev.milonga.txn.TransactionConflictException;
import dev.milonga.txn.TransactionOptions;
import dev.milonga.txn.TransactionStatistics;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.DisplayName;

/** The scenarios T1 to T20. "Another" is another client of the same log, on another thread. */
class TransactionConformanceTest {

  private static final TransactionOptions ONCE = TransactionOptions.DEFAULT.withRetriesMax(0);

  @EveryLog
  @DisplayName("T1: what was read is written by another transaction")
  void t1_keyReadIsWrittenByAnotherTransaction_aborts(LogKind kind) {
    try (TwoClients two = new TwoClients(kind)) {
      assertAborts(
          two,
          () -> {
            two.mine.get("k");
            elsewhere(() -> two.there.transact(() -> two.theirs.put("k", 9)));
            two.mine.put("other", 1);
          });

      assertThat(two.mine).doesNotContainKey("other");
    }
  }

  @EveryLog
  @DisplayName("T2: another key of the object is written")
  void t2_otherKeyIsWritten_commits(LogKind kind) {
    try (TwoClients two = new TwoClients(kind)) {
      two.here.transact(
          ONCE,
          () -> {
            two.mine.get("k");
            elsewhere(() -> two.there.transact(() -> two.theirs.put("j", 9)));
            two.mine.put("other", 1);
          });

      assertThat(two.theirs).containsEntry("other", 1).containsEntry("j", 9);
    }
  }

  @EveryLog
  @DisplayName("T3: what was read is written outside any transaction")
  void t3_keyReadIsWrittenWithoutTransaction_aborts(LogKind kind) {
    try (TwoClients two = new TwoClients(kind)) {
      assertAborts(
          two,
          () -> {
            two.mine.get("k");
            elsewhere(() -> two.theirs.put("k", 9));
            two.mine.put("other", 1);
          });
    }
  }

  @EveryLog
  @DisplayName("T4: a whole-object mutator is called by another transaction")
  void t4_wholeObjectIsWritten_aborts(LogKind kind) {
    try (TwoClients two = new TwoClients(kind)) {
      two.mine.put("k", 1);

      assertAborts(
          two,
          () -> {
            two.mine.get("k");
            elsewhere(() -> two.there.transact(two.theirs::clear));
            two.mine.put("other", 1);
          });
    }
  }

  @EveryLog
  @DisplayName("T5: size() and get(k) are read, another key is inserted")
  void t5_sizeAndKeyAreRead_insertOfOtherKeyAborts(LogKind kind) {
    try (TwoClients two = new TwoClients(kind)) {
      assertAborts(
          two,
          () -> {
            two.mine.size();
            two.mine.get("k");
            elsewhere(() -> two.there.transact(() -> two.theirs.put("n", 9)));
            two.mine.put("other", 1);
          });
    }
  }

  @EveryLog
  @DisplayName("T5: get(k) and size() are read in this order, another key is inserted")
  void t5_keyAndSizeAreRead_insertOfOtherKeyAborts(LogKind kind) {
    try (TwoClients two = new TwoClients(kind)) {
      assertAborts(
          two,
          () -> {
            two.mine.get("k");
            two.mine.size();
            elsewhere(() -> two.there.transact(() -> two.theirs.put("n", 9)));
            two.mine.put("other", 1);
          });
    }
  }

  @EveryLog
  @DisplayName("T6: a nested block reads another key; the outer block's key is written")
  void t6_nestedBlockReadsOtherKey_outerReadStillCounts(LogKind kind) {
    try (TwoClients two = new TwoClients(kind)) {
      assertAborts(
          two,
          () -> {
            two.mine.get("k");
            two.here.transact(() -> two.mine.get("j"));
            elsewhere(() -> two.there.transact(() -> two.theirs.put("k", 9)));
            two.mine.put("other", 1);
          });
    }
  }

  @EveryLog
  @DisplayName("T7: the outer block's write, made before a nested block's, aborts who has read it")
  void t7_outerWriteBesideNestedWrite_abortsItsReader(LogKind kind) {
    try (TwoClients two = new TwoClients(kind)) {
      assertAborts(
          two,
          () -> {
            two.mine.get("k");
            elsewhere(
                () ->
                    two.there.transact(
                        () -> {
                          two.theirs.put("k", 9);
                          two.there.transact(() -> two.theirs.put("j", 9));
                        }));
            two.mine.put("other", 1);
          });
    }
  }

  @EveryLog
  @DisplayName("T8: a key that was seen to be absent is inserted")
  void t8_absentKeyIsInserted_aborts(LogKind kind) {
    try (TwoClients two = new TwoClients(kind)) {
      assertAborts(
          two,
          () -> {
            assertThat(two.mine.containsKey("n")).isFalse();
            elsewhere(() -> two.there.transact(() -> two.theirs.put("n", 9)));
            two.mine.put("other", 1);
          });
    }
  }

  @EveryLog
  @DisplayName("T9: write skew")
  void t9_writeSkew_exactlyOneCommits(LogKind kind) {
    try (TwoClients two = new TwoClients(kind)) {
      two.mine.put("x", 1);
      two.mine.put("y", 1);
      List<Throwable> lost = new ArrayList<>();

      Throwable outer =
          catchThrowable(
              () ->
                  two.here.transact(
                      ONCE,
                      () -> {
                        int sum = two.mine.get("x") + two.mine.get("y");
                        lost.add(
                            catchThrowable(
                                () ->
                                    elsewhere(
                                        () ->
                                            two.there.transact(
                                                ONCE,
                                                () -> {
                                                  int theirSum =
                                                      two.theirs.get("x") + two.theirs.get("y");
                                                  two.theirs.put("y", 1 - theirSum);
                                                }))));
                        two.mine.put("x", 1 - sum);
                      }));

      assertThat(lost).containsOnlyNulls();
      assertThat(outer).isInstanceOf(TransactionConflictException.class);
      assertThat(two.mine).containsEntry("x", 1).containsEntry("y", -1);
    }
  }

  @EveryLog
  @DisplayName("T10: blocks that only call counter.add")
  void t10_blindAdds_alwaysCommit(LogKind kind) throws Exception {
    try (TwoClients two = new TwoClients(kind)) {
      ReplicatedCounter mine = two.here.counter("counter");
      ReplicatedCounter theirs = two.there.counter("counter");

      Together.call(
          repeat(50, () -> two.here.transact(ONCE, () -> mine.add(1))),
          repeat(50, () -> two.there.transact(ONCE, () -> theirs.add(1))));

      assertThat(mine.get()).isEqualTo(100);
    }
  }

  @EveryLog
  @DisplayName("T11: a block that only writes, under contention")
  void t11_writeOnlyBlock_commitsInOneAttempt(LogKind kind) throws Exception {
    try (TwoClients two = new TwoClients(kind)) {
      AtomicInteger attempts = new AtomicInteger();

      Together.call(
          repeat(
              50,
              () ->
                  two.here.transact(
                      ONCE,
                      () -> {
                        attempts.incrementAndGet();
                        two.mine.set("hot", 1);
                        two.mine.set("warm", 1);
                      })),
          repeat(50, () -> two.theirs.put("hot", 2)));

      assertThat(attempts).hasValue(50);
      assertThat(two.here.transactionStatistics().conflicts()).isZero();
    }
  }

  @EveryLog
  @DisplayName("T12: a read-only block while writers change every object that it reads")
  void t12_readOnlyBlockUnderWriters_seesOneMomentAndNeverAborts(LogKind kind) throws Exception {
    try (TwoClients two = new TwoClients(kind)) {
      Inventory myPlain = two.here.object(Inventory.class, "plain");
      Inventory theirPlain = two.there.object(Inventory.class, "plain");
      two.mine.put("a", 50);
      myPlain.restock("b", 50);
      AtomicBoolean done = new AtomicBoolean();

      List<Integer> sums =
          Together.<List<Integer>>call(
                  () -> {
                    List<Integer> seen = new ArrayList<>();
                    try {
                      for (int i = 0; i < 200; i++) {
                        seen.add(two.here.snapshot(() -> two.mine.get("a") + myPlain.inStock("b")));
                      }
                    } finally {
                      done.set(true);
                    }
                    return seen;
                  },
                  () -> {
                    while (!done.get()) {
                      two.there.transact(
                          () -> {
                            two.theirs.merge("a", 1, Integer::sum);
                            theirPlain.restock("b", -1);
                          });
                    }
                    return List.of();
                  })
              .get(0);

      assertThat(sums).hasSize(200).containsOnly(100);
      TransactionStatistics statistics = two.here.transactionStatistics();
      assertThat(statistics.readOnly()).isEqualTo(200);
      assertThat(statistics.conflicts()).isZero();
    }
  }

  @EveryLog
  @DisplayName("T13: a block reads what it has written")
  void t13_blockReadsItsOwnWrite_nobodyElseDoes(LogKind kind) {
    try (TwoClients two = new TwoClients(kind)) {
      Inventory plain = two.here.object(Inventory.class, "plain");
      Inventory theirPlain = two.there.object(Inventory.class, "plain");

      int seen =
          two.here.transact(
              () -> {
                two.mine.put("k", 1);
                plain.restock("k", 2);
                assertThat(elsewhere(() -> two.theirs.get("k"))).isNull();
                assertThat(elsewhere(() -> theirPlain.inStock("k"))).isZero();
                assertThat(elsewhere(() -> two.mine.get("k"))).isNull();
                assertThat(elsewhere(() -> plain.inStock("k"))).isZero();
                return two.mine.get("k") + plain.inStock("k");
              });

      assertThat(seen).isEqualTo(3);
      assertThat(two.theirs.get("k") + theirPlain.inStock("k")).isEqualTo(3);
      assertThat(two.mine.get("k") + plain.inStock("k")).isEqualTo(3);
    }
  }

  @EveryLog
  @DisplayName("T14: a block throws after it has written two objects")
  void t14_blockThrows_nothingIsVisibleNorInTheLog(LogKind kind) {
    try (TwoClients two = new TwoClients(kind)) {
      Inventory plain = two.here.object(Inventory.class, "plain");
      LogPosition before = two.logs.tail();

      assertThatThrownBy(
              () ->
                  two.here.transact(
                      () -> {
                        two.mine.put("k", 1);
                        plain.restock("k", 1);
                        throw new IllegalStateException("changed my mind");
                      }))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("changed my mind");

      assertThat(two.logs.tail()).isEqualTo(before);
      assertThat(two.theirs).isEmpty();
      assertThat(plain.all()).isEmpty();
    }
  }

  @EveryLog
  @DisplayName("T15: an inner block throws, the outer one goes on")
  void t15_innerBlockThrows_itsEffectsAreGone(LogKind kind) {
    try (TwoClients two = new TwoClients(kind)) {
      Inventory plain = two.here.object(Inventory.class, "plain");

      two.here.transact(
          () -> {
            two.mine.put("outer", 1);
            assertThatThrownBy(
                    () ->
                        two.here.transact(
                            () -> {
                              two.mine.put("inner", 2);
                              two.mine.put("outer", 2);
                              plain.restock("inner", 2);
                              throw new IllegalStateException("inner");
                            }))
                .hasMessage("inner");
            assertThat(two.mine).doesNotContainKey("inner").containsEntry("outer", 1);
            two.mine.put("after", 3);
          });

      assertThat(two.theirs).containsOnlyKeys("outer", "after").containsEntry("outer", 1);
      assertThat(plain.all()).isEmpty();
    }
  }

  @EveryLog
  @DisplayName("T16: a doomed block reads two objects that always sum to 100")
  void t16_doomedBlock_neverSeesTwoMoments(LogKind kind) throws Exception {
    try (TwoClients two = new TwoClients(kind)) {
      Inventory myPlain = two.here.object(Inventory.class, "plain");
      Inventory theirPlain = two.there.object(Inventory.class, "plain");
      Inventory myOther = two.here.object(Inventory.class, "other");
      Inventory theirOther = two.there.object(Inventory.class, "other");
      myPlain.restock("b", 50);
      myOther.restock("c", 50);
      AtomicBoolean done = new AtomicBoolean();
      Set<Integer> sums = ConcurrentHashMap.newKeySet();

      Together.call(
          () -> {
            try {
              for (int i = 0; i < 100; i++) {
                two.here.transact(
                    () -> {
                      int b = myPlain.inStock("b");
                      Thread.onSpinWait();
                      sums.add(b + myOther.inStock("c"));
                      two.mine.put("seen", b);
                    });
              }
            } finally {
              done.set(true);
            }
            return null;
          },
          () -> {
            while (!done.get()) {
              two.there.transact(
                  () -> {
                    theirPlain.restock("b", 1);
                    theirOther.restock("c", -1);
                  });
            }
            return null;
          });

      assertThat(sums).containsExactly(100);
    }
  }

  @EveryLog
  @DisplayName("T17: a client has opened only one of the three objects of a transaction")
  void t17_clientWithOneOfThreeObjects_hasThatOneRight(LogKind kind) {
    try (TwoClients two = new TwoClients(kind)) {
      Inventory plain = two.here.object(Inventory.class, "plain");
      ReplicatedCounter counter = two.here.counter("counter");

      two.here.transact(
          () -> {
            two.mine.put("k", 1);
            plain.restock("k", 2);
            counter.add(3);
          });

      Milonga third = two.logs.client();
      assertThat(third.object(Inventory.class, "plain").all()).containsEntry("k", 2).hasSize(1);
      assertThat(third.history(third.object(Inventory.class, "plain"))).hasSize(1);
    }
  }

  @EveryLog
  @DisplayName("T18: a block fails on a pooled thread, which is used again")
  void t18_blockFailsOnPooledThread_nextUserIsInNoTransaction(LogKind kind) throws Exception {
    try (TwoClients two = new TwoClients(kind)) {
      ExecutorService pool = Executors.newSingleThreadExecutor();
      List<Supplier<Object>> failures =
          List.of(
              () -> fail("before anything"),
              () -> two.mine.get("k") + fail("after a read").hashCode(),
              () -> two.mine.put("k", 1) + fail("after a write").hashCode(),
              () -> two.here.transact(() -> fail("in a nested block")),
              () -> {
                two.mine.get("k");
                elsewhere(() -> two.theirs.put("k", 9));
                two.mine.put("other", 1);
                return null; // and lose at commit
              },
              () -> two.mine.put("k", null));
      try {
        for (Supplier<Object> failure : failures) {
          Throwable thrown =
              pool.submit(() -> catchThrowable(() -> two.here.transact(ONCE, failure)))
                  .get(120, TimeUnit.SECONDS);
          LogPosition before = two.logs.tail();
          pool.submit(() -> two.mine.put("alone", 1)).get(120, TimeUnit.SECONDS);

          assertThat(thrown).isNotNull();
          assertThat(two.logs.tail()).isEqualTo(before.next());
        }
      } finally {
        pool.shutdownNow();
      }
    }
  }

  @EveryLog
  @DisplayName("T19: one hot key, 16 clients, blocks that read, modify and write")
  void t19_oneHotKeySixteenClients_allFinishAndNothingIsLost(LogKind kind) throws Exception {
    try (Logs logs = Logs.open(kind)) {
      List<Callable<Void>> clients = new ArrayList<>();
      for (int i = 0; i < 16; i++) {
        Milonga client = logs.client();
        ReplicatedMap<String, Integer> map = client.map("map", String.class, Integer.class);
        clients.add(
            repeat(
                10,
                () ->
                    client.transact(
                        () -> {
                          Integer value = map.get("hot");
                          map.put("hot", value == null ? 1 : value + 1);
                        })));
      }

      Together.call(clients);

      assertThat(logs.client().map("map", String.class, Integer.class)).containsEntry("hot", 160);
    }
  }

  @EveryLog
  @DisplayName("T20: increments of one hot key by a mutator that returns the new value")
  void t20_incrementsWithoutTransaction_areAllDistinct(LogKind kind) throws Exception {
    try (Logs logs = Logs.open(kind)) {
      Set<Long> returned = ConcurrentHashMap.newKeySet();
      List<Callable<Void>> clients = new ArrayList<>();
      for (int i = 0; i < 16; i++) {
        ReplicatedCounter counter = logs.client().counter("hot");
        clients.add(repeat(25, () -> returned.add(counter.addAndGet(1))));
      }

      Together.call(clients);

      assertThat(returned).hasSize(400);
      assertThat(logs.client().counter("hot").get()).isEqualTo(400);
    }
  }

  private static void assertAborts(TwoClients two, Runnable block) {
    LogPosition[] before = new LogPosition[1];
    assertThatThrownBy(() -> two.here.transact(ONCE, block))
        .isInstanceOfSatisfying(
            TransactionConflictException.class,
            lost -> {
              assertThat(lost.durable()).isEqualTo(Durable.NOTHING);
              assertThat(lost.object()).isEqualTo("map");
              assertThat(lost.attempts()).isEqualTo(1);
              before[0] = lost.winner().orElseThrow();
              assertThat(lost).hasMessageContaining("was written at " + before[0] + " by ");
            });
    assertThat(two.logs.tail()).isEqualTo(before[0].next());
  }

  private static Object fail(String where) {
    throw new IllegalStateException(where);
  }

  private static Callable<Void> repeat(int times, Runnable action) {
    return () -> {
      for (int i = 0; i < times; i++) {
        action.run();
      }
      return null;
    };
  }

  // Blocks are bound to their thread; what happens in between happens on another one.
  private static <V> V elsewhere(Supplier<V> action) {
    return CompletableFuture.supplyAsync(action).orTimeout(120, TimeUnit.SECONDS).join();
  }

  private static void elsewhere(Runnable action) {
    elsewhere(
        () -> {
          action.run();
          return null;
        });
  }

  /** Two clients of one log with a map each of the same name. */
  private static final class TwoClients implements AutoCloseable {

    final Logs logs;
    final Milonga here;
    final Milonga there;
    final ReplicatedMap<String, Integer> mine;
    final ReplicatedMap<String, Integer> theirs;

    TwoClients(LogKind kind) {
      logs = Logs.open(kind);
      here = logs.client();
      there = logs.client();
      mine = here.map("map", String.class, Integer.class);
      theirs = there.map("map", String.class, Integer.class);
    }

    @Override
    public void close() {
      logs.close();
    }
  }
}
