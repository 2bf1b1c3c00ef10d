package dev.milonga.cli;

import static dev.milonga.cli.CommandLineUnderTest.milonga;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.milonga.cli.CommandLineUnderTest.Run;
import dev.milonga.log.AppendRequest;
import dev.milonga.log.LogPosition;
import dev.milonga.log.Payload;
import dev.milonga.log.ReadBatch;
import dev.milonga.log.ReadLimit;
import dev.milonga.log.RequestId;
import dev.milonga.log.SessionId;
import dev.milonga.log.SharedLog;
import dev.milonga.log.StoreException;
import dev.milonga.log.StreamId;
import dev.milonga.log.StreamKeys;
import dev.milonga.log.grpc.RemoteLog;
import dev.milonga.log.server.EmbeddedLog;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(180)
class ServeCommandTest {

  private static final Pattern LINE =
      Pattern.compile(
          "serving (.+) on 127\\.0\\.0\\.1:(\\d+), metrics on (http://127\\.0\\.0\\.1:\\d+)/metrics;"
              + " connect with Milonga\\.connect\\(\"127\\.0\\.0\\.1:(\\d+)\"\\)"
              + " or --connect 127\\.0\\.0\\.1:\\4");

  @TempDir private Path directory;

  private final List<Process> processes = new ArrayList<>();

  @AfterEach
  void endProcesses() throws InterruptedException {
    for (Process process : processes) {
      process.destroyForcibly().waitFor();
    }
  }

  @Test
  void serverSaysWhereItListens_tellsHowItDoes_andEndsWellOnSigterm() throws Exception {
    Path errors = directory.resolve("errors");
    Process process = start(errors, "serve", "--data", directory.resolve("data").toString());
    String line = firstLine(process);

    Matcher parts = LINE.matcher(line);
    assertThat(parts.matches()).as(line).isTrue();
    assertThat(parts.group(1)).isEqualTo(directory.resolve("data").toString());
    assertThat(parts.group(2)).isEqualTo(parts.group(4));
    assertThat(get(parts.group(3) + "/live").statusCode()).isEqualTo(200);
    assertThat(get(parts.group(3) + "/ready").statusCode()).isEqualTo(200);
    assertThat(get(parts.group(3) + "/metrics").body())
        .contains("milonga_log_tail 0.0")
        .contains("milonga_log_rejected_requests_total{reason=\"conflict\"} 0.0")
        .contains("jvm_memory_used_bytes");

    process.destroy(); // SIGTERM

    assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
    assertThat(errors)
        .content()
        .contains("milonga: stopping, when what is under way is answered")
        .contains("milonga: stopped");
    assertThat(process.exitValue()).isZero();
    try (SharedLog log = EmbeddedLog.builder(directory.resolve("data")).mustExist().open()) {
      assertThat(log.tail().join()).isEqualTo(LogPosition.FIRST);
    }
  }

  @Test
  void acknowledgedBeforeTheEnd_isThereAfterIt() throws Exception {
    Process process =
        start(
            directory.resolve("errors"),
            "serve",
            "--drain-time=1s",
            "--data",
            directory.resolve("data").toString());
    Matcher parts = LINE.matcher(firstLine(process));
    assertThat(parts.matches()).isTrue();
    Map<Long, String> acknowledged = new ConcurrentHashMap<>();

    try (SharedLog log =
        RemoteLog.builder("127.0.0.1:" + parts.group(2)).timeout(Duration.ofSeconds(5)).open()) {
      SessionId session = log.openSession().join();
      for (long i = 0; process.isAlive(); i++) {
        String text = "entry " + i;
        AppendRequest request =
            AppendRequest.builder(Payload.wrap(text.getBytes(StandardCharsets.UTF_8)))
                .write(StreamKeys.whole(StreamId.named("a")))
                .requestId(new RequestId(session, i, Math.max(0, i - 1_000)))
                .build();
        CompletableFuture<LogPosition> appended =
            log.append(request)
                .whenComplete(
                    (position, failure) -> {
                      if (position != null) {
                        acknowledged.put(position.value(), text);
                      }
                    });
        if (i % 16 == 0 && acknowledged.size() < 500) {
          appended.join();
        } else if (i % 16 == 0) {
          process.destroy(); // SIGTERM; again is once
          Thread.onSpinWait();
          if (appended.isCompletedExceptionally() || i > 20_000) {
            break;
          }
        }
      }
      assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
    }

    assertThat(process.exitValue()).isZero();
    assertThat(acknowledged).hasSizeGreaterThanOrEqualTo(500);
    Map<Long, String> stored = new HashMap<>();
    try (SharedLog log = EmbeddedLog.builder(directory.resolve("data")).mustExist().open()) {
      for (LogPosition next = LogPosition.FIRST; next.compareTo(log.tail().join()) < 0; ) {
        ReadBatch batch = log.readAll(next, ReadLimit.DEFAULT).join();
        batch
            .entries()
            .forEach(
                each ->
                    stored.put(
                        each.position().value(),
                        new String(each.payload().array(), StandardCharsets.UTF_8)));
        next = batch.next();
      }
    }
    assertThat(stored).containsAllEntriesOf(acknowledged);
  }

  @Test
  void tokens_sayWhoMayCall_andTheServersMetersAreDocumented() throws Exception {
    Path tokens = directory.resolve("tokens");
    String token = "a-token-of-enough-characters";
    Files.writeString(tokens, token + " write tester\n");
    Files.setPosixFilePermissions(tokens, PosixFilePermissions.fromString("rw-------"));
    ServerSettings settings =
        SettingsReader.read(
            Map.of(
                "data", directory.resolve("data").toString(),
                "address", "127.0.0.1:0",
                "metrics-address", "127.0.0.1:0",
                "connections-max", "3",
                "tokens", tokens.toString()),
            null,
            Map.of());

    try (ServedStore served = ServedStore.start(settings)) {
      String target = "127.0.0.1:" + served.port();
      assertThatThrownBy(() -> RemoteLog.open(target).close())
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("token");
      try (SharedLog log = RemoteLog.builder(target).token(token).open()) {
        log.append(AppendRequest.of(StreamId.named("a"), Payload.wrap(new byte[1]))).join();
      }
      String metrics =
          get("http://127.0.0.1:" + served.metricsPort().orElseThrow() + "/metrics").body();

      assertThat(metrics).contains("milonga_log_appends_entries_total 1.0");
      Set<String> documented = new TreeSet<>();
      for (String line : Files.readAllLines(Path.of("../docs/observability.md"))) {
        if (line.startsWith("| `milonga.server.")) {
          String[] cells = line.replace("`", "").split("\\|");
          documented.add(cells[1].strip().replace('.', '_'));
        }
      }
      Set<String> shown = new TreeSet<>();
      metrics
          .lines()
          .filter(line -> line.startsWith("milonga_server_"))
          .forEach(line -> shown.add(line.split("[ {]")[0]));
      assertThat(shown).isEqualTo(documented);
    }
  }

  @Test
  void portInUse_isAnErrorWithTheAddress_andEndsTheProcess() throws Exception {
    try (ServerSocket other = new ServerSocket(0)) {
      Path errors = directory.resolve("errors");
      Process process =
          start(
              errors,
              "serve",
              "--data",
              directory.resolve("data").toString(),
              "--address",
              "127.0.0.1:" + other.getLocalPort());

      assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).isEqualTo(1);
      assertThat(errors).content().contains("127.0.0.1:" + other.getLocalPort());
    }
  }

  private Process start(Path errors, String... arguments) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).redirectError(errors.toFile());
    builder.environment().put("MILONGA_METRICS_ADDRESS", "127.0.0.1:0");
    builder.environment().putIfAbsent("MILONGA_ADDRESS", "127.0.0.1:0");
    Process process = builder.start();
    processes.add(process);
    return process;
  }

  private String firstLine(Process process) throws Exception {
    BufferedReader out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    String line = out.readLine();
    assertThat(line).as(() -> read(directory.resolve("errors"))).isNotNull();
    return line;
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return e.toString();
    }
  }

  private static HttpResponse<String> get(String uri) throws Exception {
    return HttpClient.newHttpClient()
        .send(HttpRequest.newBuilder(URI.create(uri)).build(), BodyHandlers.ofString());
  }

  @Test
  void wrongConfiguration_isOneMessageOfAllThatIsWrong_andNothingIsOpened() {
    Path data = directory.resolve("data");

    Run run =
        milonga(
            "serve",
            "--data",
            data,
            "--address",
            "0.0.0.0:0",
            "--durability",
            "maybe",
            "--metrics-address",
            "127.0.0.1");

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err().get(0)).isEqualTo("milonga: 3 things are wrong with the configuration:");
    assertThat(run.err()).hasSize(4);
    assertThat(run.out()).isEmpty();
    assertThat(data).doesNotExist();
  }

  @Test
  void unknownFlag_isWrongUsageWithTheNearest() {
    Run run = milonga("serve", "--adress", "127.0.0.1:0");

    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).anyMatch(line -> line.contains("--address"));
  }

  @Test
  void help_showsEverySettingWithItsDefault() {
    String help = String.join("\n", milonga("serve", "--help").out());

    for (Setting<?> setting : SettingsReader.ALL) {
      assertThat(help).contains(setting.flag());
    }
    assertThat(help).contains("127.0.0.1:7700").contains("--insecure ");
  }

  @Test
  void storeThatIsInUse_isRefusedWithItsOwner() {
    try (SharedLog log = EmbeddedLog.open(directory)) {
      assertThat(log.tail().join()).isEqualTo(LogPosition.FIRST);

      Run run =
          milonga(
              "serve",
              "--data",
              directory,
              "--address",
              "127.0.0.1:0",
              "--metrics-address",
              "none");

      assertThat(run.exitCode()).isEqualTo(1);
      assertThat(run.err()).hasSize(1).first().asString().contains(directory.toString());
    }
  }
}
