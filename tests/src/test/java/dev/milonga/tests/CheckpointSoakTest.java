package dev.milonga.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.milonga.Milonga;
import dev.milonga.collections.ReplicatedMap;
import dev.milonga.log.AppendRequest;
import dev.milonga.log.LogPosition;
import dev.milonga.log.LogUnavailableException;
import dev.milonga.log.SharedLog;
import dev.milonga.log.StoreException;
import dev.milonga.log.TrimmedException;
import dev.milonga.runtime.OutcomeLostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayName;

/**
 * F11: writers, readers and transactions, while everything is checkpointed and trimmed all the
 * time, clients die in the middle of that, and the log is opened again. For {@code
 * -Dmilonga.soak=…} seconds with each kind of log.
 */
class CheckpointSoakTest {

  private static final int ACCOUNTS = 8;
  private static final int EACH = 100;
  private static final int CYCLES_MIN = 3; // in each generation
  private static final long SECONDS = Long.getLong("milonga.soak", 2);

  private final long seed = Long.getLong("milonga.seed", System.nanoTime());

  // What was acknowledged, by key; each key is written by one thread at a time.
  private final Map<String, Integer> model = new ConcurrentHashMap<>();
  private final AtomicInteger touches = new AtomicInteger();
  private final AtomicInteger lost = new AtomicInteger(); // outcomes, not calls
  private long markSeen; // written by the one thread that trims, and between generations

  @EveryLog
  @DisplayName("F11: checkpoints and trims in traffic, restarts, dying and fresh clients")
  void f11_checkpointsAndTrimsInTraffic_loseNothingAndTheMarkNeverFalls(LogKind kind)
      throws Exception {
    System.out.println("seed " + seed);
    try (Logs logs = Logs.openWithoutSync(kind)) {
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
      int generation = 0;
      do {
        generation++;
        liveAndWork(
            logs, new Random(seed + generation), Math.min(end, System.nanoTime() + 500_000_000));
        logs.reopen();
        assertWhole(logs);
      } while (System.nanoTime() < end);

      long kept = logs.tail().value() - markSeen;
      assertThat(markSeen).isPositive();
      System.out.printf(
          "%s: %d generations, %d entries, %d of them left, %d of %d outcomes not told%n",
          kind, generation, logs.tail().value(), kept, lost.get(), 2 * touches.get());
    }
  }

  private void liveAndWork(Logs logs, Random random, long end) throws Exception {
    Milonga store = logs.client();
    Milonga second = logs.client();
    openAll(store);
    openAll(second);
    AtomicBoolean stop = new AtomicBoolean();
    List<Callable<Integer>> all = new ArrayList<>();
    all.add(() -> write(store, "a", new Random(random.nextLong()), stop));
    all.add(() -> write(second, "b", new Random(random.nextLong()), stop));
    all.add(() -> transfer(second, new Random(random.nextLong()), stop));
    all.add(() -> readSums(store, stop));
    all.add(
        () -> {
          try {
            return checkpointAndTrim(store, new Random(random.nextLong()), end);
          } finally {
            stop.set(true);
          }
        });
    all.add(() -> comeAndGo(logs.log(), new Random(random.nextLong()), stop));
    Together.callFor(all, SECONDS + 240, TimeUnit.SECONDS);
  }

  private static void openAll(Milonga store) {
    store.map("values", String.class, Integer.class);
    ReplicatedMap<Integer, Integer> accounts = accounts(store);
    store.transact(
        () -> {
          for (int i = 0; i < ACCOUNTS && !accounts.containsKey(i); i++) {
            accounts.put(i, EACH);
          }
        });
    store.object(Tangle.class, "tangle");
  }

  private static ReplicatedMap<Integer, Integer> accounts(Milonga store) {
    return store.map("accounts", Integer.class, Integer.class);
  }

  private int write(Milonga store, String writer, Random random, AtomicBoolean stop) {
    ReplicatedMap<String, Integer> values = store.map("values", String.class, Integer.class);
    Tangle tangle = store.object(Tangle.class, "tangle");
    int written = 0;
    for (; !stop.get(); written++) {
      String key = writer + random.nextInt(50);
      int value = random.nextInt();
      tellingOrNot(() -> values.put(key, value));
      model.put(key, value);
      assertThat(values.get(key)).isEqualTo(value);
      tellingOrNot(() -> tangle.touch(key, 1));
      touches.incrementAndGet();
    }
    return written;
  }

  // The log is trimmed to its very end all the time, here past a call of a client that is slow.
  private void tellingOrNot(Runnable call) {
    try {
      call.run();
    } catch (OutcomeLostException e) {
      assertThat(e.durable()).isEqualTo(StoreException.Durable.ALL);
      lost.incrementAndGet();
    }
  }

  private static int transfer(Milonga store, Random random, AtomicBoolean stop) {
    ReplicatedMap<Integer, Integer> accounts = accounts(store);
    int done = 0;
    for (; !stop.get(); done++) {
      int from = random.nextInt(ACCOUNTS);
      int to = (from + 1 + random.nextInt(ACCOUNTS - 1)) % ACCOUNTS;
      store.transact(
          () -> {
            accounts.put(from, accounts.get(from) - 1);
            accounts.put(to, accounts.get(to) + 1);
          });
    }
    return done;
  }

  private static int readSums(Milonga store, AtomicBoolean stop) {
    ReplicatedMap<Integer, Integer> accounts = accounts(store);
    int reads = 0;
    for (; !stop.get(); reads++) {
      assertSum(store.snapshot(() -> Map.copyOf(accounts)));
      LogPosition position = new LogPosition(store.log().tail().join().value() - 1);
      try {
        assertSum(store.at(position, () -> Map.copyOf(accounts)));
      } catch (TrimmedException e) {
        assertThat(e.trimMark()).isGreaterThan(position); // so far behind that it is the past
      }
    }
    return reads;
  }

  private static void assertSum(Map<Integer, Integer> accounts) {
    assertThat(accounts.values().stream().mapToInt(each -> each).sum()).isEqualTo(ACCOUNTS * EACH);
  }

  private int checkpointAndTrim(Milonga store, Random random, long end) {
    int done = 0;
    for (; done < CYCLES_MIN || System.nanoTime() < end; done++) {
      store.checkpointer().checkpoint();
      if (random.nextInt(4) == 0) {
        store.checkpointer().retain(1 + random.nextInt(2), Duration.ZERO);
      }
      long mark = store.checkpointer().trim().mark().value();
      assertThat(mark).isGreaterThanOrEqualTo(markSeen);
      markSeen = mark;
    }
    return done;
  }

  private static int comeAndGo(SharedLog log, Random random, AtomicBoolean stop) {
    int clients = 0;
    for (; !stop.get(); clients++) {
      readFresh(log);
      dieCheckpointing(log, random.nextInt(15));
    }
    return clients;
  }

  // A second process, as good as killed after some append: in a checkpoint, or between the
  // agreement on a trim and the trim.
  private static void dieCheckpointing(SharedLog log, int appends) {
    AtomicInteger left = new AtomicInteger(appends);
    SharedLog dying =
        new DelegatingLog(log) {
          @Override
          public CompletableFuture<LogPosition> append(AppendRequest request) {
            return left.getAndDecrement() > 0
                ? super.append(request)
                : CompletableFuture.failedFuture(new LogUnavailableException("killed", null));
          }

          @Override
          public CompletableFuture<LogPosition> trim(LogPosition before) {
            return left.get() > 0
                ? super.trim(before)
                : CompletableFuture.failedFuture(new LogUnavailableException("killed", null));
          }
        };
    catchThrowable(
        () -> {
          try (Milonga dead = Milonga.over(dying)) {
            dead.map("values", String.class, Integer.class);
            accounts(dead);
            dead.object(Tangle.class, "tangle");
            dead.checkpointer().checkpoint();
            dead.checkpointer().trim();
          }
        });
  }

  private static void readFresh(SharedLog log) {
    try (Milonga fresh = Milonga.over(log)) {
      ReplicatedMap<Integer, Integer> accounts = accounts(fresh);
      assertSum(fresh.snapshot(() -> Map.copyOf(accounts)));
    }
  }

  private void assertWhole(Logs logs) {
    assertThat(logs.log().trimMark().join().value()).isGreaterThanOrEqualTo(markSeen);
    Milonga fresh = logs.client();
    assertThat(fresh.map("values", String.class, Integer.class)).isEqualTo(new HashMap<>(model));
    Map<Integer, Integer> accounts = Map.copyOf(accounts(fresh));
    assertSum(accounts);
    long weights =
        fresh.object(Tangle.class, "tangle").everything().stream()
            .filter(each -> each.contains("="))
            .mapToLong(each -> Long.parseLong(each.substring(each.indexOf('=') + 1)))
            .sum();
    assertThat(weights).isEqualTo(touches.get());
  }
}
