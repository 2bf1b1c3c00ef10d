package dev.milonga.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** What a work is given while it is measured: settings, directories, and where results go to. */
final class Bench implements AutoCloseable {

  private final Settings settings;
  private final Path directory;
  private final Runnable measured;
  private final Pairs pairs;
  private final List<Row> rows = new ArrayList<>();
  private final List<Curve> curves = new ArrayList<>();
  private final Deque<AutoCloseable> open = new ArrayDeque<>();
  private int directories;

  /**
   * @param directory where the work may write
   * @param measured is called after each measurement
   */
  Bench(Settings settings, Path directory, Runnable measured) {
    this.settings = settings;
    this.directory = directory;
    this.measured = measured;
    this.pairs = new Pairs(settings.seed());
  }

  Settings settings() {
    return settings;
  }

  Pairs pairs() {
    return pairs;
  }

  /** A new, empty directory. */
  Path newDirectory() throws Exception {
    return Files.createDirectory(directory.resolve("d" + directories++));
  }

  /** Has that closed when the work is done, the last one first. */
  <C extends AutoCloseable> C closing(C resource) {
    open.push(resource);
    return resource;
  }

  /** A new durable store, with every key in its maps. */
  StoreSide newStore() throws Exception {
    return closing(new StoreSide(newDirectory(), pairs));
  }

  /** A new baseline, with every key in its map. */
  RawSide newRaw() throws Exception {
    return closing(new RawSide(newDirectory(), pairs));
  }

  /** One measurement is done. */
  void measured() {
    measured.run();
  }

  /**
   * Measures the loads in turns, so that a change of the machine's mood meets all of them, and over
   * several rounds; the medians, in the order of the loads.
   */
  List<Measurement> measure(List<Load> loads) throws Exception {
    List<List<Measurement>> rounds = new ArrayList<>();
    loads.forEach(load -> rounds.add(new ArrayList<>()));
    for (int round = 0; round < settings.rounds(); round++) {
      for (int i = 0; i < loads.size(); i++) {
        rounds
            .get(i)
            .add(
                ClosedLoop.measure(
                    loads.get(i), settings.warmUp(), settings.measured(), settings.seed() + round));
        measured();
      }
    }
    return rounds.stream().map(Measurement::median).toList();
  }

  void add(Row row) {
    rows.add(row);
  }

  void add(Curve curve) {
    curves.add(curve);
  }

  List<Row> rows() {
    return rows;
  }

  List<Curve> curves() {
    return curves;
  }

  @Override
  public void close() throws BenchmarkException {
    while (!open.isEmpty()) {
      AutoCloseable resource = open.pop();
      try {
        resource.close();
      } catch (Exception e) {
        throw new BenchmarkException("closing " + resource + " failed: " + e, e);
      }
    }
  }
}
