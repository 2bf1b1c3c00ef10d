package dev.milonga.runtime;

import dev.milonga.log.LogPosition;

/**
 * Receives the changes of one object in log order, each once. Calls are made one after the other;
 * the listener may block, and holds up nobody but itself.
 */
public interface ChangeListener {

  /** Takes the next change. */
  void onChange(Change change);

  /**
   * Learns that changes are missing: only those after the entry at {@code position} follow, and the
   * ones before are not in the log any more, or were never asked for. A listener that keeps
   * something of its own begins it anew from the object as it was then, which {@code at(position,
   * …)} shows. Called by a feed with a durable cursor only, before all changes. Does nothing unless
   * overridden.
   */
  default void onReset(LogPosition position) {}

  /**
   * Learns that nothing follows: {@link dev.milonga.log.TrimmedException} if the next entry was
   * dropped, {@link dev.milonga.log.StoreClosedException} if the store was closed, {@link
   * ViewHaltedException} at an entry that cannot be decoded, or what {@link #onChange} has thrown.
   * Does nothing unless overridden.
   */
  default void onEnd(Throwable cause) {}
}
