package dev.milonga.cli;

import static dev.milonga.cli.CommandLineUnderTest.milonga;
import static org.assertj.core.api.Assertions.assertThat;

import dev.milonga.cli.CommandLineUnderTest.Run;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MainTest {

  @TempDir private Path directory;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "demo", "objects", "show", "history", "log", "tail", "top", "backup", "restore", "verify",
        "serve", "bench"
      })
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
        .isEqualTo("milonga: there is no measurement 'put-2'; did you mean 'put-1'?");
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
  void bench_printsItsFigures_andPutsThemIntoADocument() throws Exception {
    Path json = directory.resolve("figures.json");
    Path document = directory.resolve("document.md");
    Files.writeString(
        document,
        "Before.\n\n<!-- figures: written by bin/milonga bench --report -->\n"
            + "<!-- end of figures -->\nAfter.\n");

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
    Run report = milonga("bench", "--from", json, "--report", document);

    assertThat(run.exitCode()).isZero();
    assertThat(run.out()).hasSize(3);
    assertThat(run.out().get(1)).startsWith("name").endsWith("against");
    assertThat(run.out().get(2))
        .startsWith("get-1  map.get, 1 thread")
        .endsWith("ConcurrentHashMap.get");
    assertThat(report.out()).isEqualTo(run.out());
    assertThat(document)
        .content()
        .startsWith("Before.\n")
        .contains("`bin/milonga bench get-1 --rounds 1 --seconds 0.1`")
        .contains("| get-1 | map.get, 1 thread | ")
        .endsWith("<!-- end of figures -->\nAfter.\n");
    assertThat(directory).isDirectoryNotContaining("glob:**milonga-*");
  }

  @Test
  void bench_listsWhatThereIs() {
    Run all = milonga("bench", "--list");
    Run some = milonga("bench", "--list", "peers-*-1", "get");

    assertThat(all.out().get(0)).startsWith("name");
    assertThat(all.out()).anyMatch(line -> line.startsWith("tango "));
    assertThat(some.out().stream().skip(1).map(line -> line.split(" ")[0]))
        .containsExactly(
            "get-1",
            "get-16",
            "get-16-writing",
            "peers-put-1",
            "peers-get-1",
            "peers-tx-1",
            "peers-tx-hot-1");
  }
}
