package dev.milonga.log;

import java.util.List;

/**
 * Receives the entries of a subscription. Calls are made one after the other, each happening before
 * the next; the next batch is fetched when the listener has returned, so a slow listener slows only
 * itself down.
 */
public interface EntryListener {

  /** Takes the next entries, at least one, in ascending order of position. */
  void onEntries(List<LogEntry> entries);

  /**
   * Learns that the subscription has ended by itself and nothing follows: with {@link
   * TrimmedException} if it began below the trim mark or an entry of its streams was dropped before
   * it was delivered, {@link StoreClosedException} if the log was closed, or whatever {@link
   * #onEntries} has thrown.
   */
  void onEnd(Throwable cause);
}
