package dev.milonga.log;

/**
 * More appends are waiting than the log is willing to hold in memory. Nothing of this one is
 * durable. Wait for the outcome of earlier appends before making new ones.
 */
public final class LogOverloadedException extends StoreException {

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
  }
}
