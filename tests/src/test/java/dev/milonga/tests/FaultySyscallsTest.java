package dev.milonga.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milonga.log.AppendRequest;
import dev.milonga.log.LogPosition;
import dev.milonga.log.LogUnavailableException;
import dev.milonga.log.Payload;
import dev.milonga.log.ReadLimit;
import dev.milonga.log.SharedLog;
import dev.milonga.log.StoreException;
import dev.milonga.log.StreamId;
import dev.milonga.log.server.Durability;
import dev.milonga.log.server.EmbeddedLog;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * L6: system calls of the process fail, by strace. {@code -Dmilonga.l6.rounds=…} says how often a
 * sync does.
 */
@Timeout(900)
class FaultySyscallsTest {

  private static final int ROUNDS = Numbers.of("milonga.l6.rounds", 2, 40);

  private final long seed = Numbers.seed();
  private final Random random = new Random(seed);

  @TempDir private Path directory;

  @ParameterizedTest(name = "for ever: {0}")
  @ValueSource(booleans = {false, true})
  @DisplayName("L6: fsync returns an error, once or for ever")
  void l6_syncFails_nothingIsAcknowledgedUntilReopened(boolean forEver)
      throws InterruptedException {
    Tools.need("strace", "-V");
    Report report = new Report("l6-sync-error-" + (forEver ? "for-ever" : "once"), seed);
    LoadAudit audit = new LoadAudit();
    int refusedAfterwards = 0;
    for (int round = 1; round <= ROUNDS; round++) {
      int entriesBefore = 5 + random.nextInt(60);
      int when = 1 + random.nextInt(20); // counted for each thread
      List<String> told;
      try (Child child = Child.start(Failing.class, directory.resolve("store"), round, forEver)) {
        child.go();
        // Only then, so that it is not the opening that fails.
        child.await(entriesBefore, line -> line.startsWith("entry"));
        Process strace =
            start(
                forEver
                    ? failing("fdatasync,fsync", "", attachedTo(child))
                    : failing("fdatasync", ":when=" + when, attachedTo(child)));
        child.await(line -> line.equals("reads went on"));
        if (!forEver) { // else each thread that begins to sync would meet an error of its own
          strace.destroy();
          strace.waitFor();
        }
        child.go();
        told = child.awaitEnd();
        assertThat(child.exitCode()).as(child.errors()).isZero();
      }

      assertThat(told).contains("failed", "reads went on", "end");
      assertThat(told).contains(forEver ? "refused to open" : "appended after opening again");
      assertThat(told.subList(told.indexOf("failed"), told.indexOf("reads went on")))
          .as("acknowledged after the failed sync")
          .noneMatch(line -> line.startsWith("entry"));
      for (String line : told) {
        String[] words = line.split(" ");
        if (words[0].equals("entry")) {
          audit.told(new LoadWriter(round, 0), Long.parseLong(words[1]), Long.parseLong(words[2]));
        } else if (words[0].equals("refused")) {
          refusedAfterwards++;
        }
      }
      try (SharedLog log = EmbeddedLog.open(directory.resolve("store"))) {
        audit.check(log);
      }
    }
    assertThat(audit.acknowledged()).isGreaterThan(3L * ROUNDS);
    report
        .put("failures", ROUNDS)
        .put("acknowledged", audit.acknowledged())
        .put("lost", 0)
        .put("acknowledgedBetweenFailureAndReopening", 0)
        .put("thereThoughNotAcknowledged", audit.unacknowledged())
        .put("refusedWhileItFails", refusedAfterwards)
        .write();
  }

  private static List<String> attachedTo(Child child) {
    return List.of(
        "timeout",
        "-s",
        "INT",
        "300",
        "strace",
        "-f",
        "-qq",
        "-o",
        "/dev/null",
        "-p",
        "" + child.pid());
  }

  private static List<String> failing(String calls, String when, List<String> strace) {
    List<String> command = new ArrayList<>(strace);
    command.addAll(List.of("-e", "trace=" + calls, "-e", "inject=" + calls + ":error=EIO" + when));
    return command;
  }

  private static Process start(List<String> command) {
    try {
      return new ProcessBuilder(command).redirectErrorStream(true).start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The process whose syncs fail. */
  static final class Failing {

    public static void main(String[] arguments) throws IOException {
      Path store = Path.of(arguments[0]);
      LoadWriter writer = new LoadWriter(Integer.parseInt(arguments[1]), 0);
      boolean forEver = Boolean.parseBoolean(arguments[2]);
      ChildPipe pipe = ChildPipe.open();
      long sequence = 0;
      try (SharedLog log = EmbeddedLog.open(store)) {
        while (append(log, writer, sequence, pipe)) {
          sequence++;
        }
        pipe.tell("failed");
        for (int i = 1; i <= 20; i++) {
          if (append(log, writer, sequence + i, pipe)) {
            pipe.tell("acknowledged though stopped");
          }
        }
        long tail = log.tail().join().value();
        log.readAll(new LogPosition(tail - 1), ReadLimit.DEFAULT).join();
        log.readAll(LogPosition.FIRST, ReadLimit.DEFAULT).join();
        pipe.tell("reads went on");
      }
      pipe.awaitGo();
      try (SharedLog log = EmbeddedLog.open(store)) {
        log.append(AppendRequest.of(new StreamId(1, 1), Payload.wrap(new byte[10]))).join();
        pipe.tell("appended after opening again");
      } catch (LogUnavailableException refused) { // not damaged
        if (!forEver) {
          throw refused;
        }
        pipe.tell("refused to open");
      }
      pipe.tell("end");
      System.exit(0);
    }

    private static boolean append(SharedLog log, LoadWriter writer, long sequence, ChildPipe pipe) {
      try {
        long position = log.append(writer.request(sequence, Optional.empty())).join().value();
        pipe.tell("entry " + sequence + " " + position);
        return true;
      } catch (CompletionException e) {
        if (!(e.getCause() instanceof LogUnavailableException)) {
          throw e;
        }
        return false;
      }
    }
  }

  private static final int ENTRY_BYTES = 50_000;
  private static final int ENTRIES = 1_600; // more than the caches hold
  private static final int HEALED = 300; // right answers in a row
  private static final int FAILURES = 20;

  @Test
  @DisplayName("L6: a read returns EIO")
  void l6_readFails_isATypedErrorAndNeverAWrongAnswer() throws Exception {
    Tools.need("strace", "-V");
    Report report = new Report("l6-read-error", seed);
    Path store = directory.resolve("store");
    try (SharedLog log = EmbeddedLog.builder(store).durability(Durability.ASYNC).open()) {
      List<CompletableFuture<LogPosition>> appends = new ArrayList<>();
      for (int i = 0; i < ENTRIES; i++) {
        appends.add(log.append(AppendRequest.of(new StreamId(1, i % 3), payload(i))));
      }
      appends.forEach(CompletableFuture::join);
    }
    long failed;
    long right;
    try (Child child = Child.start(Reading.class, store)) {
      child.go();
      child.await(line -> line.equals("right"));
      Process strace = start(failing("pread64", ":when=3+7", attachedTo(child)));
      child.await(FAILURES, line -> line.startsWith("failed"));
      strace.destroy();
      strace.waitFor();
      List<String> told = child.awaitEnd();
      failed = told.stream().filter(line -> line.startsWith("failed")).count();
      right = told.stream().filter(line -> line.equals("right")).count();

      assertThat(told).noneMatch(line -> line.startsWith("wrong")).endsWith("healed");
    }
    report.put("readsFailed", failed).put("readsRight", right).put("readsWrong", 0).write();
  }

  private static Payload payload(int position) {
    byte[] bytes = new byte[ENTRY_BYTES];
    new Random(position).nextBytes(bytes);
    return Payload.wrap(bytes);
  }

  /** The process whose reads fail. */
  static final class Reading {

    public static void main(String[] arguments) throws IOException {
      ChildPipe pipe = ChildPipe.open();
      Random random = new Random(1);
      try (SharedLog log = EmbeddedLog.builder(Path.of(arguments[0])).cacheBytesMax(1).open()) {
        boolean hasFailed = false;
        for (int right = 0; !hasFailed || right < HEALED; right++) {
          String read = readOne(log, random.nextInt(ENTRIES));
          pipe.tell(read);
          if (read.startsWith("failed")) {
            hasFailed = true;
            right = 0;
          }
        }
        pipe.tell("healed");
      }
      System.exit(0);
    }

    private static String readOne(SharedLog log, int position) {
      try {
        var batch = log.readAll(new LogPosition(position), ReadLimit.entries(1)).join();
        return batch.entries().get(0).payload().equals(payload(position)) ? "right" : "wrong";
      } catch (CompletionException e) {
        return e.getCause() instanceof StoreException ? "failed " + e.getCause() : "wrong " + e;
      }
    }
  }
}
