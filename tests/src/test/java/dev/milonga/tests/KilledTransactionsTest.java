package dev.milonga.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milonga.Milonga;
import dev.milonga.log.SharedLog;
import dev.milonga.log.server.EmbeddedLog;
import dev.milonga.tests.history.Action;
import dev.milonga.tests.history.Anomaly;
import dev.milonga.tests.history.Operation;
import dev.milonga.tests.history.SerializabilityChecker;
import dev.milonga.tests.history.ToldHistory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * F9 under F1: a process with two clients of several threads runs random transactions over objects
 * of every kind, is killed, and another one goes on. The whole history, over all kills of a seed,
 * must be strictly serializable. {@code -Dmilonga.f9.seeds=…} says how many stores are made, {@code
 * -Dmilonga.f9.kills=…} and {@code -Dmilonga.f9.commits=…} how many kills and commits each sees. An
 * embedded store has one process at a time, so the clients share one.
 */
class KilledTransactionsTest {

  private static final int SEEDS = Numbers.of("milonga.f9.seeds", 1, 20);
  private static final int KILLS = Numbers.of("milonga.f9.kills", 5, 5);
  private static final int COMMITS = Numbers.of("milonga.f9.commits", 2_500, 2_500);
  private static final int ABANDONED = 1; // of 12 transactions
  private static final int ABANDONED_OFTEN = 4;

  private final long seed = Numbers.seed();
  private final List<Child> children = new ArrayList<>();
  private int kills;
  private int commits;
  private int failed;
  private int unknown;
  private int operations;

  @TempDir private Path directory;

  @AfterEach
  void endChildren() {
    children.forEach(Child::close);
  }

  @Test
  @DisplayName("F9: transactions of processes that are killed")
  void f9_killed_histories_areStrictlySerializable() {
    Report report = new Report("f9-transactions", seed);
    for (int i = 0; i < SEEDS; i++) {
      assertThat(check(run(seed + i, COMMITS, ABANDONED), "f9-" + i)).isEmpty();
    }

    assertThat(commits).isGreaterThanOrEqualTo(SEEDS * COMMITS);
    counts(report).put("anomalies", 0).write();
  }

  @Test
  @DisplayName("F9: many transactions abort")
  void f9_manyAborted_nothingOfThemIsEverRead() {
    Report report = new Report("f9-aborts", seed);
    for (int i = 0; i < Math.max(1, SEEDS / 4); i++) {
      List<Anomaly> anomalies =
          check(run(seed - 1 - i, COMMITS / 4, ABANDONED_OFTEN), "f9-aborts-" + i);
      assertThat(anomalies).isEmpty(); // ABORTED_READ is the one that is looked for
    }

    assertThat(failed).as("aborted, of %d", operations).isGreaterThan(operations / 10);
    counts(report).put("dirtyReads", 0).write();
  }

  private Report counts(Report report) {
    return report
        .put("seeds", SEEDS)
        .put("kills", kills)
        .put("commits", commits)
        .put("aborted", failed)
        .put("unknownAtAKill", unknown)
        .put("operations", operations);
  }

  private List<Operation> run(long storeSeed, int wanted, int abandoned) {
    Path store = directory.resolve("store-" + storeSeed);
    Random random = new Random(storeSeed);
    List<String> lines = new ArrayList<>();
    start(store, 1, storeSeed, abandoned);
    for (int round = 1; round <= KILLS; round++) {
      start(store, round + 1, storeSeed + round, abandoned); // gets ready meanwhile
      try (Child child = children.remove(0)) {
        child.go();
        child.await(wanted / KILLS + 1, KilledTransactionsTest::isCommit);
        LockSupport.parkNanos(random.nextInt(10_000_000));
        lines.addAll(child.kill());
        kills++;
      }
      if (random.nextBoolean() || round == KILLS) {
        lines.addAll(readAll(store, 1_000_000 + round));
      }
    }
    children.remove(0).close();
    return ToldHistory.operations(lines);
  }

  private void start(Path store, int round, long childSeed, int abandoned) {
    children.add(Child.start(Transacting.class, store, round, childSeed, abandoned));
  }

  private static boolean isCommit(String line) {
    return line.contains("\"type\":\"ok\"")
        && (line.contains("{\"append\"")
            || line.contains("\"append\":")
            || line.contains("\"write\":"));
  }

  private static List<String> readAll(Path store, int process) {
    List<String> lines = new ArrayList<>();
    try (SharedLog log = EmbeddedLog.open(store);
        Milonga client = Milonga.over(log)) {
      transactions(client, new ToldHistory(process, lines::add), new Random(), new AtomicLong(), 0)
          .readAll();
    }
    return lines;
  }

  private static RandomTransactions transactions(
      Milonga client, ToldHistory history, Random random, AtomicLong unique, int abandoned) {
    ToldHistory.Client told = history.client();
    return new RandomTransactions(
        client,
        new Cells(client, 0),
        new RandomTransactions.Recorder() {
          @Override
          public boolean call(String f, String key, Object argument, Supplier<?> body) {
            return told.call(f, key, argument, body);
          }

          @Override
          public void intended(List<Action> actions) {
            told.intended(actions);
          }
        },
        random,
        unique,
        abandoned);
  }

  private List<Anomaly> check(List<Operation> history, String name) {
    operations += history.size();
    for (Operation each : history) {
      if (each.outcome() instanceof Operation.Failed) {
        failed++;
      } else if (each.outcome() instanceof Operation.Unknown) {
        unknown++;
      } else if (((List<?>) each.argument())
          .stream().anyMatch(a -> a instanceof Action.Append || a instanceof Action.Write)) {
        commits++;
      }
    }
    List<Anomaly> anomalies = SerializabilityChecker.check(history);
    if (!anomalies.isEmpty()) {
      keep(history, name);
    }
    return anomalies;
  }

  private static void keep(List<Operation> history, String name) {
    try {
      Path file = Path.of("target", "histories", name + ".txt");
      Files.createDirectories(file.getParent());
      Files.write(file, history.stream().map(Operation::toString).toList());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The process that is killed. */
  static final class Transacting {

    private static final int CLIENTS = 2;
    private static final int THREADS = 6;
    private static final long NUMBERS = 1_000_000_000; // that one process gives out at most

    public static void main(String[] arguments) throws Exception {
      Path store = Path.of(arguments[0]);
      int round = Integer.parseInt(arguments[1]);
      long seed = Long.parseLong(arguments[2]);
      int abandoned = Integer.parseInt(arguments[3]);
      ChildPipe pipe = ChildPipe.open();
      SharedLog log = EmbeddedLog.open(store);
      List<Milonga> clients = IntStream.range(0, CLIENTS).mapToObj(i -> Milonga.over(log)).toList();
      ToldHistory history = new ToldHistory(round * 1_000, pipe::tell);
      AtomicLong unique = new AtomicLong(round * NUMBERS);
      List<Callable<Void>> threads = new ArrayList<>();
      for (int t = 0; t < THREADS; t++) {
        RandomTransactions transactions =
            transactions(
                clients.get(t % CLIENTS), history, new Random(seed + t), unique, abandoned);
        threads.add(
            () -> {
              while (true) {
                transactions.run();
              }
            });
      }
      Together.callFor(threads, 1, TimeUnit.HOURS);
    }
  }
}
