package dev.milonga.log;

/**
 * More appends are waiting than the log is willing to hold in memory. Nothing of this one is
 * durable. Wait for the outcome of earlier appends before making new ones.
 */
public final class LogOverloadedException extends StoreException {

  private final long bytesWaiting;
  private final long bytesMax;

  /** That many bytes of appends would be waiting, over that limit. */
  public LogOverloadedException(long bytesWaiting, long bytesMax) {
    super(
        "appends of "
            + bytesWaiting
            + " bytes are waiting, the limit is "
            + bytesMax
            + " bytes; wait for earlier appends to complete",
        Durable.NOTHING,
        null);
    this.bytesWaiting = bytesWaiting;
    this.bytesMax = bytesMax;
  }

  /** How many bytes of appends would be waiting. */
  public long bytesWaiting() {
    return bytesWaiting;
  }

  /** How many bytes of appends may wait. */
  public long bytesMax() {
    return bytesMax;
  }
}
