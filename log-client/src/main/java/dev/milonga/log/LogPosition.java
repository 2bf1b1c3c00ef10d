package dev.milonga.log;

/**
 * Address of one entry in the log. Positions are dense and start at {@link #FIRST}.
 *
 * @param value the number of entries before this one; at least 0
 */
public record LogPosition(long value) implements Comparable<LogPosition> {

  /** The position of the first entry of a log. */
  public static final LogPosition FIRST = new LogPosition(0);

  /** Refuses negative positions. */
  public LogPosition {
    if (value < 0) {
      throw new IllegalArgumentException("position must be >= 0, was " + value);
    }
  }

  /** The position after this one. */
  public LogPosition next() {
    return new LogPosition(Math.addExact(value, 1));
  }

  @Override
  public int compareTo(LogPosition other) {
    return Long.compare(value, other.value);
  }

  @Override
  public String toString() {
    return Long.toString(value);
  }
}
