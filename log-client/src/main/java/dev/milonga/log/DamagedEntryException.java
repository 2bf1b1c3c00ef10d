package dev.milonga.log;

/**
 * A stored entry does not match its checksum, or is missing where one must be. The log refuses to
 * return anything in its place. Restore it from a backup or a replica.
 */
public final class DamagedEntryException extends StoreException {

  private final LogPosition position;

  /** The entry at that position is damaged in that way. */
  public DamagedEntryException(LogPosition position, String how) {
    super("the entry at position " + position + " is damaged: " + how, Durable.ALL, null);
    this.position = position;
  }

  /** Where the damage is. */
  public LogPosition position() {
    return position;
  }
}
