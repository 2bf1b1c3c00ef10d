package dev.milonga.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.milonga.log.server.Durability;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SettingsReaderTest {

  private static final Map<String, String> NONE = Map.of();

  @TempDir private Path directory;

  @Test
  void nothingSet_isTheStandard_onLoopback() {
    ServerSettings settings = SettingsReader.read(NONE, null, NONE);

    assertThat(settings.data()).isEqualTo(Path.of("data"));
    assertThat(settings.address()).hasToString("127.0.0.1:7700");
    assertThat(settings.metrics()).hasValue(new Endpoint("127.0.0.1", 7701));
    assertThat(settings.durability()).isEqualTo(Durability.SYNC);
    assertThat(settings.insecure()).isFalse();
    assertThat(settings.tokens()).isEmpty();
    assertThat(settings.entryBytesMax()).isEqualTo(16 << 20);
    assertThat(settings.waitingBytesMax()).isEqualTo(128L << 20);
    assertThat(settings.cacheBytesMax()).isEqualTo(32L << 20);
    assertThat(settings.sessionTimeout()).isEmpty();
    assertThat(settings.drain()).isEqualTo(Duration.ofSeconds(5));
  }

  @Test
  void flagCountsMoreThanEnvironment_andThatMoreThanTheFile() throws IOException {
    Path file = file("data = from-file\naddress = 127.0.0.1:1\ndurability = async\n");
    Map<String, String> environment =
        Map.of("MILONGA_ADDRESS", "127.0.0.1:2", "MILONGA_DURABILITY", "sync", "PATH", "/bin");

    ServerSettings settings = SettingsReader.read(Map.of("durability", "async"), file, environment);

    assertThat(settings.data()).isEqualTo(Path.of("from-file"));
    assertThat(settings.address().port()).isEqualTo(2);
    assertThat(settings.durability()).isEqualTo(Durability.ASYNC);
  }

  @Test
  void fileIsNamedByTheEnvironment_unlessAFlagNamesOne() throws IOException {
    Path one = file("drain-time=1s");
    Path other = directory.resolve("other");
    Files.writeString(other, "drain-time=500ms");
    Map<String, String> environment = Map.of("MILONGA_CONFIG", other.toString());

    assertThat(SettingsReader.read(NONE, null, environment).drain())
        .isEqualTo(Duration.ofMillis(500));
    assertThat(SettingsReader.read(NONE, one, environment).drain())
        .isEqualTo(Duration.ofSeconds(1));
  }

  @Test
  void unknownNames_areRefusedWithTheNearestOne() throws IOException {
    Path file = file("adress = 127.0.0.1:1\ncolour = red\n");

    Throwable problem =
        catchThrowable(() -> SettingsReader.read(NONE, file, Map.of("MILONGA_TOKEN", "t")));

    assertThat(problem)
        .isInstanceOf(CommandFailedException.class)
        .hasMessageContaining(file + ": adress is not a setting; did you mean address?")
        .hasMessageContaining(file + ": colour is not a setting; 'milonga serve --help' shows")
        .hasMessageContaining("MILONGA_TOKEN is not a setting; did you mean MILONGA_TOKENS?");
  }

  @Test
  void whatAnOrchestratorSetsForAServiceOfOurName_isNone() {
    Map<String, String> environment =
        Map.of(
            "MILONGA_SERVICE_HOST", "10.0.0.1",
            "MILONGA_SERVICE_PORT", "7700",
            "MILONGA_SERVICE_PORT_METRICS", "7701",
            "MILONGA_PORT", "tcp://10.0.0.1:7700",
            "MILONGA_PORT_7700_TCP_ADDR", "10.0.0.1",
            "MILONGA_METRICS_SERVICE_HOST", "10.0.0.2");

    assertThat(SettingsReader.read(NONE, null, environment).address().port()).isEqualTo(7700);
  }

  @Test
  void allThatIsWrong_isSaidAtOnce_withItsPlace() throws IOException {
    Path missing = directory.resolve("missing.pem");
    Path file =
        file(
            "entry-bytes-max = huge\nentry-bytes-max = 1MiB\ntls-certificate = "
                + missing
                + "\ndata =\n");

    Throwable problem =
        catchThrowable(
            () ->
                SettingsReader.read(
                    Map.of("address", "0.0.0.0:7701", "durability", "maybe"),
                    file,
                    Map.of("MILONGA_DRAIN_TIME", "0s")));

    assertThat(problem.getMessage().lines().toList())
        .hasSize(9)
        .first()
        .isEqualTo("8 things are wrong with the configuration:");
    assertThat(problem)
        .hasMessageContaining(file + ": entry-bytes-max stands there twice")
        .hasMessageContaining(file + ": data: it is empty")
        .hasMessageContaining("--durability: it is sync or async; was maybe")
        .hasMessageContaining("MILONGA_DRAIN_TIME: a time is a number over 0")
        .hasMessageContaining("only tls-certificate is set")
        .hasMessageContaining(file + ": tls-certificate: there is no file " + missing)
        .hasMessageContaining("address and metrics-address need a port each")
        .hasMessageContaining("address 0.0.0.0:7701 can be reached from other machines");
  }

  @ParameterizedTest
  @ValueSource(strings = {"0.0.0.0:7700", "[::]:7700", "192.0.2.1:7700"})
  void beyondThisMachine_itNeedsTlsAndToAskWhoIsThere_unlessInsecure(String address)
      throws IOException {
    String pem = file("").toString();
    Map<String, String> open = Map.of("address", address);
    Map<String, String> tls = Map.of("address", address, "tls-certificate", pem, "tls-key", pem);
    Map<String, String> tokens = Map.of("address", address, "tokens", pem);
    Map<String, String> both =
        Map.of("address", address, "tls-certificate", pem, "tls-key", pem, "tokens", pem);
    Map<String, String> mutual =
        Map.of("address", address, "tls-certificate", pem, "tls-key", pem, "tls-clients", pem);

    for (Map<String, String> flags : List.of(open, tls, tokens)) {
      assertThatThrownBy(() -> SettingsReader.read(flags, null, NONE))
          .isInstanceOf(CommandFailedException.class)
          .hasMessageContaining("can be reached from other machines")
          .hasMessageContaining("--insecure");
    }
    assertThat(SettingsReader.read(both, null, NONE).certificate()).isPresent();
    assertThat(SettingsReader.read(mutual, null, NONE).clients()).isPresent();
    assertThat(
            SettingsReader.read(Map.of("address", address, "insecure", "true"), null, NONE)
                .insecure())
        .isTrue();
  }

  @Test
  void loopback_needsNothing() {
    for (String address : new String[] {"127.0.0.1:0", "[::1]:7700", "localhost:7700"}) {
      assertThat(SettingsReader.read(Map.of("address", address), null, NONE).address())
          .hasToString(address);
    }
  }

  @Test
  void metrics_canBeLeftOut() {
    assertThat(SettingsReader.read(Map.of("metrics-address", "none"), null, NONE).metrics())
        .isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "7700, a host and a port are needed",
    ":7700, a host and a port are needed",
    "localhost:, a port is a number",
    "localhost:70000, a port is a number from 0 to 65535",
    "::1:7700, stands in brackets"
  })
  void wrongAddress_isRefused(String address, String reason) {
    assertThatThrownBy(() -> SettingsReader.read(Map.of("address", address), null, NONE))
        .hasMessageContaining(reason);
  }

  @ParameterizedTest
  @CsvSource({"65536, 65536", "64KiB, 65536", "2MiB, 2097152", "1GiB, 1073741824", "7B, 7"})
  void sizes(String text, long bytes) {
    assertThat(SettingsReader.read(Map.of("cache-bytes-max", text), null, NONE).cacheBytesMax())
        .isEqualTo(bytes);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "-1", "1.5MiB", "10MB", "999999999999999GiB"})
  void wrongSizes(String text) {
    assertThatThrownBy(() -> SettingsReader.read(Map.of("cache-bytes-max", text), null, NONE))
        .hasMessageContaining("--cache-bytes-max")
        .hasMessageContaining(text);
  }

  @Test
  void fileThatCannotBeRead_isSaid() {
    assertThatThrownBy(() -> SettingsReader.read(NONE, directory.resolve("none"), NONE))
        .hasMessageContaining("the configuration file " + directory.resolve("none"));
  }

  private Path file(String content) throws IOException {
    return Files.writeString(directory.resolve("server.properties"), content);
  }
}
