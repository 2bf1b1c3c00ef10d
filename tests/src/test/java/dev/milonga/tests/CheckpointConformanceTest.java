package dev.milonga.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import dev.milonga.Milonga;
import dev.milonga.checkpoint.CheckpointReport;
import dev.milonga.checkpoint.Lease;
import dev.milonga.checkpoint.TrimReport;
import dev.milonga.collections.ReplicatedCounter;
import dev.milonga.collections.ReplicatedList;
import dev.milonga.collections.ReplicatedMap;
import dev.milonga.log.AppendRequest;
import dev.milonga.log.LogPosition;
import dev.milonga.log.LogUnavailableException;
import dev.milonga.log.SharedLog;
import dev.milonga.log.TrimmedException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;

/** The scenarios C1 to C9, and O8. */
class CheckpointConformanceTest {

  /** A log that a dying process writes to: after a number of appends, none arrives any more. */
  private static final class DyingLog extends DelegatingLog {
    private final AtomicInteger left = new AtomicInteger(Integer.MAX_VALUE);

    DyingLog(SharedLog behind) {
      super(behind);
    }

    void dieAfter(int appends) {
      left.set(appends);
    }

    boolean isDead() {
      return left.get() < 0;
    }

    @Override
    public CompletableFuture<LogPosition> append(AppendRequest request) {
      return left.getAndDecrement() > 0
          ? super.append(request)
          : CompletableFuture.failedFuture(new LogUnavailableException("killed", null));
    }
  }

  @EveryLog
  @DisplayName("C1: killed between any two records of a checkpoint")
  void c1_killedBetweenAnyTwoRecords_theOneBeforeIsUsedAndTheNextRunCompletes(LogKind kind) {
    try (Logs logs = Logs.openWithoutSync(kind)) {
      Milonga store = logs.client();
      ReplicatedMap<String, String> map = store.map("map", String.class, String.class);
      Tangle tangle = store.object(Tangle.class, "tangle");
      for (int i = 0; i < 3; i++) {
        map.put("key-" + i, "x".repeat(300_000)); // more than one chunk
      }
      store.checkpointer().checkpoint();
      LogPosition first = store.checkpointer().trim().mark();

      boolean survived = false;
      for (int appends = 0; !survived; appends++) {
        map.put("key", "value-" + appends);
        tangle.touch("key-" + appends, appends);
        DyingLog log = new DyingLog(logs.log());
        try (Milonga dying = Milonga.over(log)) {
          dying.map("map", String.class, String.class);
          dying.object(Tangle.class, "tangle");
          log.dieAfter(appends);
          catchThrowable(() -> dying.checkpointer().checkpoint());
          survived = !log.isDead();
        }

        assertThat(appends).isLessThan(30);
        try (Milonga fresh = Milonga.over(logs.log())) {
          assertThat(fresh.map("map", String.class, String.class)).isEqualTo(map);
          assertThat(fresh.object(Tangle.class, "tangle").everything())
              .isEqualTo(tangle.everything());
        }
      }

      CheckpointReport next = store.checkpointer().checkpoint();
      assertThat(next.failed()).isEmpty();
      assertThat(store.checkpointer().trim().mark())
          .isEqualTo(next.position())
          .isGreaterThan(first);
    }
  }

  @EveryLog
  @DisplayName("C2: checkpoints under full write load")
  void c2_checkpointsUnderWriteLoad_equalTheStateAtTheirPosition(LogKind kind) throws Exception {
    try (Logs logs = Logs.openWithoutSync(kind)) {
      Milonga store = logs.client();
      ReplicatedMap<String, Integer> map = store.map("map", String.class, Integer.class);
      Tangle tangle = store.object(Tangle.class, "tangle");
      AtomicBoolean stop = new AtomicBoolean();
      AtomicInteger calls = new AtomicInteger();
      List<CheckpointReport> reports = new ArrayList<>();
      List<Callable<Integer>> together = new ArrayList<>();
      for (int writer = 0; writer < 2; writer++) {
        Random random = new Random(writer);
        together.add(
            () -> {
              int written = 0;
              for (; !stop.get(); written++) {
                String key = "key-" + random.nextInt(50);
                store.transact(() -> map.put(key, map.getOrDefault(key, 0) + 1));
                tangle.touch(key, 1);
                calls.incrementAndGet();
                if (random.nextInt(3) == 0) {
                  tangle.dropFirst();
                }
              }
              return written;
            });
      }
      together.add(
          () -> {
            try {
              for (int i = 1; i <= 4; i++) {
                int enough = i * 50;
                await().until(() -> calls.get() >= enough);
                reports.add(store.checkpointer().checkpoint());
              }
              return 1;
            } finally {
              stop.set(true);
            }
          });

      assertThat(Together.call(together)).allMatch(count -> count > 0);

      // The same moments, once from a checkpoint and once from a log without any.
      Milonga replaying = Milonga.over(new NoCheckpoints(logs.log()));
      for (CheckpointReport report : reports) {
        assertThat(report.failed()).isEmpty();
        LogPosition last = new LogPosition(report.position().value() - 1);
        try (Milonga restoring = Milonga.over(logs.log())) {
          assertThat(stateAt(restoring, last)).isEqualTo(stateAt(replaying, last));
        }
      }
      replaying.close();
    }
  }

  private static List<Object> stateAt(Milonga store, LogPosition position) {
    ReplicatedMap<String, Integer> map = store.map("map", String.class, Integer.class);
    Tangle tangle = store.object(Tangle.class, "tangle");
    return store.at(position, () -> List.of(List.copyOf(map.entrySet()), tangle.everything()));
  }

  @EveryLog
  @DisplayName("C3: 200 objects, 190 of them never written again")
  void c3_idleObjects_doNotPinTheLog(LogKind kind) {
    try (Logs logs = Logs.openWithoutSync(kind)) {
      Milonga store = logs.client();
      for (int i = 0; i < 100; i++) {
        store.map("map-" + i, String.class, Integer.class).put("a", i);
        store.object(Inventory.class, "inventory-" + i).restock("a", i);
      }
      LogPosition last = LogPosition.FIRST;
      for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 5; i++) {
          store.map("map-" + i, String.class, Integer.class).put("b", round);
          store.object(Inventory.class, "inventory-" + i).restock("b", 1);
        }

        CheckpointReport report = store.checkpointer().checkpoint();
        TrimReport trim = store.checkpointer().trim();

        assertThat(report.failed()).isEmpty();
        assertThat(report.objects()).isEqualTo(202); // with the directory and the ledger
        assertThat(trim.mark()).isEqualTo(report.position()).isGreaterThan(last);
        last = trim.mark();
        logs.reopen();
        store = logs.client(); // which has the idle ones not even open
      }
      for (int i = 0; i < 100; i++) {
        assertThat(store.map("map-" + i, String.class, Integer.class))
            .isEqualTo(i < 5 ? Map.of("a", i, "b", 2) : Map.of("a", i));
        assertThat(store.object(Inventory.class, "inventory-" + i).all())
            .isEqualTo(i < 5 ? Map.of("a", i, "b", 3) : Map.of("a", i));
      }
    }
  }

  @EveryLog
  @DisplayName("C3: an object that is not open here, and was written since its checkpoint")
  void c3_objectThatNobodyCanRead_pinsTheLogAndIsNamed(LogKind kind) {
    try (Logs logs = Logs.openWithoutSync(kind)) {
      logs.client().object(Inventory.class, "warehouse").restock("a", 1);
      logs.reopen();
      Milonga store = logs.client();
      store.counter("c").add(1);

      CheckpointReport report = store.checkpointer().checkpoint();
      TrimReport trim = store.checkpointer().trim();

      assertThat(report.failed()).containsOnlyKeys("warehouse");
      assertThat(report.failed().get("warehouse")).contains("open it once");
      assertThat(trim.heldBackBy()).isEqualTo("object \"warehouse\"");
      assertThat(store.object(Inventory.class, "warehouse").all()).isEqualTo(Map.of("a", 1));
      assertThat(store.checkpointer().checkpoint().failed()).isEmpty();
      assertThat(store.checkpointer().trim().mark()).isGreaterThan(trim.mark());
    }
  }

  @EveryLog
  @DisplayName("C4: trimmed past the views of a client that was asleep")
  void c4_clientThatWasAsleep_reloadsByItself(LogKind kind) {
    try (Logs logs = Logs.openWithoutSync(kind)) {
      Milonga asleep = logs.client();
      Milonga awake = logs.client();
      ReplicatedMap<String, Integer> theirs = asleep.map("map", String.class, Integer.class);
      Tangle theirTangle = asleep.object(Tangle.class, "tangle");
      theirs.put("a", 0);
      theirTangle.touch("a", 1);
      ReplicatedMap<String, Integer> mine = awake.map("map", String.class, Integer.class);
      Tangle myTangle = awake.object(Tangle.class, "tangle");
      AtomicInteger runs = new AtomicInteger();

      int sum =
          asleep.transact(
              () -> {
                int first = theirs.get("a");
                if (runs.incrementAndGet() == 1) {
                  Together.onAnotherThread(() -> writeCheckpointAndTrim(awake, mine, myTangle));
                }
                int second = theirTangle.everything().size() + theirs.get("a");
                theirs.put("sum", first + second);
                return first + second;
              });

      assertThat(runs.get()).isEqualTo(2);
      assertThat(sum).isEqualTo(99 + 99 + myTangle.everything().size());
      assertThat(theirs).isEqualTo(mine).containsEntry("sum", sum);
      writeCheckpointAndTrim(awake, mine, myTangle);
      assertThat(theirTangle.everything()).isEqualTo(myTangle.everything());
      assertThat(asleep.<Integer>snapshot(() -> theirs.get("a"))).isEqualTo(99);
      asleep.counter("new").add(1);
      assertThat(awake.counter("new").get()).isEqualTo(1);
    }
  }

  private static void writeCheckpointAndTrim(
      Milonga store, ReplicatedMap<String, Integer> map, Tangle tangle) {
    for (int i = 0; i < 100; i++) {
      map.put("a", i);
      tangle.touch("key-" + i % 7, i);
    }
    LogPosition position = store.checkpointer().checkpoint().position();
    assertThat(store.checkpointer().trim().mark()).isEqualTo(position);
  }

  @EveryLog
  @DisplayName("C5: a dead process held the log")
  void c5_leaseOfADeadProcess_runsOutByTheTimeOfTheLog(LogKind kind) {
    try (Logs logs = Logs.openWithoutSync(kind)) {
      Milonga dead = logs.client();
      Milonga store = logs.client();
      store.counter("c").add(1);
      store.checkpointer().checkpoint();
      LogPosition held = store.checkpointer().trim().mark();
      dead.checkpointer().lease(held, Duration.ofMinutes(1));
      dead.close();

      store.counter("c").add(1);
      store.checkpointer().checkpoint();
      TrimReport during = store.checkpointer().trim();
      logs.clock().advance(Duration.ofMinutes(1));
      TrimReport after = store.checkpointer().trim();

      assertThat(during.mark()).isEqualTo(held);
      assertThat(during.heldBackBy()).startsWith("lease 1, until ");
      assertThat(after.mark()).isGreaterThan(held);
    }
  }

  @EveryLog
  @DisplayName("C5: leases that are renewed, closed, or asked for too late")
  void c5_leases_holdUntilTheyAreClosed(LogKind kind) {
    try (Logs logs = Logs.openWithoutSync(kind)) {
      Milonga store = logs.client();
      store.counter("c").add(1);
      store.checkpointer().checkpoint();
      LogPosition held = store.checkpointer().trim().mark();
      Lease lease = store.checkpointer().lease(held, Duration.ofMinutes(1));
      logs.clock().advance(Duration.ofSeconds(59));
      assertThat(lease.renew(Duration.ofMinutes(1))).isTrue();
      logs.clock().advance(Duration.ofSeconds(59));
      store.counter("c").add(1);
      store.checkpointer().checkpoint();

      assertThat(store.checkpointer().trim().mark()).isEqualTo(held);
      lease.close();
      assertThat(store.checkpointer().trim().mark()).isGreaterThan(held);
      assertThat(lease.renew(Duration.ofMinutes(1))).isFalse();
      assertThatThrownBy(() -> store.checkpointer().lease(held, Duration.ofMinutes(1)))
          .isInstanceOf(TrimmedException.class);
    }
  }

  @EveryLog
  @DisplayName("C5: a block that lasts holds the log, and no longer than its process lives")
  void c5_blockThatLasts_holdsTheLogUntilItsProcessDies(LogKind kind) throws Exception {
    try (Logs logs = Logs.openWithoutSync(kind)) {
      Milonga store = logs.client();
      store.counter("c").add(1);
      LogPosition seen = store.position().orElseThrow();
      AtomicBoolean dead = new AtomicBoolean();
      CountDownLatch end = new CountDownLatch(1);
      Milonga reader = dying(logs.log(), dead);
      ReplicatedCounter counter = reader.counter("c");
      LogPosition tail = logs.tail();
      CompletableFuture<Long> block =
          CompletableFuture.supplyAsync(
              () ->
                  reader.at(
                      seen,
                      () -> {
                        awaitQuietly(end);
                        return counter.get();
                      }));
      await().until(() -> logs.tail().compareTo(tail) > 0); // it has its lease

      store.counter("c").add(1);
      store.checkpointer().checkpoint();
      TrimReport held = store.checkpointer().trim();
      for (int i = 0; i < 5; i++) { // for far longer than a lease lasts by itself
        logs.clock().advance(LEASE.dividedBy(2));
        LogPosition before = logs.tail();
        await().until(() -> logs.tail().compareTo(before) > 0); // it is renewed
      }
      TrimReport stillHeld = store.checkpointer().trim();
      dead.set(true);
      logs.clock().advance(LEASE.multipliedBy(2));
      TrimReport after = store.checkpointer().trim();
      end.countDown();

      assertThat(held.mark()).isEqualTo(LogPosition.FIRST);
      assertThat(stillHeld.mark()).isLessThanOrEqualTo(seen.next());
      assertThat(after.mark()).isGreaterThan(seen.next());
      assertThatThrownBy(block::join).hasCauseInstanceOf(TrimmedException.class);
      reader.close();
    }
  }

  private static final Duration LEASE = Duration.ofMillis(600);

  private static Milonga dying(SharedLog log, AtomicBoolean dead) {
    return Milonga.builder()
        .log(
            new DelegatingLog(log) {
              @Override
              public CompletableFuture<LogPosition> append(AppendRequest request) {
                return dead.get()
                    ? CompletableFuture.failedFuture(new LogUnavailableException("dead", null))
                    : super.append(request);
              }
            })
        .blockLease(LEASE)
        .open();
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new AssertionError("nobody interrupts it", e);
    }
  }

  @EveryLog
  @DisplayName("C5: a block of the store that trims, and one whose lease is given back")
  void c5_blockThatEnds_holdsTheLogNoMore(LogKind kind) throws Exception {
    try (Logs logs = Logs.openWithoutSync(kind)) {
      Milonga store = logs.client(); // whose blocks have no leases
      ReplicatedCounter counter = store.counter("c");
      counter.add(1);
      LogPosition seen = store.position().orElseThrow();
      counter.add(1);
      store.checkpointer().checkpoint();
      CountDownLatch begun = new CountDownLatch(1);
      CountDownLatch end = new CountDownLatch(1);
      CompletableFuture<Long> block =
          CompletableFuture.supplyAsync(
              () ->
                  store.at(
                      seen,
                      () -> {
                        begun.countDown();
                        awaitQuietly(end);
                        return counter.get();
                      }));
      begun.await();

      TrimReport during = store.checkpointer().trim();
      end.countDown();
      long counted = block.join();
      TrimReport after = store.checkpointer().trim();

      assertThat(during.mark()).isLessThanOrEqualTo(seen.next());
      assertThat(counted).isEqualTo(1);
      assertThat(after.mark()).isGreaterThan(seen.next());
    }
  }

  @EveryLog
  @DisplayName("C6: trimmed, and opened again")
  void c6_trimMark_neverGoesBackAndNothingAboveItIsLost(LogKind kind) {
    try (Logs logs = Logs.open(kind)) {
      LogPosition mark = LogPosition.FIRST;
      Map<String, Integer> model = new TreeMap<>();
      for (int round = 0; round < 4; round++) {
        Milonga store = logs.client();
        ReplicatedMap<String, Integer> map = store.map("map", String.class, Integer.class);
        map.put("key-" + round, round);
        model.put("key-" + round, round);
        store.checkpointer().checkpoint();
        map.put("late", round);
        model.put("late", round);
        LogPosition trimmed = store.checkpointer().trim().mark();

        logs.reopen();

        assertThat(trimmed).isGreaterThan(mark);
        assertThat(logs.log().trimMark().join()).isEqualTo(trimmed);
        Milonga reopened = logs.client();
        assertThat(reopened.map("map", String.class, Integer.class)).isEqualTo(model);
        assertThat(reopened.history(reopened.map("map", String.class, Integer.class))).hasSize(1);
        mark = trimmed;
      }
    }
  }

  @EveryLog
  @DisplayName("C7: an object whose first write comes after the checkpoint began")
  void c7_objectCreatedDuringACheckpoint_isNotLostByTheTrim(LogKind kind) {
    try (Logs logs = Logs.openWithoutSync(kind)) {
      AtomicBoolean once = new AtomicBoolean();
      Milonga other = logs.client();
      SharedLog interrupting =
          new DelegatingLog(logs.log()) {
            @Override
            public CompletableFuture<LogPosition> append(AppendRequest request) {
              if (once.getAndSet(false)) {
                Together.onAnotherThread(
                    () -> {
                      other.counter("late").add(1);
                      other.object(Tangle.class, "late-tangle").touch("a", 1);
                    });
              }
              return super.append(request);
            }
          };
      try (Milonga store = Milonga.over(interrupting)) {
        store.counter("early").add(1);
        once.set(true);

        CheckpointReport report = store.checkpointer().checkpoint();
        TrimReport trim = store.checkpointer().trim();

        assertThat(once.get()).isFalse();
        assertThat(report.failed()).isEmpty();
        assertThat(trim.mark()).isEqualTo(report.position());
      }
      logs.reopen();
      Milonga fresh = logs.client();
      assertThat(fresh.counter("late").get()).isEqualTo(1);
      assertThat(fresh.object(Tangle.class, "late-tangle").everything()).contains("a=1");
      assertThat(fresh.counter("early").get()).isEqualTo(1);
    }
  }

  @EveryLog
  @DisplayName("C8: time travel to every position from the trim mark to the tail")
  void c8_everyPositionThatCanBeRead_equalsAModelThatReplays(LogKind kind) {
    try (Logs logs = Logs.openWithoutSync(kind)) {
      Milonga store = logs.client();
      Random random = new Random(8);
      List<List<Object>> at = new ArrayList<>(); // by position
      Map<String, Integer> modelOfMap = new LinkedHashMap<>();
      List<String> modelOfList = new ArrayList<>();
      int total = 0;
      ReplicatedMap<String, Integer> map = store.map("map", String.class, Integer.class);
      ReplicatedList<String> list = store.list("list", String.class);
      Inventory inventory = store.object(Inventory.class, "inventory");
      for (int step = 0; step < 300; step++) {
        switch (random.nextInt(5)) {
          case 0 -> {
            String key = "k" + random.nextInt(9);
            map.put(key, step);
            modelOfMap.put(key, step);
          }
          case 1 -> {
            list.add("e" + step);
            modelOfList.add("e" + step);
          }
          case 2 -> {
            total++;
            inventory.restock("a", 1);
          }
          case 3 -> {
            store.transact(
                () -> {
                  map.clear();
                  list.add("cleared");
                });
            modelOfMap.clear();
            modelOfList.add("cleared");
          }
          default -> store.counter("other-" + random.nextInt(3)).add(1);
        }
        if (step % 60 == 59) {
          store.checkpointer().checkpoint();
        }
        if (step == 200) {
          store.checkpointer().trim();
        }
        fill(at, logs.tail(), List.of(Map.copyOf(modelOfMap), List.copyOf(modelOfList), total));
      }

      LogPosition mark = logs.log().trimMark().join();
      assertThat(mark.value()).isBetween(100L, logs.tail().value() - 100);
      Milonga reader = logs.client();
      ReplicatedMap<String, Integer> readMap = reader.map("map", String.class, Integer.class);
      ReplicatedList<String> readList = reader.list("list", String.class);
      Inventory readInventory = reader.object(Inventory.class, "inventory");
      List<Long> positions = new ArrayList<>();
      for (long position = mark.value(); position < at.size(); position++) {
        positions.add(position);
      }
      Collections.shuffle(positions, random);
      for (long position : positions) {
        List<Object> seen =
            reader.at(
                new LogPosition(position),
                () ->
                    List.of(
                        Map.copyOf(readMap), List.copyOf(readList), readInventory.inStock("a")));
        assertThat(seen).as("at %s", position).isEqualTo(at.get((int) position));
      }
      assertThatThrownBy(() -> reader.at(new LogPosition(mark.value() - 2), () -> readMap.size()))
          .isInstanceOfSatisfying(
              TrimmedException.class, e -> assertThat(e.trimMark()).isEqualTo(mark));
      assertThat(readMap).isEqualTo(modelOfMap);
    }
  }

  // What the model is at all positions that a step has written, be it in several entries.
  private static void fill(List<List<Object>> at, LogPosition tail, List<Object> state) {
    while (at.size() < tail.value()) {
      at.add(state);
    }
  }

  @EveryLog
  @DisplayName("C9: a block at a position, or a moment, that is not reached yet")
  void c9_blockInTheFuture_isRefused(LogKind kind) {
    try (Logs logs = Logs.openWithoutSync(kind)) {
      Milonga store = logs.client();
      ReplicatedCounter counter = store.counter("c");
      counter.add(1);

      assertThatThrownBy(() -> store.at(logs.tail(), counter::get))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("the log ends before " + logs.tail());
      Instant then = Instant.now().plus(Duration.ofHours(1));
      assertThatThrownBy(() -> store.at(then, counter::get))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("has not come yet");
      logs.clock().set(then.plusMillis(1)); // the log's own time is ahead, and so it has come
      counter.add(1);
      assertThat(store.<Long>at(then, counter::get)).isEqualTo(1);
    }
  }

  @EveryLog
  @DisplayName("a block at a moment sees the last entry that was there then")
  void blockAtAMoment_seesTheLastEntryThatWasThereThen(LogKind kind) {
    try (Logs logs = Logs.openWithoutSync(kind)) {
      logs.clock().set(Instant.parse("2020-01-01T00:00:00Z"));
      Milonga store = logs.client();
      ReplicatedCounter counter = store.counter("c");
      Instant begin = logs.clock().instant();
      for (int i = 0; i < 10; i++) {
        logs.clock().advance(Duration.ofMinutes(1));
        counter.add(1);
      }

      for (int i = 0; i <= 10; i++) {
        Instant moment = begin.plus(Duration.ofMinutes(i));
        assertThat(store.<Long>at(moment, counter::get)).isEqualTo(i);
        assertThat(store.<Long>at(moment.plusSeconds(i < 10 ? 59 : 0), counter::get)).isEqualTo(i);
      }
      assertThat(store.<Long>at(begin.minusSeconds(1), counter::get)).isZero();
      assertThatThrownBy(() -> store.at(begin, () -> counter.addAndGet(1)))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("inside a block in the past");
      store.checkpointer().checkpoint();
      store.checkpointer().trim();
      assertThatThrownBy(() -> store.at(begin, counter::get)).isInstanceOf(TrimmedException.class);
    }
  }

  @EveryLog
  @DisplayName("O8: a HashMap restored from a checkpoint, and one that was replayed")
  void o8_restoredHashMap_equalsTheReplayedOneAlsoAfter1000MoreOperations(LogKind kind) {
    try (Logs logs = Logs.openWithoutSync(kind)) {
      Random random = new Random(8);
      Milonga store = logs.client();
      Tangle replayed = store.object(Tangle.class, "tangle");
      touch(replayed, random, 1_000);
      CheckpointReport report = store.checkpointer().checkpoint();
      assertThat(report.failed()).isEmpty();
      assertThat(store.checkpointer().trim().mark()).isEqualTo(report.position());
      Tangle restored = logs.client().object(Tangle.class, "tangle");

      assertThat(restored.everything()).isEqualTo(replayed.everything());
      touch(replayed, random, 1_000);
      assertThat(restored.everything()).isEqualTo(replayed.everything());
    }
  }

  private static void touch(Tangle tangle, Random random, int times) {
    for (int i = 0; i < times; i++) {
      if (random.nextInt(3) == 0) {
        tangle.dropFirst();
      } else {
        tangle.touch("key-" + random.nextInt(200), i);
      }
    }
  }
}
