package dev.milonga.log.server;

import static dev.milonga.log.server.LogEngineTest.payload;
import static org.assertj.core.api.Assertions.assertThat;

import dev.milonga.log.AppendRequest;
import dev.milonga.log.LogEntry;
import dev.milonga.log.LogPosition;
import dev.milonga.log.LogUnavailableException;
import dev.milonga.log.StoreClosedException;
import dev.milonga.log.StreamId;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Callers that commit themselves and callers that do not, while the log is closed under them, its
 * disk breaks, or is full for a while: each learns one outcome, and that is what the store holds.
 */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class EmbeddedLogRacesTest {

  private static final int CALLERS = 6;
  private static final long SEED = Long.getLong("milonga.seed", System.nanoTime());
  private static final long NANOS =
      TimeUnit.SECONDS.toNanos(Long.getLong("milonga.soak", 3)); // of all rounds

  private enum Fate {
    CLOSED,
    BROKEN,
    FULL
  }

  @Test
  void everyCallerLearnsOneOutcome_andItIsTrue() throws Exception {
    Random random = new Random(SEED);
    long end = System.nanoTime() + NANOS;

    for (int round = 0; round == 0 || System.nanoTime() < end; round++) {
      Fate fate = round % 25 == 1 ? Fate.FULL : round % 25 == 2 ? Fate.BROKEN : Fate.CLOSED;
      new Round(random.nextLong()).play(fate, "seed " + SEED + ", round " + round + ", " + fate);
    }
  }

  private static final class Round {

    private final MemoryStorage storage = new MemoryStorage();
    private final MemorySlots slots = new MemorySlots();
    private final Random random;
    private final AtomicBoolean committing = new AtomicBoolean();
    private final Collection<String> wrong = new ConcurrentLinkedQueue<>();
    private final Map<String, CompletableFuture<LogPosition>> calls = new ConcurrentHashMap<>();
    private final AtomicBoolean stop = new AtomicBoolean();
    private final EmbeddedLog log;

    Round(long seed) throws IOException {
      random = new Random(seed);
      new HighWaterMark(slots).write(LogStore.create(storage, 1, 2, EngineParameters.DEFAULT));
      LogStore store = LogStore.open("memory", storage, new HighWaterMark(slots));
      log =
          EmbeddedLog.builder(Path.of("unused"))
              .clock(this::instant)
              .over("a log in memory", store, store);
    }

    // Asked once in each batch, by who commits it.
    private Instant instant() {
      if (!committing.compareAndSet(false, true)) {
        wrong.add("two threads committed at a time");
      }
      Thread.yield();
      committing.set(false);
      return Instant.EPOCH;
    }

    void play(Fate fate, String what) throws Exception {
      CountDownLatch begun = new CountDownLatch(CALLERS);
      List<Thread> callers = new ArrayList<>();
      for (int i = 0; i < CALLERS; i++) {
        String name = "caller " + i;
        long seed = random.nextLong();
        callers.add(new Thread(() -> call(name, seed, begun), name));
      }
      callers.forEach(Thread::start);
      begun.await();

      boolean takesEffect = random.nextBoolean();
      TimeUnit.NANOSECONDS.sleep(random.nextInt(2_000_000));
      if (fate == Fate.BROKEN) {
        storage.failWrites(takesEffect);
        TimeUnit.NANOSECONDS.sleep(random.nextInt(1_000_000));
      } else if (fate == Fate.FULL) {
        storage.fillDisk(takesEffect);
        TimeUnit.NANOSECONDS.sleep(random.nextInt(1_000_000));
        storage.healWrites();
        awaitAppend();
      }
      log.close();
      stop.set(true);
      for (Thread caller : callers) {
        caller.join(10_000);
        assertThat(caller.isAlive()).as("%s: %s hangs", what, caller.getName()).isFalse();
      }

      storage.healWrites();
      assertThat(wrong).as(what).isEmpty();
      compare(what);
    }

    private void awaitAppend() throws Exception {
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
      while (log.append(request("again")).handle((position, e) -> e != null).get()) {
        assertThat(System.nanoTime()).as("goes on when there is room").isLessThan(end);
        Thread.yield();
      }
    }

    private void call(String name, long seed, CountDownLatch begun) {
      Random choices = new Random(seed);
      begun.countDown();
      for (int i = 0; !stop.get(); i++) {
        String text = name + ", call " + i;
        boolean blocking = choices.nextInt(3) > 0;
        CompletableFuture<LogPosition> call =
            blocking ? log.appendBlocking(request(text)) : log.append(request(text));
        calls.put(text, call);
        if (!blocking) {
          call.whenComplete((position, e) -> told(name));
        }
        if (blocking || choices.nextBoolean()) {
          call.handle((position, e) -> position).join();
        }
      }
    }

    private void told(String name) {
      String teller = Thread.currentThread().getName();
      if (!teller.startsWith("log-") && !teller.equals(name)) {
        wrong.add(teller + " ran what depends on a call of " + name);
      }
    }

    private void compare(String what) {
      Map<String, Long> stored = new TreeMap<>();
      LogStore store = LogStore.open("memory", storage, new HighWaterMark(slots));
      try (LogStore.Entries entries = store.entries(0, store.state().tail())) {
        for (LogEntry entry = entries.next(); entry != null; entry = entries.next()) {
          String text = new String(entry.payload().array());
          Long before = stored.put(text, entry.position().value());
          assertThat(before == null || text.equals("again")).as("%s: once %s", what, text).isTrue();
        }
      }
      calls.forEach((text, call) -> assertTrue(text, call, stored.get(text), what));
    }

    private static void assertTrue(
        String text, CompletableFuture<LogPosition> call, Long position, String what) {
      assertThat(call).as("%s: %s", what, text).isDone();
      Throwable failure = call.handle((told, e) -> e).join();
      if (failure == null) {
        assertThat(call.join().value()).as("%s: %s", what, text).isEqualTo(position);
      } else if (failure instanceof StoreClosedException) {
        assertThat(position).as("%s: %s", what, text).isNull();
      } else {
        assertThat(failure).as("%s: %s", what, text).isInstanceOf(LogUnavailableException.class);
      }
    }

    private static AppendRequest request(String text) {
      return AppendRequest.of(new StreamId(0, 1), payload(text));
    }
  }
}
