package dev.milonga.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.milonga.log.SharedLog;
import dev.milonga.log.server.EmbeddedLog;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * F3: a process that makes a store and writes to it is killed at the N-th {@code fdatasync}, and
 * {@code fsync}, {@code rename} and so on, that one of its threads makes, for N = 1, 2, … up to 20,
 * or as far as it gets. Needs {@code strace}, and to be allowed to use it; without, the test is
 * skipped, except in the soak profile.
 */
class KilledInSystemCallsTest {

  private static final List<String> NAMES =
      Numbers.soak()
          ? List.of("fdatasync", "fsync", "rename", "ftruncate", "unlink", "write")
          : List.of("fdatasync");
  private static final List<Integer> CALLS =
      Numbers.soak() ? IntStream.rangeClosed(1, 20).boxed().toList() : List.of(1, 25);

  // With so much behind it, it makes no more of them.
  private static final Duration AT_WORK_FOR = Duration.ofSeconds(5);
  private static final int ENTRIES = 1_000;

  private int killed;
  private long acknowledged;

  @TempDir private Path directory;

  @Test
  @DisplayName("F3: at the N-th system call")
  void f3_killedInASystemCall_losesNothingAcknowledged() {
    if (!isTraceable()) {
      System.err.println("*** F3 AT SYSTEM CALLS WAS NOT TESTED: strace is missing, or forbidden");
      assertThat(Numbers.soak()).as("strace is there, as the soak profile demands").isFalse();
      assumeThat(false).as("strace is there").isTrue();
    }
    Report report = new Report("f3-system-calls", Numbers.seed());
    for (String name : NAMES) {
      int killedBefore = killed;
      for (int n : CALLS) {
        if (!killIn(name, n)) {
          break;
        }
        killed++;
      }
      assertThat(killed).as("killed in %s at least once", name).isGreaterThan(killedBefore);
    }
    report
        .put("systemCalls", NAMES)
        .put("killed", killed)
        .put("acknowledged", acknowledged)
        .put("lost", 0)
        .write();
  }

  /** Whether it came to that call. */
  private boolean killIn(String name, int n) {
    Path store = directory.resolve(name + "-" + n);
    List<String> strace =
        List.of(
            "strace",
            "-f",
            "-qq",
            "-o",
            "/dev/null",
            "-e",
            "trace=" + name,
            "-e",
            "inject=" + name + ":signal=KILL:when=" + n);
    LoadAudit audit = new LoadAudit();
    boolean came;
    try (Child child = Child.start(strace, KilledLogTest.Writing.class, store, 1, false)) {
      child.go();
      came = !child.isToldUnlessItEnds(ENTRIES, line -> line.startsWith("entry"));
      came = came || child.endsWithin(AT_WORK_FOR);
      for (String line : came ? child.awaitEnd() : child.kill()) {
        String[] words = line.split(" ");
        if (words[0].equals("entry")) {
          LoadWriter writer = new LoadWriter(1, Integer.parseInt(words[1]));
          audit.told(writer, Long.parseLong(words[2]), Long.parseLong(words[3]));
        }
      }
    }
    if (came) {
      try (SharedLog log = EmbeddedLog.open(store)) {
        audit.check(log);
      }
      acknowledged += audit.acknowledged();
    }
    return came;
  }

  private static boolean isTraceable() {
    try {
      Process process =
          new ProcessBuilder("strace", "-o", "/dev/null", "true")
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
    } catch (IOException e) {
      return false; // there is no such program
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
