package dev.milonga.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milonga.Milonga;
import dev.milonga.tests.history.History;
import dev.milonga.tests.history.SerializabilityChecker;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Random transactions over objects of all kinds, by two clients of several threads each, with
 * everything closed and opened again in between; their history must be strictly serializable. Runs
 * for {@code milonga.soak} seconds for each kind of log, and no further than can be checked in that
 * time; the histories are left in {@code target/histories}. Give {@code milonga.seed} to draw the
 * same transactions again.
 */
class TransactionHistoriesTest {

  private static final long SOAK_SECONDS = Long.getLong("milonga.soak", 2);
  private static final int PHASES = 3; // with everything closed in between
  private static final Duration PHASE = Duration.ofSeconds(SOAK_SECONDS).dividedBy(PHASES);
  private static final int THREADS = 6;
  private static final int CALLS_MIN = 40; // of each thread in each phase
  private static final int CALLS_MAX = 500 * (int) SOAK_SECONDS;

  private final long seed = Long.getLong("milonga.seed", new Random().nextLong());

  @EveryLog
  void randomTransactions_areStrictlySerializable(LogKind kind) throws Exception {
    System.out.println("random transactions over " + kind + ": milonga.seed=" + seed);
    History history = new History();
    AtomicLong unique = new AtomicLong();
    long conflicts = 0;
    try (Logs logs = Logs.openWithoutSync(kind)) {
      for (int phase = 0; phase < PHASES; phase++) {
        List<Milonga> stores = List.of(logs.client(), logs.client());
        List<Runnable> workers = new ArrayList<>();
        for (int t = 0; t < THREADS; t++) {
          Random random = new Random(seed + 100L * phase + t);
          Milonga store = stores.get(t % 2);
          workers.add(new RandomTransactions(store, history, random, unique)::run);
        }
        runFor(PHASE, workers);
        for (Milonga store : stores) {
          conflicts += store.transactionStatistics().conflicts();
        }
        logs.reopen();
      }
      new RandomTransactions(logs.client(), history, new Random(seed), unique).readAll();
    }
    Path directory = Path.of("target", "histories");
    Files.createDirectories(directory);
    history.write(directory.resolve("transactions-" + kind + ".jsonl"));

    assertThat(history.operations()).hasSizeGreaterThan(PHASES * THREADS * CALLS_MIN);
    assertThat(conflicts).as("attempts that have lost").isPositive();
    assertThat(SerializabilityChecker.check(history.operations())).isEmpty();
  }

  /**
   * Money in a map, a plain class and a class that makes versions: whoever looks sees all of it.
   */
  @EveryLog
  void bankTransfers_keepTheSum(LogKind kind) throws Exception {
    System.out.println("bank transfers over " + kind + ": milonga.seed=" + seed);
    try (Logs logs = Logs.openWithoutSync(kind)) {
      Bank.open(logs.client()).fund();
      for (int phase = 0; phase < PHASES; phase++) {
        List<Milonga> stores = List.of(logs.client(), logs.client());
        List<Runnable> workers = new ArrayList<>();
        for (int t = 0; t < THREADS; t++) {
          Random random = new Random(seed + 100L * phase + t);
          Bank bank = Bank.open(stores.get(t % 2));
          workers.add(
              () -> {
                if (random.nextInt(3) > 0) {
                  bank.transfer(random);
                } else {
                  assertThat(bank.snapshotOfSum()).isEqualTo(Bank.TOTAL);
                }
              });
        }
        runFor(PHASE, workers);
        assertThat(stores).anyMatch(store -> store.transactionStatistics().commits() > CALLS_MIN);
        logs.reopen();
      }

      Bank bank = Bank.open(logs.client());
      assertThat(bank.snapshotOfSum()).isEqualTo(Bank.TOTAL);
      assertThat(bank.balances()).noneMatch(balance -> balance < 0);
    }
  }

  private static void runFor(Duration duration, List<Runnable> workers) throws Exception {
    List<Callable<Void>> threads = new ArrayList<>();
    for (Runnable worker : workers) {
      threads.add(
          () -> {
            long end = System.nanoTime() + duration.toNanos();
            for (int i = 0; i < CALLS_MAX && (i < CALLS_MIN || System.nanoTime() < end); i++) {
              worker.run();
            }
            return null;
          });
    }
    Together.callFor(threads, duration.plusSeconds(120).toNanos(), TimeUnit.NANOSECONDS);
  }
}
