package dev.milonga.bench;

import java.util.List;
import java.util.Optional;
import java.util.function.ToIntFunction;

/** Something that can be measured, by a name. */
public final class Work {

  private final String name;
  private final String group;
  private final String description;
  private final ToIntFunction<Settings> measurements;
  private final Body body;

  /** How it is measured. */
  @FunctionalInterface
  interface Body {
    void run(Bench bench) throws Exception;
  }

  /** Our side and the one it is compared with. */
  record Sides(Load ours, Load baseline) {}

  /** Opens what two loads need. */
  @FunctionalInterface
  interface Opening {
    Sides open(Bench bench) throws Exception;
  }

  private Work(
      String name,
      String group,
      String description,
      ToIntFunction<Settings> measurements,
      Body body) {
    this.name = name;
    this.group = group;
    this.description = description;
    this.measurements = measurements;
    this.body = body;
  }

  /** A work that is measured in its own way, and about that often. */
  static Work of(
      String name,
      String group,
      String description,
      ToIntFunction<Settings> measurements,
      Body body) {
    return new Work(name, group, description, measurements, body);
  }

  /** A work whose rate is compared with that of a baseline. */
  static Work rate(
      String name, String group, String description, String against, Goal goal, Opening opening) {
    return of(
        name,
        group,
        description,
        settings -> 2 * settings.rounds(),
        bench -> compare(bench, name, description, against, goal, opening));
  }

  /** A work whose rate is compared with that of a baseline, and whose attempts may be aborted. */
  static Work transactions(
      String name,
      String group,
      String description,
      String against,
      Goal goal,
      Optional<Goal> aborts,
      Opening opening) {
    return of(
        name,
        group,
        description,
        settings -> 2 * settings.rounds(),
        bench -> {
          Measurement ours = compare(bench, name, description, against, goal, opening);
          bench.add(
              Row.of(
                  name + "-aborts",
                  "aborted attempts of " + name,
                  Figure.of(ours.abortedPercent(), Unit.PERCENT),
                  aborts.orElse(Goal.NONE)));
        });
  }

  private static Measurement compare(
      Bench bench, String name, String description, String against, Goal goal, Opening opening)
      throws Exception {
    Sides sides = opening.open(bench);
    List<Measurement> both = bench.measure(List.of(sides.baseline(), sides.ours()));
    Measurement ours = both.get(1);
    bench.add(Row.of(name, description, ours.figure(), against, both.get(0).figure(), goal));
    return ours;
  }

  /** The name to ask for it by, such as {@code put-1}. */
  public String name() {
    return name;
  }

  /** The name to ask for it and others by. */
  public String group() {
    return group;
  }

  /** What is done, by how many threads. */
  public String description() {
    return description;
  }

  /** About how many measurements there are. */
  public int measurements(Settings settings) {
    return measurements.applyAsInt(settings);
  }

  void run(Bench bench) throws Exception {
    body.run(bench);
  }
}
