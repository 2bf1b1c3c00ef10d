package dev.milonga.cli;

import dev.milonga.annotations.Accessor;
import dev.milonga.annotations.ConflictKey;
import dev.milonga.annotations.Mutator;
import dev.milonga.cli.ColumnSummary.ValueCount;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * What the rows of a table have in common, column by column: the plain class that the demo loads a
 * user's own file into. Its state depends on which rows were added, not on their order.
 */
public class TableProfile {

  private static final int DISTINCT_MAX = 1_000;
  private static final Pattern NUMBER = Pattern.compile("[+-]?([0-9]{1,300}(\\.[0-9]{0,300})?)");

  private final TreeSet<Integer> rows = new TreeSet<>();
  private final List<Column> columns = new ArrayList<>();

  /**
   * Takes a row into account, if that row is not counted yet.
   *
   * @param row its number
   * @return whether it was new
   */
  @Mutator
  public boolean add(@ConflictKey int row, List<String> fields) {
    if (!rows.add(row)) {
      return false;
    }
    while (columns.size() < fields.size()) {
      columns.add(new Column());
    }
    for (int i = 0; i < fields.size(); i++) {
      columns.get(i).add(fields.get(i));
    }
    return true;
  }

  /** The numbers of the rows that were counted, in order. */
  @Accessor
  public List<Integer> rows() {
    return new ArrayList<>(rows);
  }

  /** A summary per column, in the order of the columns. */
  @Accessor
  public List<ColumnSummary> columns() {
    return columns.stream().map(Column::summary).toList();
  }

  private static final class Column {

    private int filled;
    private int numbers;
    private double smallest;
    private double largest;
    private boolean tooMany; // more than DISTINCT_MAX values were seen, and counts is empty
    private final Map<String, Integer> counts = new TreeMap<>();

    void add(String value) {
      if (value.isEmpty()) {
        return;
      }
      filled++;
      if (NUMBER.matcher(value).matches()) {
        double number = Double.parseDouble(value);
        smallest = numbers == 0 ? number : Math.min(smallest, number);
        largest = numbers == 0 ? number : Math.max(largest, number);
        numbers++;
      }
      if (!tooMany) {
        counts.merge(value, 1, Integer::sum);
        if (counts.size() > DISTINCT_MAX) {
          tooMany = true;
          counts.clear();
        }
      }
    }

    ColumnSummary summary() {
      List<ValueCount> mostFrequent =
          counts.entrySet().stream()
              .sorted(Map.Entry.<String, Integer>comparingByValue(Comparator.reverseOrder()))
              .limit(3)
              .map(entry -> new ValueCount(entry.getKey(), entry.getValue()))
              .toList();
      return new ColumnSummary(
          filled, tooMany ? -1 : counts.size(), numbers, smallest, largest, mostFrequent);
    }
  }
}
