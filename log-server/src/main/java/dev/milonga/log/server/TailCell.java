package dev.milonga.log.server;

import dev.milonga.log.LocalTails;
import java.util.concurrent.CopyOnWriteArrayList;

/** The tail of one stream as it may be shown, and who waits for it to move. */
final class TailCell implements LocalTails.StreamTail {

  // Written by the publishing thread, and at last by who ends the log; never goes back.
  private volatile long value;
  private final CopyOnWriteArrayList<TailSubscription> subscriptions = new CopyOnWriteArrayList<>();

  @Override
  public long value() {
    return value;
  }

  void moveTo(long tail) {
    value = tail;
  }

  CopyOnWriteArrayList<TailSubscription> subscriptions() {
    return subscriptions;
  }
}
