package dev.milonga;

import dev.milonga.log.LogPosition;
import dev.milonga.log.Subscription;
import dev.milonga.runtime.Change;
import dev.milonga.runtime.ChangeListener;
import dev.milonga.runtime.ObjectRuntime;
import dev.milonga.runtime.TrimLedger;
import dev.milonga.txn.TransactionOptions;
import dev.milonga.txn.Transactions;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;

/**
 * Delivers the changes of an object from where a durable cursor stands. The cursor moves in the
 * transaction in which the listener is called, if it stands where this feed has left it: of two
 * feeds that use one cursor, one ends.
 */
final class CursorFeed {

  private static final Duration HELD = Duration.ofDays(7);

  private final TrimLedger ledger;
  private final Transactions transactions;
  private final String cursor;
  private final ChangeListener listener;
  private long next; // of the cursor; used by one call of the listener at a time

  private CursorFeed(
      ObjectRuntime runtime, Transactions transactions, String cursor, ChangeListener listener) {
    this.ledger = runtime.trimLedger();
    this.transactions = transactions;
    this.cursor = cursor;
    this.listener = listener;
  }

  static Subscription open(
      ObjectRuntime runtime,
      Transactions transactions,
      Object replicated,
      String cursor,
      ChangeListener listener) {
    if (cursor.isBlank()) {
      throw new IllegalArgumentException(
          "the name of a cursor is not blank, was \"" + cursor + "\"");
    }
    CursorFeed feed = new CursorFeed(runtime, transactions, cursor, listener);
    feed.begin(runtime, replicated);
    return runtime.onEntry(replicated, new LogPosition(feed.next), feed::deliver, listener::onEnd);
  }

  private void begin(ObjectRuntime runtime, Object replicated) {
    OptionalLong stands = ledger.cursor(cursor);
    LogPosition mark = runtime.trimMark();
    next = stands.orElse(0);
    if (next < mark.value() && runtime.isWhole(replicated, mark)) {
      next = mark.value();
    } else if (next < mark.value()) {
      next = runtime.tail().value();
      listener.onReset(new LogPosition(next - 1));
    }
    ledger.advance(cursor, next, HELD);
  }

  private void deliver(List<Change> changes) {
    if (changes.isEmpty()) {
      return; // an entry that was ordered to be skipped
    }
    long position = changes.get(0).position().value();
    transactions.transact(
        TransactionOptions.DEFAULT,
        () -> {
          long stands = ledger.cursor(cursor).orElse(-1);
          if (stands != next) {
            throw new IllegalStateException(
                "the cursor \""
                    + cursor
                    + "\" was moved to "
                    + stands
                    + " by another feed; this one has left it at "
                    + next
                    + " and ends. One feed at a time may use a cursor");
          }
          changes.forEach(listener::onChange);
          ledger.advance(cursor, position + 1, HELD);
          return null;
        });
    next = position + 1;
  }
}
