package dev.milonga;

import dev.milonga.log.EntryListener;
import dev.milonga.log.LogEntry;
import dev.milonga.log.LogPosition;
import dev.milonga.log.StreamId;
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
import java.util.Set;

/**
 * Delivers the changes of an object, or the entries of streams, from where a durable cursor stands.
 * The cursor moves in the transaction in which the listener is called, if it stands where this feed
 * has left it: of two feeds that use one cursor, one ends.
 */
final class CursorFeed {

  private static final Duration HELD = Duration.ofDays(7);

  private final TrimLedger ledger;
  private final Transactions transactions;
  private final String cursor;
  private long next; // of the cursor; used by one call of the listener at a time

  private CursorFeed(ObjectRuntime runtime, Transactions transactions, String cursor) {
    if (cursor.isBlank()) {
      throw new IllegalArgumentException(
          "the name of a cursor is not blank, was \"" + cursor + "\"");
    }
    this.ledger = runtime.trimLedger();
    this.transactions = transactions;
    this.cursor = cursor;
  }

  static Subscription ofChanges(
      ObjectRuntime runtime,
      Transactions transactions,
      Object replicated,
      String cursor,
      ChangeListener listener) {
    CursorFeed feed = new CursorFeed(runtime, transactions, cursor);
    LogPosition mark = runtime.trimMark();
    LogPosition from = feed.position();
    if (from.compareTo(mark) < 0 && runtime.isWhole(replicated, mark)) {
      from = mark;
    } else if (from.compareTo(mark) < 0) {
      from = runtime.tail(); // there is a state to begin from: the present one
      listener.onReset(new LogPosition(from.value() - 1));
    }
    feed.begin(from);
    return runtime.onEntry(
        replicated, from, changes -> feed.deliver(changes, listener), listener::onEnd);
  }

  private void deliver(List<Change> changes, ChangeListener listener) {
    if (!changes.isEmpty()) { // else the entry was ordered to be skipped
      deliver(changes.get(0).position(), () -> changes.forEach(listener::onChange));
    }
  }

  static Subscription ofEntries(
      ObjectRuntime runtime,
      Transactions transactions,
      Set<StreamId> streams,
      String cursor,
      StreamListener listener) {
    CursorFeed feed = new CursorFeed(runtime, transactions, cursor);
    LogPosition mark = runtime.trimMark();
    LogPosition from = feed.position();
    if (from.compareTo(mark) < 0) {
      from = mark;
      listener.onReset(new LogPosition(mark.value() - 1));
    }
    feed.begin(from);
    return runtime
        .log()
        .subscribe(
            streams,
            from,
            new EntryListener() {
              @Override
              public void onEntries(List<LogEntry> entries) {
                for (LogEntry entry : entries) {
                  feed.deliver(entry.position(), () -> listener.onEntry(entry));
                }
              }

              @Override
              public void onEnd(Throwable cause) {
                listener.onEnd(cause);
              }
            });
  }

  // Where the cursor stands; at the beginning of the log if it is new.
  private LogPosition position() {
    OptionalLong stands = ledger.cursor(cursor);
    return new LogPosition(stands.orElse(0));
  }

  private void begin(LogPosition from) {
    next = from.value();
    ledger.advance(cursor, next, HELD);
  }

  private void deliver(LogPosition position, Runnable effects) {
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
          effects.run();
          ledger.advance(cursor, position.value() + 1, HELD);
          return null;
        });
    next = position.value() + 1;
  }
}
