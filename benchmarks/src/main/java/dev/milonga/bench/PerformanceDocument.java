package dev.milonga.bench;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Puts the figures of runs into a document: the table between two marker lines, and the curves as
 * images in the folder {@code images} beside the document. Everything else in the document stays,
 * and so does what stands in the last column of the table, by the row's name, since that is written
 * by hand.
 */
public final class PerformanceDocument {

  static final String BEGIN = "<!-- figures: written by bin/milonga bench --report -->";
  static final String END = "<!-- end of figures -->";

  private static final String LIMITS = "what limits it";

  private PerformanceDocument() {}

  /**
   * Writes the document and the images.
   *
   * @param runs where two have the same row or curve, the later one counts
   * @throws BenchmarkException if the document has no markers; nothing was written
   */
  public static void update(Path document, List<Run> runs) throws IOException, BenchmarkException {
    String text = Files.readString(document, StandardCharsets.UTF_8);
    String updated = updated(document, text, runs);
    Path images = document.resolveSibling("images");
    Files.createDirectories(images);
    for (Curve curve : curves(runs)) {
      Files.writeString(
          images.resolve(curve.name() + ".svg"), LineChart.svg(curve), StandardCharsets.UTF_8);
    }
    Files.writeString(document, updated, StandardCharsets.UTF_8);
  }

  private static String updated(Path document, String text, List<Run> runs)
      throws BenchmarkException {
    int begin = text.indexOf(BEGIN + "\n");
    int end = text.indexOf("\n" + END);
    if (begin < 0 || end < begin) {
      throw new BenchmarkException(
          document
              + " has no place for the figures: it needs the lines '"
              + BEGIN
              + "' and '"
              + END
              + "'");
    }
    int from = begin + BEGIN.length() + 1;
    Map<String, String> limits = limits(text.substring(from, end + 1));
    return text.substring(0, from) + "\n" + figures(runs, limits) + text.substring(end);
  }

  /** What limits each row, by its name. */
  static Map<String, String> limits(String table) {
    Map<String, String> limits = new LinkedHashMap<>();
    for (String line : table.split("\n")) {
      String[] cells = line.split("(?<!\\\\)\\|", -1);
      if (cells.length == Row.COLUMNS.size() + 3) {
        limits.put(cells[1].strip(), cells[cells.length - 2].strip());
      }
    }
    return limits;
  }

  private static String figures(List<Run> runs, Map<String, String> limits) {
    StringBuilder out = new StringBuilder();
    for (Run run : runs) {
      out.append(
          String.format(
              Locale.ROOT,
              "`%s`, %s, medians of %d, %s s each: %s%n%n",
              run.command(),
              run.date(),
              run.rounds(),
              new BigDecimal(String.valueOf(run.seconds())).stripTrailingZeros().toPlainString(),
              run.machine().describe()));
    }
    List<String> columns = new ArrayList<>(Row.COLUMNS);
    columns.add(LIMITS);
    line(out, columns);
    line(out, columns.stream().map(column -> "---").toList());
    for (Row row : rows(runs)) {
      List<String> cells = new ArrayList<>(row.cells());
      cells.add(limits.getOrDefault(row.name(), ""));
      line(out, cells);
    }
    for (Curve curve : curves(runs)) {
      out.append('\n')
          .append("![" + curve.title() + "](images/" + curve.name() + ".svg)")
          .append('\n');
    }
    return out.toString();
  }

  private static void line(StringBuilder out, List<String> cells) {
    out.append("| ").append(String.join(" | ", cells)).append(" |\n");
  }

  /** The rows in the order of the works, from whichever run they are. */
  private static List<Row> rows(List<Run> runs) {
    Map<String, Row> rows = new LinkedHashMap<>();
    runs.forEach(run -> run.rows().forEach(row -> rows.put(row.name(), row)));
    return rows.values().stream()
        .sorted(Comparator.comparingInt(row -> Works.place(row.name())))
        .toList();
  }

  private static List<Curve> curves(List<Run> runs) {
    Map<String, Curve> curves = new LinkedHashMap<>();
    runs.forEach(run -> run.curves().forEach(curve -> curves.put(curve.name(), curve)));
    return List.copyOf(curves.values());
  }
}
