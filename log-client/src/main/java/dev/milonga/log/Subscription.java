package dev.milonga.log;

/** A running delivery of entries. */
public interface Subscription extends AutoCloseable {

  /**
   * Ends the delivery. A call of the listener that is under way on another thread is waited for, so
   * do not close while holding what the listener waits for; when this has returned, none is running
   * and none begins. Called from within the listener itself, it returns at once and the present
   * call is the last. {@link EntryListener#onEnd} is not called any more. Closing twice does
   * nothing.
   */
  @Override
  void close();
}
