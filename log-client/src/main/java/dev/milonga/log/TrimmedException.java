package dev.milonga.log;

/**
 * A position below the trim mark was asked for. Nothing is durable. Reload from a checkpoint, or
 * ask from {@link #trimMark()} on.
 */
public final class TrimmedException extends StoreException {

  private final LogPosition trimMark;

  /** The position asked for is below the trim mark. */
  public TrimmedException(LogPosition requested, LogPosition trimMark) {
    super(
        "position " + requested + " was trimmed; the oldest readable position is " + trimMark,
        Durable.NOTHING,
        null);
    this.trimMark = trimMark;
  }

  /** The oldest readable position when the call was refused. */
  public LogPosition trimMark() {
    return trimMark;
  }
}
