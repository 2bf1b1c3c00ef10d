package dev.milonga.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milonga.Milonga;
import dev.milonga.tests.history.History;
import dev.milonga.tests.history.SerializabilityChecker;
import java.io.IOException;
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
 * for {@code milonga.soak} seconds over each kind of log, in generations of two seconds with
 * objects of their own, so that a history is no longer than can be checked in that time; the last
 * one is left in {@code target/histories}. Give {@code milonga.seed} to draw the same transactions
 * again.
 */
class TransactionHistoriesTest {

  private static final int GENERATIONS = (int) Math.max(1, Long.getLong("milonga.soak", 2) / 2);
  private static final int PHASES = 3; // of a generation, with everything closed in between
  private static final Duration PHASE = Duration.ofMillis(600);
  private static final int THREADS = 6;
  private static final int CALLS_MIN = 40; // of each thread in each phase
  private static final int CALLS_MAX = 1_000;

  private final long seed = Long.getLong("milonga.seed", new Random().nextLong());

  @EveryLog
  void randomTransactions_areStrictlySerializable(LogKind kind) throws Exception {
    System.out.println("random transactions over " + kind + ": milonga.seed=" + seed);
    try (Logs logs = Logs.openWithoutSync(kind)) {
      for (int generation = 0; generation < GENERATIONS; generation++) {
        History history = new History();
        long conflicts = runGeneration(generation, logs, history);
        Path file = write(history, kind);

        assertThat(history.operations()).hasSizeGreaterThan(PHASES * THREADS * CALLS_MIN);
        assertThat(conflicts).as("attempts that have lost").isPositive();
        assertThat(SerializabilityChecker.check(history.operations()))
            .as("generation %d, in %s", generation, file)
            .isEmpty();
      }
    }
  }

  private long runGeneration(int generation, Logs logs, History history) throws Exception {
    AtomicLong unique = new AtomicLong();
    long conflicts = 0;
    for (int phase = 0; phase < PHASES; phase++) {
      List<Milonga> stores = List.of(logs.client(), logs.client());
      List<Runnable> workers = new ArrayList<>();
      for (int t = 0; t < THREADS; t++) {
        Random random = new Random(seed + 10_000L * generation + 100L * phase + t);
        Milonga store = stores.get(t % 2);
        Cells cells = new Cells(store, generation);
        workers.add(new RandomTransactions(store, cells, history, random, unique)::run);
      }
      runFor(PHASE, workers);
      for (Milonga store : stores) {
        conflicts += store.transactionStatistics().conflicts();
      }
      logs.reopen();
    }
    Milonga last = logs.client();
    Cells cells = new Cells(last, generation);
    new RandomTransactions(last, cells, history, new Random(seed), unique).readAll();
    return conflicts;
  }

  private static Path write(History history, LogKind kind) throws IOException {
    Path directory = Path.of("target", "histories");
    Files.createDirectories(directory);
    Path file = directory.resolve("transactions-" + kind + ".jsonl");
    history.write(file);
    return file;
  }

  /**
   * Money in a map, a plain class and a class that makes versions: whoever looks sees all of it.
   */
  @EveryLog
  void bankTransfers_keepTheSum(LogKind kind) throws Exception {
    System.out.println("bank transfers over " + kind + ": milonga.seed=" + seed);
    try (Logs logs = Logs.openWithoutSync(kind)) {
      Bank.open(logs.client()).fund();
      for (int phase = 0; phase < GENERATIONS * PHASES; phase++) {
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
    Together.callFor(threads, duration.plusSeconds(240).toNanos(), TimeUnit.NANOSECONDS);
  }
}
