package dev.milonga.cli;

import java.util.List;

/**
 * The content of a CSV file.
 *
 * @param columns the header: at least one name, no two alike
 * @param rows the records in the order of the file, each with a field per column
 */
record CsvTable(List<String> columns, List<List<String>> rows) {

  CsvTable {
    columns = List.copyOf(columns);
    rows = List.copyOf(rows);
    for (List<String> row : rows) {
      if (row.size() != columns.size()) {
        throw new IllegalArgumentException(
            "row " + row + " has " + row.size() + " fields for the columns " + columns);
      }
    }
  }
}
