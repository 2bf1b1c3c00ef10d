package dev.milonga.bench;

import java.util.Locale;

/** What a number counts. */
public enum Unit {
  /** Operations per second. */
  PER_SECOND("/s"),
  /** Nanoseconds per operation. */
  NANOSECONDS(" ns"),
  /** Milliseconds. */
  MILLISECONDS(" ms"),
  /** Seconds. */
  SECONDS(" s"),
  /** Bytes. */
  BYTES(" B"),
  /** Hundredths. */
  PERCENT(" %"),
  /** Multiples of something. */
  TIMES(" ×");

  private static final double MEBIBYTE = 1 << 20;

  private final String suffix;

  Unit(String suffix) {
    this.suffix = suffix;
  }

  /** The number with its unit, to about three digits. */
  public String format(double value) {
    if (this == BYTES && value >= MEBIBYTE) {
      return String.format(Locale.ROOT, "%.1f MiB", value / MEBIBYTE);
    }
    String pattern =
        switch (this) {
          case PER_SECOND, BYTES -> value == 0 || value >= 100 ? "%,.0f" : "%.1f";
          case MILLISECONDS -> value < 0.1 ? "%.4f" : value < 10 ? "%.2f" : "%,.1f";
          case NANOSECONDS -> value >= 1_000 ? "%,.0f" : "%.1f";
          case SECONDS, PERCENT, TIMES -> "%.2f";
        };
    return String.format(Locale.ROOT, pattern, value) + suffix;
  }

  /** A bound of this unit, as short as it goes. */
  String formatBound(double bound) {
    String number =
        bound == Math.rint(bound)
            ? String.format(Locale.ROOT, "%,.0f", bound)
            : String.valueOf(bound);
    return number + suffix;
  }
}
