package dev.milonga.tests.history;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;

/** Which transactions were over before which others began. */
final class RealTime {

  private RealTime() {}

  private record Event(long time, boolean begins, Transaction transaction) {}

  /**
   * Gives each pair that is not implied by others. What ends and begins at the same instant
   * overlaps; what never ends comes before nothing.
   */
  static void pairs(Iterable<Transaction> transactions, BiConsumer<Transaction, Transaction> pair) {
    List<Event> events = new ArrayList<>();
    for (Transaction each : transactions) {
      events.add(new Event(each.invoked(), true, each));
      if (each.completed() != Long.MAX_VALUE) {
        events.add(new Event(each.completed(), false, each));
      }
    }
    events.sort(Comparator.comparingLong(Event::time).thenComparing(event -> !event.begins));
    // Those that are over and not known to come before another one that is over.
    Set<Transaction> latest = new LinkedHashSet<>();
    for (Event event : events) {
      Transaction transaction = event.transaction;
      if (event.begins) {
        latest.forEach(earlier -> pair.accept(earlier, transaction));
      } else {
        latest.removeIf(earlier -> earlier.completed() < transaction.invoked());
        latest.add(transaction);
      }
    }
  }
}
