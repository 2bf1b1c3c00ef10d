package dev.milonga.log.server;

import static dev.milonga.log.server.LogEngineTest.payload;
import static org.assertj.core.api.Assertions.assertThat;

import dev.milonga.log.AppendRequest;
import dev.milonga.log.LogPosition;
import dev.milonga.log.StreamId;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A process that appends and trims is killed, again and again, and its store opened after it. */
class TrimKillTest {

  private static final int KILLS = Integer.getInteger("milonga.trim.kills", 4);
  private static final long SEED = Long.getLong("milonga.seed", 1L);

  @TempDir Path directory;

  @Test
  @Timeout(600)
  @DisplayName("C6: trim, then kill -9, then reopen")
  void c6_killedWhileTrimming_markNeverGoesBackAndNothingAboveItIsLost() throws Exception {
    Path data = directory.resolve("data");
    Random random = new Random(SEED);
    long mark = 0;
    long tail = 0;
    for (int kill = 0; kill < KILLS; kill++) {
      long[] acknowledged = killedAfter(50 + random.nextInt(150), data);
      String when = "seed " + SEED + ", kill " + kill;

      StoreReport report = StoreCheck.check(data);
      assertThat(report.problems()).as(when).isEmpty();
      try (EmbeddedLog log = EmbeddedLog.open(data)) {
        assertThat(log.trimMark().join()).isEqualTo(report.trimMark());
        assertThat(log.tail().join()).isEqualTo(report.tail());
      }
      assertThat(report.trimMark().value())
          .as(when)
          .isGreaterThanOrEqualTo(Math.max(mark, acknowledged[0]));
      assertThat(report.tail().value()).as(when).isGreaterThan(Math.max(tail, acknowledged[1]));
      assertThat(report.entries()).isEqualTo(report.tail().value() - report.trimMark().value());
      mark = report.trimMark().value();
      tail = report.tail().value() - 1;
    }
    assertThat(mark).isPositive();
  }

  /** Kills a child after that many acknowledgements: its last trim and its last append. */
  private static long[] killedAfter(int lines, Path data) throws IOException, InterruptedException {
    Process child =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Child.class.getName(),
                data.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    long[] acknowledged = new long[2];
    try (BufferedReader out =
        new BufferedReader(
            new InputStreamReader(child.getInputStream(), StandardCharsets.US_ASCII))) {
      for (int i = 0; i < lines; i++) {
        note(out.readLine(), acknowledged);
      }
      child.toHandle().destroyForcibly(); // of the process alone, which leaves its output readable
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        if (line.endsWith(".")) { // else it was cut off
          note(line, acknowledged);
        }
      }
    } finally {
      child.destroyForcibly().waitFor();
    }
    return acknowledged;
  }

  private static void note(String line, long[] acknowledged) {
    String[] words = line.substring(0, line.length() - 1).split(" ");
    acknowledged[words[0].equals("trimmed") ? 0 : 1] = Long.parseLong(words[1]);
  }

  /** Appends and trims as fast as it can, and says what was acknowledged. */
  static final class Child {

    private Child() {}

    public static void main(String[] arguments) {
      try (EmbeddedLog log = EmbeddedLog.open(Path.of(arguments[0]))) {
        while (true) {
          for (int i = 0; i < 20; i++) {
            log.append(AppendRequest.of(new StreamId(0, i % 3), payload("x".repeat(1_000))));
          }
          CompletableFuture<LogPosition> last =
              log.append(AppendRequest.of(new StreamId(0, 0), payload("last")));
          CompletableFuture<LogPosition> mark =
              log.trim(new LogPosition(Math.max(0, log.tail().join().value() - 30)));
          System.out.println("appended " + last.join() + ".");
          System.out.println("trimmed " + mark.join() + ".");
          System.out.flush();
        }
      }
    }
  }
}
