package dev.milonga.runtime;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Elements and entries as columns of a bounded number of rows: few enough that no more than a small
 * part of a large container is ever encoded at once, enough that the codec is called seldom.
 */
final class Batches {

  private static final int ROWS_FIRST = 32;
  private static final int ROWS_MAX = 1024;

  /** Batches grow while they are smaller than the one, and shrink when larger than the other. */
  private static final int BYTES_FEW = 16 << 10;

  private static final int BYTES_MANY = 64 << 10;

  private Batches() {}

  static void write(StateWriter out, StateNode element, Iterator<?> elements) {
    int rowsMax = ROWS_FIRST;
    List<@Nullable Object> column = new ArrayList<>();
    for (int done = 0; elements.hasNext(); done += column.size()) {
      column.clear();
      while (column.size() < rowsMax && elements.hasNext()) {
        column.add(elements.next());
      }
      int base = done;
      long before = out.length();
      out.writeInt(column.size());
      element.writeColumn(out, column, row -> "[" + (base + row) + "]");
      rowsMax = next(rowsMax, out.length() - before);
    }
    out.writeInt(0);
  }

  static void write(
      StateWriter out,
      StateNode key,
      StateNode value,
      Iterator<? extends Map.Entry<?, ?>> entries) {
    int rowsMax = ROWS_FIRST;
    List<@Nullable Object> keys = new ArrayList<>();
    List<@Nullable Object> values = new ArrayList<>();
    while (entries.hasNext()) {
      keys.clear();
      values.clear();
      while (keys.size() < rowsMax && entries.hasNext()) {
        Map.Entry<?, ?> entry = entries.next();
        keys.add(entry.getKey());
        values.add(entry.getValue());
      }
      IntFunction<String> place = row -> at(keys.get(row));
      long before = out.length();
      out.writeInt(keys.size());
      key.writeColumn(out, keys, row -> "{key}");
      value.writeColumn(out, values, place);
      rowsMax = next(rowsMax, out.length() - before);
    }
    out.writeInt(0);
  }

  private static int next(int rowsMax, long bytes) {
    if (bytes < BYTES_FEW) {
      return Math.min(ROWS_MAX, 2 * rowsMax);
    }
    return bytes > BYTES_MANY ? Math.max(1, rowsMax / 2) : rowsMax;
  }

  /** Where in a map. Keys of other classes are not shown: their toString is the user's code. */
  static String at(@Nullable Object key) {
    return key instanceof String || key instanceof Number ? "{" + key + "}" : "{value}";
  }

  static void read(StateReader in, StateNode element, Consumer<@Nullable Object> target) {
    for (int rows = in.readInt(); rows > 0; rows = in.readInt()) {
      element.readColumn(in, rows).forEach(target);
    }
  }

  static void read(
      StateReader in,
      StateNode key,
      StateNode value,
      BiConsumer<@Nullable Object, @Nullable Object> target) {
    for (int rows = in.readInt(); rows > 0; rows = in.readInt()) {
      List<@Nullable Object> keys = key.readColumn(in, rows);
      List<@Nullable Object> values = value.readColumn(in, rows);
      for (int i = 0; i < rows; i++) {
        target.accept(keys.get(i), values.get(i));
      }
    }
  }
}
