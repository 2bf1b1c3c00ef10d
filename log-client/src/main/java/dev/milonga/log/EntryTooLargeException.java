package dev.milonga.log;

/** An entry exceeds what the log accepts. Nothing is durable. Split it, or raise the limit. */
public final class EntryTooLargeException extends StoreException {

  /** An entry of that size is over that limit, both in bytes. */
  public EntryTooLargeException(long bytes, long bytesMax) {
    super(
        "the entry has " + bytes + " bytes, the limit is " + bytesMax + " bytes",
        Durable.NOTHING,
        null);
  }
}
