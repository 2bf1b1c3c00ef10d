package dev.milonga.log;

/** A running delivery of entries. */
public interface Subscription extends AutoCloseable {

  /**
   * Ends the delivery. No call of the listener begins after this returns, except that a call made
   * from within the listener itself lets the present one finish. {@link EntryListener#onEnd} is not
   * called. Closing twice does nothing.
   */
  @Override
  void close();
}
