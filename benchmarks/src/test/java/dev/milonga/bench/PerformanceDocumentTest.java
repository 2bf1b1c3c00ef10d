package dev.milonga.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.milonga.bench.Curve.Point;
import dev.milonga.bench.Curve.Series;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;

class PerformanceDocumentTest {

  private static final Curve CURVE =
      new Curve(
          "curve",
          "a < b",
          "keys",
          "per second",
          List.of(
              new Series("tried", List.of(new Point(10, 1_000), new Point(1_000, 2_000))),
              new Series("done", List.of(new Point(10, 500), new Point(1_000, 1_900)))));

  @TempDir private Path directory;
  private Path document;

  @BeforeEach
  void document() throws Exception {
    document = directory.resolve("performance.md");
    Files.writeString(
        document,
        "# Title\n\n"
            + PerformanceDocument.BEGIN
            + "\n"
            + PerformanceDocument.END
            + "\nThe end.\n");
  }

  @Test
  void figures_standBetweenTheMarkers_andTheRestStays() throws Exception {
    PerformanceDocument.update(document, List.of(run("first", row("put", 100), row("get", 50))));

    assertThat(document)
        .content()
        .startsWith("# Title\n")
        .contains(
            "`first`, 2026-11-20, medians of 3, 0.5 s each: CPU, 2 cores, 24 GiB, Linux, ext4")
        .contains("| name | work | figure | p50 |")
        .contains(
            "| put | work | 100/s | 7.00 µs | 9.00 µs | 200/s | 0.50 | ≥ 0.9 × | missed | base |  |")
        .contains("![a < b](images/curve.svg)")
        .endsWith(PerformanceDocument.END + "\nThe end.\n");
  }

  @Test
  void whatLimitsARow_staysWhenTheFiguresChange() throws Exception {
    PerformanceDocument.update(document, List.of(run("first", row("put", 100), row("get", 50))));
    String text = Files.readString(document);
    Files.writeString(document, text.replace("missed | base |  |", "missed | base | the disk |"));

    PerformanceDocument.update(
        document, List.of(run("second", row("put", 300)), run("third", row("get", 250))));

    assertThat(document)
        .content()
        .contains("`second`", "`third`")
        .doesNotContain("`first`")
        .contains("| put | work | 300/s |")
        .contains("| 1.25 | ≥ 0.9 × | met | base | the disk |");
  }

  @Test
  void laterRun_replacesRowsOfTheSameName() throws Exception {
    PerformanceDocument.update(
        document, List.of(run("first", row("put", 100)), run("second", row("put", 199))));

    assertThat(document).content().containsOnlyOnce("| put |").contains("199/s");
  }

  @Test
  void documentWithoutMarkers_isRefusedAndStaysAsItWas() throws Exception {
    Files.writeString(document, "# Title\n");

    assertThatThrownBy(
            () -> PerformanceDocument.update(document, List.of(run("first", row("put", 1)))))
        .isInstanceOf(BenchmarkException.class)
        .hasMessageContaining(PerformanceDocument.BEGIN);
    assertThat(document).hasContent("# Title\n");
    assertThat(directory.resolve("images")).doesNotExist();
  }

  @Test
  void curve_isDrawnAsWellFormedSvg() throws Exception {
    PerformanceDocument.update(document, List.of(run("first", row("put", 100))));

    Document image =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(directory.resolve("images/curve.svg").toFile());
    assertThat(image.getElementsByTagName("polyline").getLength()).isEqualTo(2);
    assertThat(
            image
                .getElementsByTagName("polyline")
                .item(0)
                .getAttributes()
                .getNamedItem("points")
                .getNodeValue())
        .isEqualTo("80.0,205.0 640.0,50.0"); // from half of the height to the top
    assertThat(image.getElementsByTagName("text").item(0).getTextContent()).isEqualTo("a < b");
  }

  @Test
  void axis_endsAtARoundNumber() {
    assertThat(LineChart.roundUp(0)).isEqualTo(1);
    assertThat(LineChart.roundUp(1_900)).isEqualTo(2_000);
    assertThat(LineChart.roundUp(2_100)).isEqualTo(2_500);
    assertThat(LineChart.roundUp(51)).isEqualTo(100);
  }

  @Test
  void run_isTheSameAfterJson() throws Exception {
    Path file = directory.resolve("run.json");
    Run run = run("first", row("put", 100), Row.of("x", "y", Figure.of(1, Unit.BYTES), Goal.NONE));

    RunFile.write(run, file);

    assertThat(RunFile.read(file)).isEqualTo(run);
    assertThat(file).content().contains("\"ratio\" : 0.5", "\"verdict\" : \"missed\"");
  }

  @Test
  void fileWithoutFigures_isRefusedByName() throws Exception {
    Path file = Files.writeString(directory.resolve("other.json"), "[1]");

    assertThatThrownBy(() -> RunFile.read(file))
        .isInstanceOf(BenchmarkException.class)
        .hasMessageContaining("other.json does not hold figures");
  }

  private static Run run(String command, Row... rows) {
    Machine machine = new Machine("CPU", 2, 24, "Linux", "ext4", "VM 17");
    return new Run("2026-11-20", command, machine, 3, 0.5, List.of(rows), List.of(CURVE));
  }

  private static Row row(String name, double rate) {
    return Row.of(
        name,
        "work",
        new Figure(rate, Unit.PER_SECOND, Optional.of(new Figure.Latency(7, 9))),
        "base",
        Figure.of(200, Unit.PER_SECOND),
        Goal.ratioAtLeast(0.9));
  }
}
