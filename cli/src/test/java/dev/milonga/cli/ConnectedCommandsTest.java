package dev.milonga.cli;

import static dev.milonga.cli.CommandLineUnderTest.milonga;
import static org.assertj.core.api.Assertions.assertThat;

import dev.milonga.Milonga;
import dev.milonga.cli.CommandLineUnderTest.Run;
import dev.milonga.collections.ReplicatedMap;
import dev.milonga.log.LogPosition;
import dev.milonga.log.SharedLog;
import dev.milonga.log.grpc.RemoteLog;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The commands that look into a store, on one that is served. */
@Timeout(180)
class ConnectedCommandsTest {

  @TempDir private Path directory;

  private ServedStore served;
  private String target;

  @BeforeEach
  void serve() {
    served =
        ServedStore.start(
            SettingsReader.read(
                Map.of(
                    "data", directory.toString(),
                    "address", "127.0.0.1:0",
                    "metrics-address", "127.0.0.1:0",
                    "drain-time", "100ms"),
                null,
                Map.of()));
    target = "127.0.0.1:" + served.port();
  }

  @AfterEach
  void stop() {
    served.close();
  }

  private static void write(SharedLog log) {
    try (Milonga store = Milonga.over(log)) {
      ReplicatedMap<String, Integer> map = store.map("stock", String.class, Integer.class);
      map.put("a", 1);
      map.put("b", 2);
      map.put("a", 3);
      store.counter("sold").add(5);
      store.transact(() -> map.put("c", map.get("a")));
    }
  }

  @Test
  void commands_sayTheSameOfAServedStoreAsOfItsDirectory() {
    write(served.log());
    LogPosition tail = served.log().tail().join();
    List<List<String>> commands =
        List.of(
            List.of("objects"),
            List.of("show", "stock"),
            List.of("show", "stock", "--at", "" + (tail.value() - 2)),
            List.of("history", "stock"),
            List.of("log", "--format", "json"),
            List.of("diff", "stock", "" + (tail.value() - 3), "" + (tail.value() - 1)),
            List.of("audit"));

    List<List<String>> connected = commands.stream().map(this::connected).toList();
    served.close();

    List<List<String>> local =
        commands.stream().map(each -> run(each, "--data", directory)).toList();
    assertThat(connected).isEqualTo(local);
    assertThat(connected).noneMatch(List::isEmpty);
  }

  @Test
  void checkpointAndTrim_workFromElsewhere() {
    write(served.log());

    assertThat(connected(List.of("checkpoint"))).first().asString().startsWith("checkpointed ");
    assertThat(connected(List.of("trim"))).first().asString().startsWith("dropped ");

    assertThat(served.log().trimMark().join()).isGreaterThan(LogPosition.FIRST);
    assertThat(connected(List.of("show", "stock"))).anyMatch(line -> line.contains("c"));
  }

  private List<String> connected(List<String> command) {
    return run(command, "--connect", target);
  }

  private static List<String> run(List<String> command, Object... store) {
    List<Object> words = new ArrayList<>(command);
    words.addAll(List.of(store));
    Run run = milonga(words.toArray());
    assertThat(run.err()).as("%s", words).isEmpty();
    assertThat(run.exitCode()).isZero();
    return run.out();
  }

  @Test
  void unknownObject_isSaidWithTheServer() {
    Run run = milonga("show", "nothing", "--connect", target);

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err().get(0)).contains("no object \"nothing\" in " + target);
  }

  @Test
  void optionsThatDoNotGoTogether_areWrongUsage() {
    for (List<Object> words :
        List.<List<Object>>of(
            List.of("log", "--connect", target, "--data", directory),
            List.of("log", "--token-file", directory.resolve("t")),
            List.of("objects", "--tls"),
            List.of("top"),
            List.of("top", "--connect", target, "--interval", "0"),
            List.of("top", "--connect", target, "--rows", "0"),
            List.of("top", "--connect", target, "--metrics", "x"),
            List.of("tail", "--connect", target, "--limit", "0"),
            List.of("tail", "--connect", target, "--from", "-1"))) {
      Run run = milonga(words.toArray());

      assertThat(run.exitCode()).as("%s", words).isEqualTo(2);
      assertThat(run.err().get(0)).startsWith("milonga: ");
    }
    assertThat(milonga("log", "--connect", target, "--certificate", "c").err().get(0))
        .contains("--certificate and --key");
    assertThat(milonga("log", "--connect", "nowhere").err().get(0)).contains("nowhere");
  }

  @Test
  void tail_printsWhatComes_alsoOfObjectsMadeMeanwhile() throws Exception {
    CompletableFuture<Run> all =
        CompletableFuture.supplyAsync(
            () -> milonga("tail", "--connect", target, "--from", "0", "--limit", "7"));

    try (SharedLog log = RemoteLog.open(target)) {
      write(log); // two registrations, and five calls
    }

    Run run = all.get(120, TimeUnit.SECONDS);
    assertThat(run.err()).isEmpty();
    assertThat(run.exitCode()).isZero();
    Run log = milonga("log", "--connect", target);
    assertThat(cells(run.out())).isEqualTo(cells(log.out()));
    assertThat(run.out()).anyMatch(line -> line.contains("stock") && line.contains("put("));
  }

  // Widths of columns may differ: a tail has to print before it has seen all.
  private static List<List<String>> cells(List<String> lines) {
    return lines.stream().map(line -> List.of(line.strip().split("\\s{2,}"))).toList();
  }

  @Test
  void tailOfOneObject_printsItsCallsOnly() {
    write(served.log());

    Run run =
        milonga(
            "tail",
            "--connect",
            target,
            "--from",
            "0",
            "--limit",
            "1",
            "--object",
            "sold",
            "--format",
            "json");

    assertThat(run.out()).hasSize(1);
    assertThat(run.out().get(0)).contains("\"object\":\"sold\"").contains("\"mutator\":\"add\"");
  }

  @Test
  void tail_endsWellWhenTheProcessIsToldTo() throws Exception {
    write(served.log());
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "tail",
                "--connect",
                target,
                "--from",
                "0")
            .redirectErrorStream(true)
            .start();
    try (BufferedReader out =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      String line = out.readLine();
      while (line != null && !line.contains("sold")) {
        line = out.readLine();
      }
      assertThat(line).isNotNull();

      process.destroy(); // SIGTERM, which is dealt with like SIGINT

      assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).isZero();
    } finally {
      process.destroyForcibly().waitFor();
    }
  }

  @Test
  void top_showsObjectsAndClientsByRate_andHowTheServerDoes() throws Exception {
    AtomicBoolean enough = new AtomicBoolean();
    CompletableFuture<Void> writer =
        CompletableFuture.runAsync(
            () -> {
              try (SharedLog log = RemoteLog.open(target);
                  Milonga store = Milonga.over(log)) {
                ReplicatedMap<String, Integer> map = store.map("busy", String.class, Integer.class);
                for (int i = 0; !enough.get(); i++) {
                  map.put("k", i);
                }
              }
            });
    try {
      Run run;
      do { // on a busy machine nothing may have been written during one look
        run =
            milonga(
                "top",
                "--connect",
                target,
                "--metrics",
                "127.0.0.1:" + served.metricsPort().orElseThrow(),
                "--once",
                "--interval",
                "0.5");
        assertThat(run.err()).isEmpty();
        assertThat(run.exitCode()).isZero();
      } while (run.out().stream().noneMatch(line -> line.endsWith(" busy")) && !writer.isDone());

      assertThat(run.out().get(0)).startsWith(target + ": tail ").contains(" entries/s");
      assertThat(run.out().get(1)).startsWith("clients 2, connections ").contains("sessions 1");
      assertThat(run.out().get(2)).startsWith("conflicts 0.0/s, batches ");
      assertThat(run.out()).anyMatch(line -> line.matches(" *[\\d,.]+ +[\\d,]+  busy"));
      assertThat(run.out()).anyMatch(line -> line.matches(" *[\\d,.]+ +[\\d,]+  session \\d+"));
    } finally {
      enough.set(true);
      writer.get(120, TimeUnit.SECONDS);
    }
  }

  @Test
  void topWithoutMetrics_saysWhatIsMissing() {
    Run run =
        milonga("top", "--connect", target, "--metrics", target, "--once", "--interval", "0.1");

    assertThat(run.exitCode()).isZero();
    assertThat(run.out()).anyMatch(line -> line.contains("name their address with --metrics"));
    assertThat(run.out()).contains("nothing was written: no object to show");
  }
}
