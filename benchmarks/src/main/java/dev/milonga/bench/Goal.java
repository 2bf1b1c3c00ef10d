package dev.milonga.bench;

import java.util.OptionalDouble;

/** What a figure is to reach. */
public record Goal(Kind kind, double bound) {

  /** How figure, baseline and bound are compared. */
  public enum Kind {
    /** There is nothing to reach. */
    NONE,
    /** At least {@code bound} times the baseline. */
    RATIO_AT_LEAST,
    /** At most {@code bound} times the baseline. */
    RATIO_AT_MOST,
    /** At most {@code bound} more than the baseline. */
    MORE_AT_MOST,
    /** At least {@code bound}, whatever the baseline. */
    AT_LEAST,
    /** At most {@code bound}, whatever the baseline. */
    AT_MOST
  }

  static final Goal NONE = new Goal(Kind.NONE, 0);

  static Goal ratioAtLeast(double bound) {
    return new Goal(Kind.RATIO_AT_LEAST, bound);
  }

  static Goal ratioAtMost(double bound) {
    return new Goal(Kind.RATIO_AT_MOST, bound);
  }

  static Goal moreAtMost(double bound) {
    return new Goal(Kind.MORE_AT_MOST, bound);
  }

  static Goal atLeast(double bound) {
    return new Goal(Kind.AT_LEAST, bound);
  }

  static Goal atMost(double bound) {
    return new Goal(Kind.AT_MOST, bound);
  }

  /** Whether it is reached. What cannot be compared reaches nothing. */
  Verdict verdict(double figure, OptionalDouble baseline) {
    double compared =
        switch (kind) {
          case NONE, AT_LEAST, AT_MOST -> figure;
          case RATIO_AT_LEAST, RATIO_AT_MOST -> figure / baseline.orElse(Double.NaN);
          case MORE_AT_MOST -> figure - baseline.orElse(Double.NaN);
        };
    return switch (kind) {
      case NONE -> Verdict.NO_GOAL;
      case RATIO_AT_LEAST, AT_LEAST -> compared >= bound ? Verdict.MET : Verdict.MISSED;
      case RATIO_AT_MOST, MORE_AT_MOST, AT_MOST -> compared <= bound ? Verdict.MET : Verdict.MISSED;
    };
  }

  /** In words, for a figure of that unit. */
  String text(Unit unit) {
    return switch (kind) {
      case NONE -> "–";
      case RATIO_AT_LEAST -> "≥ " + Unit.TIMES.formatBound(bound);
      case RATIO_AT_MOST -> "≤ " + Unit.TIMES.formatBound(bound);
      case MORE_AT_MOST -> "≤ " + unit.formatBound(bound) + " more";
      case AT_LEAST -> "≥ " + unit.formatBound(bound);
      case AT_MOST -> "≤ " + unit.formatBound(bound);
    };
  }
}
