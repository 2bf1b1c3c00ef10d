package dev.milonga.log;

/**
 * How much one read returns at most. A read that has anything to return returns at least one entry,
 * whatever its size.
 *
 * @param entriesMax at least 1
 * @param bytesMax of payload; at least 1
 */
public record ReadLimit(int entriesMax, long bytesMax) {

  /** 4,096 entries or 4 MiB, whichever is reached first. */
  public static final ReadLimit DEFAULT = new ReadLimit(4_096, 4L << 20);

  /** Refuses limits below 1. */
  public ReadLimit {
    if (entriesMax < 1) {
      throw new IllegalArgumentException("entriesMax must be >= 1, was " + entriesMax);
    }
    if (bytesMax < 1) {
      throw new IllegalArgumentException("bytesMax must be >= 1, was " + bytesMax);
    }
  }

  /** That many entries, and as many bytes as {@link #DEFAULT}. */
  public static ReadLimit entries(int entriesMax) {
    return new ReadLimit(entriesMax, DEFAULT.bytesMax);
  }
}
