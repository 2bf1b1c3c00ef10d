package dev.milonga.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Reads CSV as RFC 4180 defines it, in UTF-8, with a header.
 *
 * <p>Fields may be quoted, and then hold separators, line breaks and doubled quotes. Records end
 * with LF, CRLF or CR; empty lines between them are skipped. The separator is whichever of comma,
 * semicolon, tab and bar the header has most of. A byte order mark is skipped. A quote in the
 * middle of an unquoted field is an ordinary character.
 *
 * <p>A bad line does not end the reading: all of them are reported together. The file is scanned as
 * bytes, which is safe because every character that means something is ASCII, and each field is
 * decoded by itself, so that a wrong byte can be located.
 */
final class CsvReader {

  private static final byte[] SEPARATORS = {',', ';', '\t', '|'};

  private final byte[] bytes;
  private final List<String> problems = new ArrayList<>();
  private final ByteArrayOutputStream unquoted = new ByteArrayOutputStream();
  private byte separator;
  private int next; // everything before it has been read
  private int line = 1; // of the byte at next

  private CsvReader(byte[] bytes) {
    this.bytes = bytes;
  }

  /**
   * The table that {@code in} holds.
   *
   * @param name what messages call the file
   * @throws CsvException if anything is wrong with the file
   */
  static CsvTable read(String name, InputStream in) throws IOException, CsvException {
    CsvReader reader = new CsvReader(in.readAllBytes());
    CsvTable table = reader.table();
    if (!reader.problems.isEmpty()) {
      throw new CsvException(name, reader.problems);
    }
    return table;
  }

  private CsvTable table() {
    if (startsWith(0xFE, 0xFF) || startsWith(0xFF, 0xFE)) {
      problems.add("it is encoded in UTF-16: save it as UTF-8");
      return new CsvTable(List.of(), List.of());
    }
    if (startsWith(0xEF, 0xBB, 0xBF)) {
      next = 3;
    }
    skipEmptyLines();
    separator = mostFrequentSeparator();
    List<String> columns = header();
    List<List<String>> rows = new ArrayList<>();
    for (skipEmptyLines(); next < bytes.length; skipEmptyLines()) {
      int start = line;
      int known = problems.size();
      List<String> fields = record();
      if (problems.size() > known) {
        continue; // the count of its fields would say nothing new
      }
      if (fields.size() == columns.size()) {
        rows.add(List.copyOf(fields));
      } else {
        problem(start, "has " + count(fields) + ", but the header has " + count(columns));
      }
    }
    return new CsvTable(columns, rows);
  }

  private List<String> header() {
    if (next == bytes.length) {
      problems.add("it is empty: its first line must name the columns");
      return List.of();
    }
    int start = line;
    List<String> columns = record();
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < columns.size(); i++) {
      String column = columns.get(i);
      if (column.isBlank()) {
        problem(start, "column " + (i + 1) + " has no name");
      } else if (!seen.add(column)) {
        problem(start, "two columns are called '" + column + "'");
      }
    }
    return columns;
  }

  /** The fields up to the end of the line that ends the record, which is consumed. */
  private List<String> record() {
    List<String> fields = new ArrayList<>();
    while (true) {
      fields.add(field(fields.size() + 1));
      if (next < bytes.length && bytes[next] == separator) {
        next++;
      } else {
        endLine();
        return fields;
      }
    }
  }

  private String field(int column) {
    if (next < bytes.length && bytes[next] == '"') {
      return quotedField(column);
    }
    int start = next;
    skipToEndOfField();
    return decode(ByteBuffer.wrap(bytes, start, next - start), line, column);
  }

  private String quotedField(int column) {
    int start = line;
    unquoted.reset();
    next++;
    while (true) {
      if (next == bytes.length) {
        problem(start, "field " + column + " opens a quote that is never closed");
        return "";
      }
      byte b = bytes[next];
      if (b == '"') {
        next++;
        if (next == bytes.length || bytes[next] != '"') {
          break;
        }
        next++;
        unquoted.write('"');
      } else if (b == '\r' || b == '\n') {
        int before = next;
        endLine();
        unquoted.write(bytes, before, next - before);
      } else {
        next++;
        unquoted.write(b);
      }
    }
    int rest = next;
    skipToEndOfField();
    if (next > rest) {
      problem(
          line,
          "field " + column + " goes on after its closing quote: double the quotes within a field");
    }
    return decode(ByteBuffer.wrap(unquoted.toByteArray()), start, column);
  }

  private void skipToEndOfField() {
    while (next < bytes.length
        && bytes[next] != separator
        && bytes[next] != '\r'
        && bytes[next] != '\n') {
      next++;
    }
  }

  private void skipEmptyLines() {
    while (next < bytes.length && (bytes[next] == '\r' || bytes[next] == '\n')) {
      endLine();
    }
  }

  /** Consumes one line break, if there is one here. */
  private void endLine() {
    if (next == bytes.length) {
      return;
    }
    if (bytes[next] == '\r' && next + 1 < bytes.length && bytes[next + 1] == '\n') {
      next++;
    }
    next++;
    line++;
  }

  private String decode(ByteBuffer field, int start, int column) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(field).toString();
    } catch (CharacterCodingException e) {
      problem(
          start, "field " + column + " is not valid UTF-8: convert the file, for example by iconv");
      return "";
    }
  }

  private byte mostFrequentSeparator() {
    int[] counts = new int[SEPARATORS.length];
    boolean quoted = false;
    for (int i = next; i < bytes.length; i++) {
      byte b = bytes[i];
      if (b == '"') {
        quoted = !quoted;
      } else if (!quoted && (b == '\r' || b == '\n')) {
        break;
      } else if (!quoted) {
        for (int s = 0; s < SEPARATORS.length; s++) {
          counts[s] += b == SEPARATORS[s] ? 1 : 0;
        }
      }
    }
    int most = 0;
    for (int s = 1; s < SEPARATORS.length; s++) {
      most = counts[s] > counts[most] ? s : most;
    }
    return SEPARATORS[most];
  }

  private boolean startsWith(int... prefix) {
    if (bytes.length < prefix.length) {
      return false;
    }
    for (int i = 0; i < prefix.length; i++) {
      if ((bytes[i] & 0xFF) != prefix[i]) {
        return false;
      }
    }
    return true;
  }

  private void problem(int where, String what) {
    problems.add("line " + where + ": " + what);
  }

  private static String count(List<String> fields) {
    return fields.size() + (fields.size() == 1 ? " field" : " fields");
  }
}
