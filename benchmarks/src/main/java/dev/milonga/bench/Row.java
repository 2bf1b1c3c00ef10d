package dev.milonga.bench;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * One line of the table: a figure, what it is compared with, and what it is to reach.
 *
 * @param name a name that no other row of a run has
 * @param work what is done, by how many threads
 */
public record Row(String name, String work, Figure figure, Optional<Baseline> baseline, Goal goal) {

  /** What the figure is compared with: what was done, and its figure in the same run. */
  public record Baseline(String what, Figure figure) {}

  /** The columns of {@link #cells()}. */
  public static final List<String> COLUMNS =
      List.of(
          "name",
          "work",
          "figure",
          "p50",
          "p99",
          "baseline",
          "ratio",
          "goal",
          "verdict",
          "against");

  static Row of(String name, String work, Figure figure, Goal goal) {
    return new Row(name, work, figure, Optional.empty(), goal);
  }

  static Row of(String name, String work, Figure figure, String against, Figure base, Goal goal) {
    return new Row(name, work, figure, Optional.of(new Baseline(against, base)), goal);
  }

  /** The figure in terms of the baseline's; empty without one, or if that is zero. */
  @JsonProperty(access = JsonProperty.Access.READ_ONLY)
  public OptionalDouble ratio() {
    return baseline.isEmpty() || baseline.get().figure().value() == 0
        ? OptionalDouble.empty()
        : OptionalDouble.of(figure.value() / baseline.get().figure().value());
  }

  /** Whether the goal is reached. */
  @JsonProperty(access = JsonProperty.Access.READ_ONLY)
  public Verdict verdict() {
    return goal.verdict(
        figure.value(),
        baseline.isEmpty()
            ? OptionalDouble.empty()
            : OptionalDouble.of(baseline.get().figure().value()));
  }

  /** What stands in the table, in the order of {@link #COLUMNS}. */
  public List<String> cells() {
    return List.of(
        name,
        work,
        figure.toString(),
        figure.latency().map(latency -> micros(latency.p50Micros())).orElse("–"),
        figure.latency().map(latency -> micros(latency.p99Micros())).orElse("–"),
        baseline.map(base -> base.figure().toString()).orElse("–"),
        ratio().isPresent() ? ratioText(ratio().getAsDouble()) : "–",
        goal.text(figure.unit()),
        verdict().toString(),
        baseline.map(Baseline::what).orElse("–"));
  }

  private static String ratioText(double ratio) {
    return String.format(Locale.ROOT, ratio < 10 ? "%.2f" : "%,.0f", ratio);
  }

  private static String micros(double micros) {
    if (micros < 10) {
      return String.format(Locale.ROOT, "%.2f µs", micros);
    }
    return micros < 10_000
        ? String.format(Locale.ROOT, "%,.0f µs", micros)
        : String.format(Locale.ROOT, "%,.0f ms", micros / 1_000);
  }
}
