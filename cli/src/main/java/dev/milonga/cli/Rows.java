package dev.milonga.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * Prints rows of named cells, in either {@link Format}.
 *
 * <p>A table is printed page by page, so that any number of rows can be printed: its columns are as
 * wide as the first page needs, and a later cell that is wider pushes the rest of its line. The
 * last column is not padded. What would move the cursor is escaped, so that nothing in a store can
 * play with the terminal of who looks at it.
 */
final class Rows implements AutoCloseable {

  private static final int PAGE = 500;

  private final PrintWriter out;
  private final Format format;
  private final List<String> columns;
  private final JsonMapper json = new JsonMapper();
  private final List<List<@Nullable Object>> page = new ArrayList<>(); // rows of a table to print
  private int @Nullable [] widths; // set when the first page is printed

  Rows(PrintWriter out, Format format, String... columns) {
    this.out = out;
    this.format = format;
    this.columns = List.of(columns);
  }

  /**
   * Prints one row.
   *
   * @param cells a cell per column: null (left out), a number, a {@link RawJson}, or anything whose
   *     {@code toString} says what it is
   */
  void add(@Nullable Object... cells) {
    if (cells.length != columns.size()) {
      throw new IllegalArgumentException(
          cells.length + " cells were given for the columns " + columns);
    }
    if (format == Format.JSON) {
      out.println(json.writeValueAsString(object(cells)));
      return;
    }
    List<@Nullable Object> row = new ArrayList<>(cells.length);
    for (@Nullable Object cell : cells) {
      row.add(cell);
    }
    page.add(row);
    if (page.size() == PAGE) {
      printPage();
    }
  }

  /** Prints what has not been printed yet; more rows may follow. */
  void flush() {
    if (!page.isEmpty()) {
      printPage();
    }
    out.flush();
  }

  /** Prints what has not been printed yet. */
  @Override
  public void close() {
    flush();
  }

  private Map<String, Object> object(@Nullable Object[] cells) {
    Map<String, Object> object = new LinkedHashMap<>();
    for (int i = 0; i < cells.length; i++) {
      Object cell = cells[i];
      if (cell != null) {
        boolean asIs = cell instanceof Number || cell instanceof Boolean || cell instanceof RawJson;
        object.put(columns.get(i), asIs ? cell : cell.toString());
      }
    }
    return object;
  }

  private void printPage() {
    List<List<String>> lines = new ArrayList<>();
    boolean[] numeric = new boolean[columns.size()];
    for (int i = 0; i < numeric.length; i++) {
      int column = i;
      numeric[i] = page.stream().allMatch(row -> row.get(column) instanceof Number);
    }
    for (List<@Nullable Object> row : page) {
      List<String> line = new ArrayList<>(row.size());
      for (@Nullable Object cell : row) {
        line.add(cell == null ? "" : printable(cell.toString()));
      }
      lines.add(line);
    }
    page.clear();
    int[] padding = widths;
    if (padding == null) {
      padding = widths(lines);
      widths = padding;
      printLine(
          columns.stream().map(column -> column.replace('_', ' ')).toList(), padding, numeric);
    }
    for (List<String> line : lines) {
      printLine(line, padding, numeric);
    }
  }

  private int[] widths(List<List<String>> lines) {
    int[] widest = new int[columns.size()];
    for (int i = 0; i < widest.length; i++) {
      widest[i] = length(columns.get(i));
      for (List<String> line : lines) {
        widest[i] = Math.max(widest[i], length(line.get(i)));
      }
    }
    return widest;
  }

  private void printLine(List<String> cells, int[] padding, boolean[] numeric) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < cells.size(); i++) {
      String cell = cells.get(i);
      String pad = " ".repeat(Math.max(0, padding[i] - length(cell)));
      line.append(i == 0 ? "" : "  ").append(numeric[i] ? pad + cell : cell + pad);
    }
    out.println(line.toString().stripTrailing());
  }

  private static int length(String cell) {
    return cell.codePointCount(0, cell.length());
  }

  private static String printable(String text) {
    if (text.chars().noneMatch(Rows::movesTheCursor)) {
      return text;
    }
    StringBuilder escaped = new StringBuilder();
    for (char c : text.toCharArray()) {
      switch (c) {
        case '\n' -> escaped.append("\\n");
        case '\r' -> escaped.append("\\r");
        case '\t' -> escaped.append("\\t");
        default -> escaped.append(movesTheCursor(c) ? String.format("\\u%04x", (int) c) : c);
      }
    }
    return escaped.toString();
  }

  // Control characters, line separators, and marks that reverse the direction of text.
  private static boolean movesTheCursor(int c) {
    int type = Character.getType(c);
    return type == Character.CONTROL
        || type == Character.LINE_SEPARATOR
        || type == Character.PARAGRAPH_SEPARATOR
        || type == Character.FORMAT;
  }
}
