package dev.milonga.cli;

import static dev.milonga.cli.CommandLineUnderTest.milonga;
import static org.assertj.core.api.Assertions.assertThat;

import dev.milonga.cli.CommandLineUnderTest.Run;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MainTest {

  @TempDir private Path directory;

  @ParameterizedTest
  @ValueSource(strings = {"demo", "objects", "show", "history", "log", "bench"})
  void everyCommand_hasHelpWithItsExitCodes(String command) {
    Run run = milonga(command, "--help");

    assertThat(run.exitCode()).isZero();
    assertThat(run.out().get(0)).startsWith("Usage: milonga " + command);
    assertThat(run.out())
        .containsSubsequence(
            "Exit codes:", "  0   done", "  1   failed; the error output says why");
    assertThat(milonga("--help").out()).anyMatch(line -> line.startsWith("  " + command + " "));
  }

  @Test
  void wrongUsage_isCode2AndPointsToTheHelp() {
    for (List<Object> words :
        List.<List<Object>>of(
            List.of(),
            List.of("tango"),
            List.of("show"),
            List.of("log", "--format", "xml"),
            List.of("log", "--from", "-1", "--data", directory),
            List.of("bench", "put-2"),
            List.of("bench", "--rounds", "0"))) {
      Run run = milonga(words.toArray());

      assertThat(run.exitCode()).as("%s", words).isEqualTo(2);
      assertThat(run.err().get(0)).startsWith("milonga: ");
    }
    assertThat(milonga("bench", "put-2").err().get(0))
        .isEqualTo(
            "milonga: there is no measurement 'put-2'; there are put-1, put-16, get-1, get-16,"
                + " put-async");
    assertThat(milonga("objcts").err()).anyMatch(line -> line.contains("milonga objects"));
  }

  @Test
  void error_isOneLine_andDebugAddsTheTrace() {
    Run run = milonga("log", "--data", directory.resolve("nothing"));
    Run traced = milonga("log", "--debug", "--data", directory.resolve("nothing"));

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).hasSize(1);
    assertThat(run.err().get(0)).contains("there is no store in " + directory.resolve("nothing"));
    assertThat(traced.exitCode()).isEqualTo(1);
    assertThat(traced.err()).anyMatch(line -> line.startsWith("\tat dev.milonga.cli."));
  }

  @Test
  void bench_writesItsFiguresAsJson() throws Exception {
    Path json = directory.resolve("figures.json");

    Run run =
        milonga(
            "bench",
            "get-1",
            "--seconds",
            "0.1",
            "--rounds",
            "1",
            "--data",
            directory,
            "--json",
            json);

    assertThat(run.exitCode()).isZero();
    assertThat(run.out()).hasSize(2);
    assertThat(run.out().get(0)).startsWith("name").endsWith("ratio");
    assertThat(run.out().get(1)).startsWith("get-1  map.get, 1 thread");
    assertThat(json).content().startsWith("{\"name\":\"get-1\",").contains("\"ratio\":");
    assertThat(directory).isDirectoryNotContaining("glob:**milonga-*");
  }
}
