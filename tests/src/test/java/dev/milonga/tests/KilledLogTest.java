package dev.milonga.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milonga.Milonga;
import dev.milonga.log.SharedLog;
import dev.milonga.log.server.Durability;
import dev.milonga.log.server.EmbeddedLog;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * L3, F1: a process that writes to a log from several threads, and to objects, is killed at random
 * moments, while it opens the store too, and once in a while again before anybody has looked.
 * {@code -Dmilonga.f1.kills=…} says how often, {@code -Dmilonga.f1.entries=…} how many entries are
 * there before the first.
 */
class KilledLogTest {

  private static final int KILLS = Numbers.of("milonga.f1.kills", 15, 300);
  private static final int ENTRIES_OF_MOST = 30; // before they are killed
  private static final int ENTRIES = Numbers.of("milonga.f1.entries", 10_000, 1_000_000);
  private static final int WITH_OBJECTS_EVERY = 4;
  // What is promised; in a build, which may share the machine with others, only that it ends.
  private static final Duration REOPEN_MAX = Duration.ofSeconds(Numbers.soak() ? 5 : 60);
  private static final LoadWriter BEFORE = new LoadWriter(0, 1);

  private final long seed = Numbers.seed();
  private final Random random = new Random(seed);
  private final LoadAudit audit = new LoadAudit();
  private final TallyAudit tallies = new TallyAudit();
  private long reopenMillisMax;
  private int killedWhileOpening;
  private long entriesAwaited;

  private final Queue<Child> children = new ArrayDeque<>(); // not yet let go

  @TempDir private Path directory;

  @AfterEach
  void endChildren() {
    children.forEach(Child::close);
  }

  @Test
  @DisplayName("L3, F1: killed at any moment under load")
  void l3_killedAtAnyMoment_losesNothingAcknowledgedAndInventsNothing() {
    Report report = new Report("f1-kill", seed);
    fill();
    int checks = 0;
    start(1);
    for (int kill = 1; kill <= KILLS; kill++) {
      start(kill + 1); // gets ready meanwhile
      killOne(children.remove(), kill);
      if (random.nextInt(4) > 0 || kill == KILLS) {
        reopenAndCheck();
        checks++;
      }
    }
    LoadAudit again = new LoadAudit(audit);
    try (SharedLog log = EmbeddedLog.open(directory)) {
      again.check(log);
    }

    assertThat(again.entries()).isEqualTo(audit.entries());
    assertThat(again.contents()).as("all that was ever read").isEqualTo(audit.contents());
    assertThat(audit.acknowledged()).isGreaterThanOrEqualTo(ENTRIES + entriesAwaited);
    report
        .put("kills", KILLS)
        .put("killedWhileOpening", killedWhileOpening)
        .put("checks", checks)
        .put("entriesBefore", ENTRIES)
        .put("entries", audit.entries())
        .put("acknowledged", audit.acknowledged())
        .put("lost", 0)
        .put("phantoms", 0)
        .put("thereThoughNotAcknowledged", audit.unacknowledged())
        .put("reopenMillisMax", reopenMillisMax)
        .write();
  }

  private void fill() {
    try (SharedLog log = EmbeddedLog.builder(directory).durability(Durability.ASYNC).open()) {
      Load.run(
          log, BEFORE, ENTRIES, (writer, s, position) -> audit.told(writer, s, position.value()));
    }
  }

  private void start(int round) {
    boolean objects = round % WITH_OBJECTS_EVERY == 0;
    children.add(Child.start(Writing.class, directory, round, objects));
  }

  private void killOne(Child child, int round) {
    try (child) {
      boolean opening = random.nextInt(5) == 0;
      child.go();
      if (!opening) {
        int first = random.nextInt(3) == 0 ? 0 : ENTRIES_OF_MOST;
        entriesAwaited += first;
        child.await(1 + first, line -> !line.startsWith("tally"));
      }
      LockSupport.parkNanos(random.nextInt(opening ? 100_000_000 : 200_000_000));
      List<String> lines = child.kill();
      tallies.killed();
      killedWhileOpening += lines.contains("open") ? 0 : 1;
      lines.forEach(line -> note(round, line));
    }
  }

  private void note(int round, String line) {
    String[] words = line.split(" ");
    switch (words[0]) {
      case "open" -> {}
      case "entry" ->
          audit.told(
              new LoadWriter(round, Integer.parseInt(words[1])),
              Long.parseLong(words[2]),
              Long.parseLong(words[3]));
      case "tally" -> tallies.told(line);
      default -> throw new AssertionError("the child said: " + line);
    }
  }

  private void reopenAndCheck() {
    long began = System.nanoTime();
    try (SharedLog log = EmbeddedLog.open(directory)) {
      log.tail().join();
      Duration took = Duration.ofNanos(System.nanoTime() - began);
      assertThat(took).as("time to open the store").isLessThan(REOPEN_MAX);
      reopenMillisMax = Math.max(reopenMillisMax, took.toMillis());
      audit.check(log);
      tallies.check(log);
    }
  }

  /** The process that is killed: four writers of entries and, if told to, three of objects. */
  static final class Writing {

    private static final int WRITERS = 4;

    public static void main(String[] arguments) throws Exception {
      Path directory = Path.of(arguments[0]);
      int round = Integer.parseInt(arguments[1]);
      ChildPipe pipe = ChildPipe.open();
      SharedLog log = EmbeddedLog.open(directory);
      pipe.tell("open");
      List<Callable<Void>> threads = new ArrayList<>();
      for (int w = 0; w < WRITERS; w++) {
        LoadWriter writer = new LoadWriter(round, w);
        threads.add(
            () -> {
              Load.run(
                  log,
                  writer,
                  Long.MAX_VALUE,
                  (who, s, p) -> pipe.tell("entry " + who.number() + " " + s + " " + p.value()));
              return null;
            });
      }
      if (Boolean.parseBoolean(arguments[2])) {
        threads.addAll(new Tallies(Milonga.over(log)).work(pipe));
      }
      Together.callFor(threads, 1, TimeUnit.HOURS);
    }
  }
}
