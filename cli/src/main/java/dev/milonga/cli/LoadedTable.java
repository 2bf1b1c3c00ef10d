package dev.milonga.cli;

import dev.milonga.Milonga;
import dev.milonga.collections.ReplicatedCounter;
import dev.milonga.collections.ReplicatedMap;
import dev.milonga.runtime.TypeToken;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/**
 * The rows of a CSV file in a map by their number, in a {@link TableProfile}, and their filled
 * fields in a counter.
 */
final class LoadedTable implements LoadedObjects {

  private static final String ROWS = "rows";
  private static final String PROFILE = "profile";
  private static final String FILLED = "filled-fields";

  private final CsvTable source;
  private final Milonga store;
  private final ReplicatedMap<Integer, List<String>> rows;
  private final TableProfile profile;
  private final ReplicatedCounter filled;

  private LoadedTable(CsvTable source, Milonga store) {
    this.source = source;
    this.store = store;
    this.rows = store.map(ROWS, TypeToken.of(Integer.class), new TypeToken<List<String>>() {});
    this.profile = store.object(TableProfile.class, PROFILE);
    this.filled = store.counter(FILLED);
  }

  /** The rows of that table, as the source of a demo. */
  static Source source(String file, CsvTable table) {
    if (table.rows().isEmpty()) {
      throw new CommandFailedException(
          file + " has a header and no rows; the demo needs at least one row to load");
    }
    return new Source() {
      @Override
      public String description() {
        return String.format(
            Locale.ROOT,
            "%,d rows of %,d columns from %s",
            table.rows().size(),
            table.columns().size(),
            file);
      }

      @Override
      public int size() {
        return table.rows().size();
      }

      @Override
      public String credit() {
        return "";
      }

      @Override
      public LoadedObjects open(Milonga store) {
        return new LoadedTable(table, store);
      }
    };
  }

  @Override
  public List<Part> parts() {
    return List.of(new RowMap(), new Profile(), new Filled());
  }

  @Override
  public Set<String> names() {
    return Set.of(ROWS, PROFILE, FILLED);
  }

  @Override
  public void answerQueries(PrintWriter out) {
    int last = source.rows().size() - 1;
    out.println("  one by its number  rows.get(" + last + "): " + rows.get(last));
    out.println("  fields not empty   filledFields.get(): " + filled.get());
    out.println("  column by column   profile.columns():");
    List<ColumnSummary> columns = profile.columns();
    try (Rows table =
        new Rows(out, Format.TABLE, "column", "filled", "distinct", "numbers", "most_frequent")) {
      for (int i = 0; i < columns.size(); i++) {
        ColumnSummary column = columns.get(i);
        table.add(
            source.columns().get(i),
            column.filled(),
            column.distinct() < 0 ? "over 1000" : String.valueOf(column.distinct()),
            column.numbers() == 0
                ? "none"
                : column.numbers() + ", " + column.smallest() + " to " + column.largest(),
            column.mostFrequent());
      }
    }
  }

  @Override
  public Shown shown() {
    return new Shown(PROFILE, profile);
  }

  private static long filled(List<String> row) {
    return row.stream().filter(field -> !field.isEmpty()).count();
  }

  private final class RowMap implements Part {

    @Override
    public String label() {
      return "map \"" + ROWS + "\"";
    }

    @Override
    public CompletionStage<?> write(int record) {
      return store.async(() -> rows.put(record, source.rows().get(record)));
    }

    @Override
    public int compare() {
      int count = 0;
      for (Map.Entry<Integer, List<String>> found : rows.entrySet()) { // in the order of first puts
        if (count == source.rows().size()) {
          throw new CommandFailedException(label() + " holds " + found + ", not in the source");
        }
        if (found.getKey() != count || !found.getValue().equals(source.rows().get(count))) {
          throw new CommandFailedException(
              label() + " holds " + found + " where the source has " + source.rows().get(count));
        }
        count++;
      }
      return count;
    }
  }

  private final class Profile implements Part {

    @Override
    public String label() {
      return "table profile \"" + PROFILE + "\"";
    }

    @Override
    public CompletionStage<?> write(int record) {
      return store.async(() -> profile.add(record, source.rows().get(record)));
    }

    @Override
    public int compare() {
      TableProfile expected = new TableProfile();
      List<Integer> found = profile.rows();
      for (int i = 0; i < found.size(); i++) {
        if (found.get(i) != i || i == source.rows().size()) {
          throw new CommandFailedException(
              label() + " counts row " + found.get(i) + " where row " + i + " was due");
        }
        expected.add(i, source.rows().get(i));
      }
      if (!profile.columns().equals(expected.columns())) {
        throw new CommandFailedException(
            label() + " has " + profile.columns() + "; the source " + expected.columns());
      }
      return found.size();
    }
  }

  private final class Filled implements Part {

    @Override
    public String label() {
      return "counter \"" + FILLED + "\"";
    }

    @Override
    public CompletionStage<?> write(int record) {
      return store.async(() -> filled.add(filled(source.rows().get(record))));
    }

    @Override
    public int compare() {
      int count =
          LoadedObjects.noMoreThan(source.rows().size(), store.history(filled).count(), this);
      long expected = source.rows().stream().limit(count).mapToLong(LoadedTable::filled).sum();
      long found = filled.get();
      if (found != expected) {
        throw new CommandFailedException(
            label() + " is " + found + " after " + count + " rows, which have " + expected);
      }
      return count;
    }
  }
}
