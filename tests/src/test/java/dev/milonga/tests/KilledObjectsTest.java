package dev.milonga.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milonga.Milonga;
import dev.milonga.log.SharedLog;
import dev.milonga.log.server.EmbeddedLog;
import dev.milonga.tests.history.LinearizabilityChecker;
import dev.milonga.tests.history.Operation;
import dev.milonga.tests.history.ToldHistory;
import dev.milonga.tests.history.Verdict;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * F10 under F1: clients call every collection and a plain class, in a process that is killed and
 * followed by another. {@code -Dmilonga.f10.seeds=…} stores, {@code -Dmilonga.f10.seconds=…} each.
 *
 * <p>After each kill everything is read, which ends one history of each object and begins the next:
 * what was under way has taken effect by then, or never will. That is more than linearizability
 * asks, and it keeps what is unknown in a history down to one call for each thread.
 */
class KilledObjectsTest {

  private static final int SEEDS = Numbers.of("milonga.f10.seeds", 1, 10);
  private static final int SECONDS = Numbers.of("milonga.f10.seconds", 4, 60);
  private static final int BEFORE = 1_000_000; // number of the process that has made what was found
  private static final int AFTER = 2_000_000;

  private final long seed = Numbers.seed();
  private final List<Child> children = new ArrayList<>();
  private int kills;
  private int histories;
  private long calls;
  private long unknown;

  @TempDir private Path directory;

  @AfterEach
  void endChildren() {
    children.forEach(Child::close);
  }

  @Test
  @DisplayName("F10: every collection and a plain class, in processes that are killed")
  void f10_killed_everyObject_isLinearizable() {
    Report report = new Report("f10-objects", seed);
    for (int i = 0; i < SEEDS; i++) {
      run(seed + i);
    }

    assertThat(calls).isGreaterThan(100L * kills);
    report
        .put("seeds", SEEDS)
        .put("secondsEach", SECONDS)
        .put("kills", kills)
        .put("histories", histories)
        .put("calls", calls)
        .put("unknownAtAKill", unknown)
        .put("violations", 0)
        .put("undecided", 0)
        .write();
  }

  private void run(long storeSeed) {
    Path store = directory.resolve("store-" + storeSeed);
    Random random = new Random(storeSeed);
    List<Operation> found = List.of(); // in the objects, as the calls that would make it
    long end = System.nanoTime() + Duration.ofSeconds(SECONDS).toNanos();
    start(store, 1, storeSeed);
    for (int round = 1; System.nanoTime() < end; round++) {
      start(store, round + 1, storeSeed + round); // gets ready meanwhile
      List<String> lines;
      try (Child child = children.remove(0)) {
        child.go();
        child.await(100 + random.nextInt(300), line -> line.contains("\"ok\""));
        LockSupport.parkNanos(random.nextInt(1_000_000_000));
        lines = child.kill();
        kills++;
      }
      List<Operation> told = ToldHistory.operations(lines);
      List<Operation> after = readAll(store);
      check(found, told, after);
      found = CalledObjects.remade(BEFORE, after);
    }
    children.remove(0).close();
  }

  private void start(Path store, int round, long childSeed) {
    children.add(Child.start(Calling.class, store, round, childSeed));
  }

  private static List<Operation> readAll(Path store) {
    List<String> lines = new ArrayList<>();
    try (SharedLog log = EmbeddedLog.open(store);
        Milonga client = Milonga.over(log)) {
      new CalledObjects(client).readAll(new ToldHistory(AFTER, lines::add).client());
    }
    return ToldHistory.operations(lines);
  }

  private void check(List<Operation> found, List<Operation> told, List<Operation> after) {
    calls += told.size();
    unknown += told.stream().filter(each -> each.outcome() instanceof Operation.Unknown).count();
    List<Operation> all = Stream.of(found, told, after).flatMap(List::stream).toList();
    CalledObjects.SPECIFICATIONS.forEach(
        (object, specification) -> {
          List<Operation> history =
              all.stream().filter(each -> each.key().startsWith(object + "/")).toList();
          histories++;
          assertThat(LinearizabilityChecker.of(specification).check(history))
              .as("%s, after kill %d", object, kills)
              .isEqualTo(new Verdict.Linearizable());
        });
  }

  /** The process that is killed. */
  static final class Calling {

    private static final int CLIENTS = 2;
    private static final int THREADS = 6;

    public static void main(String[] arguments) throws Exception {
      int round = Integer.parseInt(arguments[1]);
      long seed = Long.parseLong(arguments[2]);
      ChildPipe pipe = ChildPipe.open();
      SharedLog log = EmbeddedLog.open(Path.of(arguments[0]));
      List<CalledObjects> clients =
          IntStream.range(0, CLIENTS).mapToObj(i -> new CalledObjects(Milonga.over(log))).toList();
      ToldHistory history = new ToldHistory(1, pipe::tell);
      List<Callable<Void>> threads = new ArrayList<>();
      for (int t = 0; t < THREADS; t++) {
        int thread = t;
        CalledObjects objects = clients.get(t % CLIENTS);
        ToldHistory.Client client = history.client();
        Random random = new Random(seed + t);
        threads.add(
            () -> {
              for (long i = 0; ; i++) {
                objects.call(client, random, round * 100_000_000L + i * 10 + thread);
              }
            });
      }
      Together.callFor(threads, 1, TimeUnit.HOURS);
    }
  }
}
