package dev.milonga.cli;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.zip.GZIPInputStream;

/** The cities and towns that come with the demo: GeoNames, CC BY 4.0 (see NOTICE). */
final class Cities {

  static final String CREDIT =
      "cities and towns of the world by GeoNames (https://www.geonames.org/), CC BY 4.0";

  private static final String FILE = "cities.csv.gz";
  private static final List<String> COLUMNS =
      List.of("id", "name", "country", "region", "population", "latitude", "longitude");

  private Cities() {}

  /** All of them, in the order of their ids. */
  static List<City> read() {
    CsvTable table;
    try (InputStream in = Cities.class.getResourceAsStream(FILE)) {
      if (in == null) {
        throw new AssertionError(FILE + " is missing in the jar");
      }
      table = CsvReader.read(FILE, new GZIPInputStream(in));
    } catch (IOException | CsvException e) {
      throw new AssertionError(FILE + " in the jar is damaged", e);
    }
    if (!table.columns().equals(COLUMNS)) {
      throw new AssertionError(FILE + " has the columns " + table.columns() + ", not " + COLUMNS);
    }
    return table.rows().stream().map(Cities::city).toList();
  }

  private static City city(List<String> fields) {
    return new City(
        Integer.parseInt(fields.get(0)),
        fields.get(1),
        fields.get(2),
        fields.get(3),
        Integer.parseInt(fields.get(4)),
        Double.parseDouble(fields.get(5)),
        Double.parseDouble(fields.get(6)));
  }
}
