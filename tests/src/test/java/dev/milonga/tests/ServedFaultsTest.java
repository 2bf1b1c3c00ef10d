package dev.milonga.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.milonga.Milonga;
import dev.milonga.collections.ReplicatedMap;
import dev.milonga.log.LogUnavailableException;
import dev.milonga.log.SharedLog;
import dev.milonga.log.grpc.RemoteLog;
import dev.milonga.log.server.EmbeddedLog;
import dev.milonga.tests.ServedClient.Work;
import dev.milonga.tests.history.LinearizabilityChecker;
import dev.milonga.tests.history.Operation;
import dev.milonga.tests.history.SerializabilityChecker;
import dev.milonga.tests.history.ToldHistory;
import dev.milonga.tests.history.Verdict;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * F1, F5, F6, F7, F8, F9, F10 between processes: clients of a served store in processes of their
 * own, a server that is killed, suspended, and believes in any time, and a network that breaks,
 * stalls and is slow. {@code -Dmilonga.served.rounds=…} says how many stores each test makes,
 * {@code -Dmilonga.served.troubles=…} how often something happens to each.
 *
 * <p>After each trouble every client has to get on. At the end of a round all of them are killed,
 * and the server is: what was under way has taken effect by then, or never will.
 */
@Timeout(7_200)
class ServedFaultsTest {

  private static final int ROUNDS = Numbers.of("milonga.served.rounds", 1, 10);
  private static final int TROUBLES = Numbers.of("milonga.served.troubles", 4, 30);
  private static final String ALL = "milonga.served.all";
  private static final int CLIENTS = 2;
  private static final int SUCCESSES = 20; // of each client, after each trouble
  private static final int AFTER = 2_000_000_000; // of the one that reads everything

  // A call that ends in time in a process that gets no time ends late all the same.
  private static final long LATE_MILLIS_MAX = Numbers.soak() ? 1_000 : 60_000;

  /** Longer than most troubles: what a call is told of most of them is that it took a while. */
  private static final Duration PATIENT = Duration.ofSeconds(30);

  /** Shorter than some troubles: calls end as their deadlines say, and their outcome is unknown. */
  private static final Duration IMPATIENT = Duration.ofSeconds(2);

  private static final Duration A_DAY = Duration.ofDays(1);
  private static final Duration SHORT_SESSION = Duration.ofSeconds(2);

  private final long seed = Numbers.seed();
  private final Random random = new Random(seed);
  private int troubles;
  private long calls;
  private long failed;
  private long unknown;
  private long slowestMillis;
  private long connections;

  @TempDir private Path directory;

  /**
   * What a round is like.
   *
   * @param sessions how long they last, by the clock of the server
   * @param patience how long a client's calls wait
   * @param lengthMax of a trouble
   */
  private record Round(
      Work work,
      Set<Trouble> troubles,
      Duration sessions,
      Duration patience,
      Duration lengthMin,
      Duration lengthMax,
      boolean restlessClock) {

    static Round of(Work work, Trouble... troubles) {
      return new Round(
          work,
          Set.of(troubles),
          A_DAY,
          PATIENT,
          Duration.ofMillis(100),
          Duration.ofMillis(600),
          false);
    }

    Round lasting(Duration min, Duration max) {
      return new Round(work, troubles, sessions, patience, min, max, restlessClock);
    }

    Round sessions(Duration sessions) {
      return new Round(work, troubles, sessions, patience, lengthMin, lengthMax, restlessClock);
    }

    Round patience(Duration patience) {
      return new Round(work, troubles, sessions, patience, lengthMin, lengthMax, restlessClock);
    }

    Round onARestlessClock() {
      return new Round(work, troubles, sessions, patience, lengthMin, lengthMax, true);
    }
  }

  @Test
  @DisplayName("F1, F5: the server is killed, and answers are lost: nothing is lost or doubled")
  void f1_f5_appendsOverKillsAndLostAnswers_areThereOnce() {
    Report report = new Report("served-appends", seed);
    long acknowledged = 0;
    for (int i = 0; i < ROUNDS; i++) {
      LoadAudit audit = new LoadAudit();
      Path store = directory.resolve("store-" + i);
      run(store, Round.of(Work.APPENDS, Trouble.SERVER_KILLED, Trouble.LOSSY), i)
          .forEach(line -> told(audit, line));
      try (SharedLog log = EmbeddedLog.open(store)) {
        audit.check(log);
      }
      acknowledged += audit.acknowledged();
    }

    assertThat(acknowledged).isGreaterThan(100L * ROUNDS);
    counts(report)
        .put("acknowledged", acknowledged)
        .put("lost", 0)
        .put("duplicates", 0)
        .put("phantoms", 0)
        .write();
  }

  private static void told(LoadAudit audit, String line) {
    String[] words = line.split(" ");
    audit.told(
        new LoadWriter(Integer.parseInt(words[1]), Integer.parseInt(words[2])),
        Long.parseLong(words[3]),
        Long.parseLong(words[4]));
  }

  @Test
  @DisplayName("F9: transactions of several processes, under F1, F6 and F7")
  void f9_transactions_areStrictlySerializable() {
    Report report = new Report("served-transactions", seed);
    for (int i = 0; i < ROUNDS; i++) {
      Path store = directory.resolve("store-" + i);
      List<String> lines = new ArrayList<>(run(store, transactions(i), i));
      lines.addAll(readTransactions(store));
      List<Operation> history = ToldHistory.operations(lines);
      count(history, transactions(i));
      keep(history, "served-transactions-" + i);

      assertThat(SerializabilityChecker.check(history)).as("round %d", i).isEmpty();
    }

    counts(report).put("anomalies", 0).write();
  }

  private static Round transactions(int round) {
    Round all =
        Round.of(
            Work.TRANSACTIONS,
            Trouble.SERVER_KILLED,
            Trouble.PARTITION,
            Trouble.CLIENT_SUSPENDED,
            Trouble.LOSSY,
            Trouble.SERVER_SUSPENDED,
            Trouble.ONE_WAY);
    return round % 2 == 0
        ? all
        : all.sessions(SHORT_SESSION)
            .patience(IMPATIENT)
            .lasting(Duration.ofMillis(200), SHORT_SESSION.multipliedBy(2));
  }

  /** Each kind of trouble for itself; an ordinary build has some of all of them in one round. */
  private enum Objects {
    MIXED(
        Round.of(
                Work.OBJECTS,
                Trouble.SERVER_KILLED,
                Trouble.CLIENT_SUSPENDED,
                Trouble.ONE_WAY,
                Trouble.SERVER_SUSPENDED)
            .onARestlessClock()),
    /** F1 and F5. */
    KILLED(Round.of(Work.OBJECTS, Trouble.SERVER_KILLED, Trouble.LOSSY)),
    /** F6: longer than a call waits. */
    PARTITIONED(
        Round.of(Work.OBJECTS, Trouble.PARTITION, Trouble.ONE_WAY, Trouble.SLOW)
            .patience(IMPATIENT)
            .lasting(Duration.ofMillis(200), IMPATIENT.multipliedBy(2))),
    /** F7: for longer than a session lasts. */
    SUSPENDED(
        Round.of(Work.OBJECTS, Trouble.CLIENT_SUSPENDED, Trouble.SERVER_SUSPENDED)
            .sessions(SHORT_SESSION)
            .lasting(SHORT_SESSION, SHORT_SESSION.multipliedBy(2))),
    /** F8: the clock of the server is an hour wrong, either way, or five times as fast. */
    WRONG_CLOCK(Round.of(Work.OBJECTS, Trouble.SERVER_KILLED, Trouble.SLOW).onARestlessClock());

    private final Round round;

    Objects(Round round) {
      this.round = round;
    }
  }

  @ParameterizedTest(name = "{0}")
  @EnumSource
  @DisplayName("F1, F6, F7, F8, F10: every collection and a plain class")
  void f10_objects_areLinearizable(Objects objects) {
    boolean wanted = objects == Objects.MIXED || System.getProperty(ALL) != null;
    Assumptions.assumeTrue(Numbers.soak() || wanted, "of the soak profile, or with -D" + ALL);
    objects("served-objects-" + objects.name().toLowerCase(Locale.ROOT), objects.round);
  }

  private void objects(String name, Round round) {
    Report report = new Report(name, seed);
    int histories = 0;
    for (int i = 0; i < ROUNDS; i++) {
      Path store = directory.resolve("store-" + i);
      List<String> lines = new ArrayList<>(run(store, round, i));
      lines.addAll(readObjects(store));
      List<Operation> history = ToldHistory.operations(lines);
      count(history, round);
      keep(history, name + "-" + i);
      histories += CalledObjects.SPECIFICATIONS.size();
      assertLinearizable(history);
    }

    counts(report).put("histories", histories).put("violations", 0).put("undecided", 0).write();
  }

  private static void assertLinearizable(List<Operation> all) {
    CalledObjects.SPECIFICATIONS.forEach(
        (object, specification) -> {
          List<Operation> history =
              all.stream().filter(each -> each.key().startsWith(object + "/")).toList();
          assertThat(LinearizabilityChecker.of(specification).check(history))
              .as(object)
              .isEqualTo(new Verdict.Linearizable());
        });
  }

  @Test
  @DisplayName("F4: the disk of the server is full, and has room again")
  void f4_fullDiskOfTheServer_typedErrorReadsGoOnNothingIsLost() throws IOException {
    try (Disk disk = Disk.mount(Disk.Kind.TMPFS, 160);
        ServedStore served = new ServedStore(disk.store(), A_DAY, false, seed)) {
      served.start();
      try (SharedLog log = RemoteLog.open(served.address());
          Milonga store = Milonga.over(log)) {
        ReplicatedMap<String, byte[]> map = store.map("map", String.class, byte[].class);
        map.put("before", new byte[] {1});

        disk.leave(2);
        byte[] large = new byte[500_000];
        random.nextBytes(large);
        assertThatThrownBy(
                () -> {
                  for (int i = 0; ; i++) {
                    map.put("large", large);
                  }
                })
            .isInstanceOf(LogUnavailableException.class)
            .hasMessageContaining("room");
        assertThat(map.get("before")).containsExactly(1);
        disk.makeRoom();

        await()
            .atMost(Duration.ofSeconds(60))
            .ignoreExceptionsInstanceOf(LogUnavailableException.class)
            .until(
                () -> {
                  map.put("after", new byte[] {2});
                  return true;
                });
        assertThat(map.get("before")).containsExactly(1);
        assertThat(map.get("after")).containsExactly(2);
      }
      served.kill();
    }
  }

  // ---- A round.

  /** What the clients have told, until all were killed. */
  private List<String> run(Path store, Round round, int number) {
    List<String> lines = new ArrayList<>();
    List<Child> clients = new ArrayList<>();
    List<Trouble> kinds = round.troubles.stream().sorted().toList();
    try (ServedStore served =
        new ServedStore(store, round.sessions, round.restlessClock, seed + number)) {
      served.start();
      for (int i = 0; i < CLIENTS; i++) {
        clients.add(
            ServedClient.start(served, round.work, i + 1, round.patience, random.nextLong()));
      }
      clients.forEach(Child::go);
      awaitProgress(clients);
      int first = random.nextInt(kinds.size());
      for (int i = 0; i < TROUBLES; i++) {
        Trouble trouble = kinds.get((first + i) % kinds.size());
        trouble.happen(served, clients, length(round), random);
        troubles++;
        awaitProgress(clients);
      }
      for (Child client : clients) {
        lines.addAll(client.kill());
      }
      connections += served.relay().accepted();
      served.kill();
    } finally {
      clients.forEach(Child::close);
    }
    return lines;
  }

  private Duration length(Round round) {
    long more = round.lengthMax.minus(round.lengthMin).toMillis();
    return round.lengthMin.plusMillis((long) (random.nextDouble() * more));
  }

  private static void awaitProgress(List<Child> clients) {
    for (Child client : clients) {
      client.await(client.count(ServedClient::isSuccess) + SUCCESSES, ServedClient::isSuccess);
    }
  }

  private static List<String> readObjects(Path store) {
    List<String> lines = new ArrayList<>();
    try (SharedLog log = EmbeddedLog.open(store);
        Milonga client = Milonga.over(log)) {
      new CalledObjects(client).readAll(new ToldHistory(AFTER, lines::add).client());
    }
    return lines;
  }

  private static List<String> readTransactions(Path store) {
    List<String> lines = new ArrayList<>();
    try (SharedLog log = EmbeddedLog.open(store);
        Milonga client = Milonga.over(log)) {
      ToldHistory.Client told = new ToldHistory(AFTER, lines::add).client();
      ServedClient.transactions(client, told, new Random(), new AtomicLong()).readAll();
    }
    return lines;
  }

  // ---- What came of it.

  private void count(List<Operation> history, Round round) {
    calls += history.size();
    // A transaction has a deadline of its own, and a process that is suspended knows of none.
    boolean onTime =
        round.work == Work.OBJECTS && !round.troubles.contains(Trouble.CLIENT_SUSPENDED);
    for (Operation each : history) {
      if (each.outcome() instanceof Operation.Failed) {
        failed++;
      } else if (each.outcome() instanceof Operation.Unknown) {
        unknown++;
      } else if (each.outcome() instanceof Operation.Ok ok) {
        slowestMillis =
            Math.max(slowestMillis, Duration.ofNanos(ok.completed() - each.invoked()).toMillis());
      }
    }
  }

  private Report counts(Report report) {
    return report
        .put("rounds", ROUNDS)
        .put("troubles", troubles)
        .put("clientsEach", CLIENTS)
        .put("connections", connections)
        .put("calls", calls)
        .put("failed", failed)
        .put("unknown", unknown)
        .put("slowestMillis", slowestMillis);
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
}
