package dev.milonga.log;

/** An entry exceeds what the log accepts. Nothing is durable. Split it, or raise the limit. */
public final class EntryTooLargeException extends StoreException {

  private final long bytes;
  private final long bytesMax;

  /** An entry of that size is over that limit, both in bytes. */
  public EntryTooLargeException(long bytes, long bytesMax) {
    super(
        "the entry has " + bytes + " bytes, the limit is " + bytesMax + " bytes",
        Durable.NOTHING,
        null);
    this.bytes = bytes;
    this.bytesMax = bytesMax;
  }

  /** The size of the entry. */
  public long bytes() {
    return bytes;
  }

  /** The largest size that the log accepts. */
  public long bytesMax() {
    return bytesMax;
  }
}
