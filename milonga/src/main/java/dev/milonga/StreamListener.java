package dev.milonga;

import dev.milonga.log.LogEntry;
import dev.milonga.log.LogPosition;

/**
 * Receives the entries of raw streams from where a durable cursor stands: {@link
 * Milonga#onEntries}. Calls are made one after the other, each happening before the next.
 */
@FunctionalInterface
public interface StreamListener {

  /**
   * Takes the next entry, in a transaction that moves the cursor past it. What this writes to
   * objects of the store is written exactly once; what it throws ends the feed, and the next feed
   * begins with the same entry.
   */
  void onEntry(LogEntry entry);

  /**
   * Learns that entries up to and including that position may have been trimmed that the feed has
   * not seen. Those after it follow. Not called in a transaction, and called again by a later feed
   * if this one ends before it.
   */
  default void onReset(LogPosition position) {}

  /** Learns that the feed has ended by itself, and why. */
  default void onEnd(Throwable cause) {}
}
