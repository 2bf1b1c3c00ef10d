package dev.milonga.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.milonga.Milonga;
import dev.milonga.collections.ReplicatedCounter;
import dev.milonga.collections.ReplicatedList;
import dev.milonga.collections.ReplicatedMap;
import dev.milonga.log.AppendRequest;
import dev.milonga.log.EntryTooLargeException;
import dev.milonga.log.InMemoryLog;
import dev.milonga.log.LogPosition;
import dev.milonga.log.Payload;
import dev.milonga.log.StoreException.Durable;
import dev.milonga.log.StreamId;
import dev.milonga.log.StreamKeys;
import dev.milonga.runtime.ViewHaltedException;
import dev.milonga.txn.Isolation;
import dev.milonga.txn.TransactionConflictException;
import dev.milonga.txn.TransactionOptions;
import dev.milonga.txn.TransactionStatistics;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What blocks promise beyond T1 to T20. */
class TransactionBlocksTest {

  private static final TransactionOptions ONCE = TransactionOptions.DEFAULT.withRetriesMax(0);

  private final InMemoryLog log = InMemoryLog.create();
  private final Milonga here = Milonga.over(log);
  private final Milonga there = Milonga.over(log);
  private final ReplicatedMap<String, Integer> mine = here.map("map", String.class, Integer.class);
  private final ReplicatedMap<String, Integer> theirs =
      there.map("map", String.class, Integer.class);
  private final ReplicatedList<String> large = here.list("large", String.class);
  private final Accounts accounts = here.object(Accounts.class, "accounts");
  private final Accounts theirAccounts = there.object(Accounts.class, "accounts");

  @AfterEach
  void close() {
    here.close();
    there.close();
    log.close();
  }

  // Isolation.

  @Test
  void snapshotIsolation_writeSkewCommits() {
    TransactionOptions snapshot = ONCE.withIsolation(Isolation.SNAPSHOT);
    mine.put("x", 1);
    mine.put("y", 1);

    here.transact(
        snapshot,
        () -> {
          int sum = mine.get("x") + mine.get("y");
          elsewhere(
              () ->
                  there.transact(
                      snapshot, () -> theirs.put("y", -theirs.get("x") - theirs.get("y"))));
          mine.put("x", -sum);
        });

    assertThat(mine).containsEntry("x", -2).containsEntry("y", -2);
  }

  @Test
  void snapshotIsolation_lostUpdateAborts() {
    TransactionOptions snapshot = ONCE.withIsolation(Isolation.SNAPSHOT);
    mine.put("x", 1);

    assertThatThrownBy(
            () ->
                here.transact(
                    snapshot,
                    () -> {
                      int x = mine.get("x");
                      elsewhere(() -> theirs.put("x", 10));
                      mine.set("x", x + 1);
                    }))
        .isInstanceOf(TransactionConflictException.class)
        .hasMessageContaining("put(key: x, value: 10)");

    assertThat(mine).containsEntry("x", 10);
  }

  @Test
  void snapshotIsolation_reportNamesTheKeyThatWasOnlyWritten() {
    assertThatThrownBy(
            () ->
                here.transact(
                    ONCE.withIsolation(Isolation.SNAPSHOT),
                    () -> {
                      mine.get("a");
                      mine.set("a", 1);
                      elsewhere(() -> theirs.put("b", 10));
                      mine.set("b", 2);
                    }))
        .isInstanceOf(TransactionConflictException.class)
        .hasMessageContaining(
            "Last, ReplicatedMap.set(b, 2) of ReplicatedMap \"map\", to be written on the snapshot"
                + " at ")
        .hasMessageContaining("by put(key: b, value: 10)");
  }

  @Test
  void snapshotIsolation_blockSeesOneMoment() {
    mine.put("x", 1);
    mine.put("y", 1);

    int sum =
        here.transact(
            ONCE.withIsolation(Isolation.SNAPSHOT),
            () -> {
              int x = mine.get("x");
              elsewhere(() -> theirs.putAll(Map.of("x", 5, "y", 5)));
              return x + mine.get("y");
            });

    assertThat(sum).isEqualTo(2);
  }

  // Options.

  @Test
  void retriesUsedUp_blockWasRunOnceMoreThanThat() {
    AtomicInteger runs = new AtomicInteger();

    assertThatThrownBy(
            () ->
                here.transact(
                    TransactionOptions.DEFAULT.withRetriesMax(3),
                    () -> {
                      runs.incrementAndGet();
                      mine.get("x");
                      elsewhere(() -> theirs.put("x", 1));
                      mine.set("y", 1);
                    }))
        .isInstanceOfSatisfying(
            TransactionConflictException.class,
            lost -> {
              assertThat(lost.attempts()).isEqualTo(4);
              assertThat(lost.durable()).isEqualTo(Durable.NOTHING);
            })
        .hasMessageContaining("has lost 4 times and is given up");

    assertThat(runs).hasValue(4);
  }

  @Test
  void timeUsedUp_blockIsNotRunAgain() {
    AtomicInteger runs = new AtomicInteger();

    assertThatThrownBy(
            () ->
                here.transact(
                    TransactionOptions.DEFAULT.withTimeout(Duration.ofNanos(1)),
                    () -> loses(runs, 1)))
        .isInstanceOf(TransactionConflictException.class);

    assertThat(runs).hasValue(1);
  }

  @Test
  void timeWithoutEnd_isNoTimeOut() {
    AtomicInteger runs = new AtomicInteger();

    here.transact(
        TransactionOptions.DEFAULT.withTimeout(Duration.ofSeconds(Long.MAX_VALUE)),
        () -> loses(runs, 3));

    assertThat(runs).hasValue(4);
  }

  @Test
  void optionsOutOfRange_areRefused() {
    assertThatThrownBy(() -> TransactionOptions.DEFAULT.withRetriesMax(-1))
        .hasMessage("retriesMax must be >= 0, was -1");
    assertThatThrownBy(() -> TransactionOptions.DEFAULT.withTimeout(Duration.ZERO))
        .hasMessage("timeout must be > 0, was PT0S");
  }

  @Test
  void readOnlyOption_refusesMutators() {
    assertThatThrownBy(
            () -> here.transact(TransactionOptions.DEFAULT.asReadOnly(), () -> mine.put("x", 1)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("only reads");
  }

  // What is kept.

  @Test
  void longBlock_keepsOneStateOfEachObjectAndReleasesItWhenItEnds() {
    mine.put("x", 1);

    int seen =
        here.snapshot(
            () -> {
              int x = mine.get("x");
              elsewhere(
                  () -> {
                    for (int i = 0; i < 500; i++) {
                      theirs.put("x", i);
                      large.add("element " + i);
                    }
                  });
              elsewhere(() -> mine.get("x"));
              assertThat(here.transactionStatistics().versionsKept()).isEqualTo(2);
              assertThat(large).isEmpty();
              return x + mine.get("x");
            });

    assertThat(seen).isEqualTo(2);
    assertThat(here.transactionStatistics().versionsKept()).isZero();
  }

  // What is reported.

  @Test
  void conflictReport_saysWhatWasReadAndWhoHasWrittenIt() {
    mine.put("a", 1);

    assertThatThrownBy(
            () ->
                here.transact(
                    ONCE,
                    () -> {
                      mine.get("a");
                      mine.get("b");
                      elsewhere(() -> theirs.put("b", 7));
                      mine.set("c", 1);
                    }))
        .isInstanceOfSatisfying(
            TransactionConflictException.class,
            lost -> {
              long winner = lost.winner().orElseThrow().value();
              assertThat(lost.object()).isEqualTo("map");
              assertThat(lost)
                  .hasMessage(
                      "the transaction has lost 1 time and is given up; nothing of it is durable."
                          + " Last, ReplicatedMap.find(b) of ReplicatedMap \"map\", read at "
                          + winner
                          + ", was written at "
                          + winner
                          + " by put(key: b, value: 7). Allow more retries or more time, touch"
                          + " fewer keys, or mark them with @ConflictKey");
            });
  }

  @Test
  void moreKeysReadThanAreRemembered_conflictIsFoundAndTheObjectNamed() {
    assertThatThrownBy(() -> here.transact(ONCE, () -> readAndLose(1_500, "key-1400")))
        .isInstanceOf(TransactionConflictException.class)
        .hasMessageContaining("Last, ReplicatedMap \"map\", read at ");
    assertThatThrownBy(() -> here.transact(ONCE, () -> readAndLose(1_500, "key-400")))
        .isInstanceOf(TransactionConflictException.class)
        .hasMessageContaining("Last, ReplicatedMap.find(key-400) of ReplicatedMap \"map\"");
  }

  private void readAndLose(int keys, String lost) {
    for (int i = 0; i < keys; i++) {
      mine.get("key-" + i);
    }
    elsewhere(() -> theirs.put(lost, 1));
    mine.set("another", 1);
  }

  @Test
  void conflictReportOfAWholeRead_namesThatAndNotTheKeysReadBeside() {
    assertThatThrownBy(
            () ->
                here.transact(
                    ONCE,
                    () -> {
                      mine.get("a");
                      mine.size();
                      elsewhere(() -> theirs.put("b", 7));
                      mine.set("c", 1);
                    }))
        .hasMessageContaining("Last, ReplicatedMap.size() of ReplicatedMap \"map\"");
  }

  @Test
  void conflictReportOfAnExtension_namesTheKeyThatWasWritten() throws Exception {
    accounts.set("a", 1);
    accounts.set("b", 1);

    assertThatThrownBy(
            () ->
                here.transact(
                    ONCE,
                    () -> {
                      balance("a");
                      balance("b");
                      elsewhere(() -> accounts.set("b", 7)); // moves this client's own view on
                      balance("a");
                    }))
        .isInstanceOf(TransactionConflictException.class)
        .hasMessageContaining("Last, Accounts.balance(b) of Accounts \"accounts\"")
        .hasMessageContaining("by set(account: b, amount: 7)");
  }

  @Test
  void statistics_countEachReason() {
    here.transact(() -> mine.set("x", 1));
    here.transact(() -> mine.get("x"));
    here.snapshot(() -> mine.get("x"));
    assertThatThrownBy(() -> here.transact((Runnable) () -> mine.set("x", null)));
    AtomicInteger givesUp = new AtomicInteger();
    assertThatThrownBy(() -> here.transact(ONCE, () -> loses(givesUp, 1)));
    AtomicInteger commits = new AtomicInteger();
    here.transact(() -> loses(commits, 7)); // with the right of way from the seventh attempt on
    assertThatThrownBy(() -> here.transact(this::writeTooMuch));

    assertThat(here.transactionStatistics())
        .isEqualTo(new TransactionStatistics(2, 2, 8, 0, 1, 1, 1, 2, 0));
    assertThat(there.transactionStatistics())
        .isEqualTo(new TransactionStatistics(0, 0, 0, 0, 0, 0, 0, 0, 0));
  }

  // Exceptions.

  @Test
  void tooMuchForOneEntry_leavesNothing() {
    LogPosition before = log.tail().join();

    assertThatThrownBy(() -> here.transact(this::writeTooMuch))
        .isInstanceOfSatisfying(
            EntryTooLargeException.class,
            large -> assertThat(large.durable()).isEqualTo(Durable.NOTHING));

    assertThat(log.tail().join()).isEqualTo(before);
    assertThat(large).isEmpty();
    assertThat(mine).isEmpty();
  }

  @Test
  void lossWrappedByTheBlock_isStillALoss() {
    AtomicInteger runs = new AtomicInteger();
    accounts.set("a", 1);

    here.transact(
        () -> {
          try {
            balance("a");
            if (runs.incrementAndGet() == 1) {
              elsewhere(() -> accounts.set("a", 2)); // moves this client's own view on
            }
            balance("a");
          } catch (RuntimeException e) {
            throw new IllegalArgumentException("whatever it was", e);
          }
        });

    assertThat(runs).hasValue(2);
    assertThat(here.transactionStatistics().userExceptions()).isZero();
  }

  @Test
  void staleSnapshotWrappedByTheBlock_isStillRunAgain() {
    AtomicInteger runs = new AtomicInteger();
    accounts.set("a", 1);

    long balance =
        here.snapshot(
            () -> {
              try {
                long first = balance("a");
                if (runs.incrementAndGet() == 1) {
                  elsewhere(() -> accounts.set("a", 2)); // moves this client's own view on
                }
                return first + balance("a");
              } catch (RuntimeException e) {
                throw new IllegalArgumentException("whatever it was", e);
              }
            });

    assertThat(balance).isEqualTo(4);
    assertThat(runs).hasValue(2);
  }

  @Test
  void accessorThatThrowsACheckedException_countsAsARead() {
    assertThatThrownBy(
            () ->
                here.transact(
                    ONCE,
                    () -> {
                      boolean free = !exists(accounts, "new");
                      elsewhere(() -> theirAccounts.set("new", 5));
                      if (free) {
                        accounts.set("new", 1);
                      }
                    }))
        .isInstanceOf(TransactionConflictException.class)
        .hasMessageContaining("Accounts.balance(new)");

    assertThat(balance("new")).isEqualTo(5);
  }

  @Test
  void accessorThatThrowsInASnapshot_fixesTheMoment() {
    Accounts others = here.object(Accounts.class, "others");
    AtomicInteger runs = new AtomicInteger();

    List<Boolean> seen =
        here.snapshot(
            () -> {
              boolean first = exists(accounts, "a");
              if (runs.incrementAndGet() == 1) {
                elsewhere(
                    () ->
                        here.transact(
                            () -> {
                              accounts.set("a", 1);
                              others.set("a", 1);
                            }));
                elsewhere(() -> exists(others, "a")); // this client's view is past the snapshot
              }
              return List.of(first, exists(others, "a"));
            });

    assertThat(seen.get(0)).isEqualTo(seen.get(1));
  }

  @Test
  void viewThatHaltsBeforeTheCommitIsApplied_isReportedAsCommitted() {
    LogPosition before = log.tail().join();

    assertThatThrownBy(
            () ->
                here.transact(
                    () -> {
                      accounts.label("mine");
                      appendWhatNobodyCanRead("accounts");
                    }))
        .isInstanceOfSatisfying(
            ViewHaltedException.class,
            halted -> {
              assertThat(halted.position()).isEqualTo(before);
              assertThat(halted.durable()).isEqualTo(Durable.ALL);
            });

    assertThat(log.tail().join()).isEqualTo(before.next().next());
  }

  @Test
  void blindCallOfAHaltedObject_commitsNothing() {
    appendWhatNobodyCanRead("accounts");
    assertThatThrownBy(accounts::label).isInstanceOf(ViewHaltedException.class);
    LogPosition before = log.tail().join();

    assertThatThrownBy(() -> here.transact(() -> accounts.label("mine")))
        .isInstanceOfSatisfying(
            ViewHaltedException.class,
            halted -> assertThat(halted.durable()).isEqualTo(Durable.NOTHING));

    assertThat(log.tail().join()).isEqualTo(before);
  }

  private void appendWhatNobodyCanRead(String object) {
    Payload payload = Payload.wrap(new byte[] {-1, -1, -1});
    StreamKeys stream = StreamKeys.whole(StreamId.named(object));
    log.append(AppendRequest.builder(payload).write(stream).build()).join();
  }

  // A block that keeps losing.

  /** A block so long that it would lose for ever against those that only take a moment. */
  @Test
  void longBlockAmongShortOnes_getsTheRightOfWay() throws Exception {
    AtomicInteger runs = new AtomicInteger();
    AtomicBoolean done = new AtomicBoolean();
    Callable<Void> shortBlocks =
        () -> {
          while (!done.get()) {
            here.transact(() -> mine.merge("contended", 1, Integer::sum));
          }
          return null;
        };

    Together.call(
        () -> {
          try {
            here.transact(
                () -> {
                  runs.incrementAndGet();
                  int before = mine.getOrDefault("contended", 0);
                  for (int i = 0; i < 2_000; i++) {
                    mine.get("key-" + i);
                  }
                  mine.set("contended", before + 1_000_000);
                });
          } finally {
            done.set(true);
          }
          return null;
        },
        shortBlocks,
        shortBlocks);

    assertThat(mine.get("contended")).isGreaterThanOrEqualTo(1_000_000);
    assertThat(runs.get()).isLessThan(50);
  }

  // Blind calls.

  @Test
  void voidMutatorThatCanRefuse_countsAsARead() {
    accounts.set("a", 100);

    assertThatThrownBy(
            () ->
                here.transact(
                    ONCE,
                    () -> {
                      accounts.withdraw("a", 100);
                      elsewhere(() -> theirAccounts.set("a", 1));
                      mine.set("paid", 1);
                    }))
        .isInstanceOf(TransactionConflictException.class)
        .hasMessageContaining("Accounts.withdraw(a, 100)");

    assertThat(balance("a")).isEqualTo(1);
    assertThat(mine).isEmpty();
  }

  @Test
  void voidMutatorThatRefuses_throwsInTheBlock() {
    accounts.set("a", 100);

    here.transact(
        () -> {
          assertThatThrownBy(() -> accounts.withdraw("a", 101)).hasMessage("a holds 100");
          accounts.withdraw("a", 60);
          assertThatThrownBy(() -> accounts.withdraw("a", 60)).hasMessage("a holds 40");
        });

    assertThat(balance("a")).isEqualTo(40);
  }

  @Test
  void blindMutatorThatThrowsWhenApplied_isReportedByTheCommit() {
    LogPosition before = log.tail().join();

    assertThatThrownBy(
            () ->
                here.transact(
                    () -> {
                      mine.set("x", 1);
                      accounts.halve("nobody");
                    }))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContainingAll("has committed at position " + before, "one of its mutators threw")
        .hasCauseInstanceOf(NullPointerException.class);

    assertThat(theirs).containsEntry("x", 1);
    assertThat(log.tail().join()).isEqualTo(before.next());
  }

  @Test
  void blindBlock_readsNothingOfTheLog() {
    ReplicatedCounter counter = here.counter("c");

    here.transact(
        ONCE,
        () -> {
          counter.add(1);
          accounts.label("busy");
          elsewhere(() -> theirAccounts.label("other"));
          elsewhere(() -> there.counter("c").addAndGet(1));
        });

    assertThat(counter.get()).isEqualTo(2);
    assertThat(theirAccounts.label()).isEqualTo("busy");
  }

  // Time and randomness.

  @Test
  void timeAndRandomnessInABlock_areThoseOfEveryReplica() {
    Ledger ledger = here.object(Ledger.class, "ledger");

    record Seen(UUID uuid, Instant time) {}
    Seen inside =
        here.transact(
            () -> {
              mine.set("x", 1);
              ledger.add(5);
              return new Seen(ledger.last(), ledger.changed());
            });

    Ledger theirLedger = there.object(Ledger.class, "ledger");
    assertThat(new Seen(ledger.last(), ledger.changed())).isEqualTo(inside);
    assertThat(new Seen(theirLedger.last(), theirLedger.changed())).isEqualTo(inside);
    assertThat(inside.time()).isBetween(Instant.now().minusSeconds(60), Instant.now());
  }

  @Test
  void callsOfOneBlock_drawDifferently() {
    Ledger ledger = here.object(Ledger.class, "ledger");

    List<UUID> drawn =
        here.transact(
            () -> {
              ledger.add(1);
              UUID first = ledger.last();
              ledger.add(1);
              return List.of(first, ledger.last());
            });

    assertThat(drawn).doesNotHaveDuplicates();
    assertThat(there.object(Ledger.class, "ledger").last()).isEqualTo(drawn.get(1));
  }

  private void writeTooMuch() {
    mine.set("small", 1);
    String megabyte = "x".repeat(1 << 20);
    for (int i = 0; i < 20; i++) {
      large.add(megabyte);
    }
  }

  // Loses that many times, and then commits.
  private void loses(AtomicInteger runs, int times) {
    mine.get("contended");
    if (runs.incrementAndGet() <= times) {
      elsewhere(() -> theirs.put("contended", 1));
    }
    mine.set("done", 1);
  }

  private long balance(String account) {
    try {
      return accounts.balance(account);
    } catch (Accounts.NoSuchAccount e) {
      throw new AssertionError(e);
    }
  }

  private static boolean exists(Accounts accounts, String account) {
    try {
      accounts.balance(account);
      return true;
    } catch (Accounts.NoSuchAccount e) {
      return false;
    }
  }

  private static void elsewhere(Runnable action) {
    CompletableFuture.runAsync(action).orTimeout(120, TimeUnit.SECONDS).join();
  }
}
