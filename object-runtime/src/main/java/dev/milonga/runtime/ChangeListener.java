package dev.milonga.runtime;

/**
 * Receives the changes of one object in log order, each once. Calls are made one after the other;
 * the listener may block, and holds up nobody but itself.
 */
public interface ChangeListener {

  /** Takes the next change. */
  void onChange(Change change);

  /**
   * Learns that nothing follows: {@link dev.milonga.log.TrimmedException} if the next entry was
   * dropped, {@link dev.milonga.log.StoreClosedException} if the store was closed, {@link
   * ViewHaltedException} at an entry that cannot be decoded, or what {@link #onChange} has thrown.
   * Does nothing unless overridden.
   */
  default void onEnd(Throwable cause) {}
}
