package dev.milonga.runtime;

import dev.milonga.log.LocalTails;
import dev.milonga.log.LogPosition;
import dev.milonga.log.SharedLog;
import dev.milonga.log.StreamId;
import dev.milonga.log.TrimmedException;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Views that stand still at moments of the past, those used last, as many as are estimated to fit
 * into a bound. A new one begins at the nearest state below it: one that is here, or a checkpoint.
 * Thread-safe.
 *
 * <p>An order to skip an entry changes the past of its object: a replay passes over the entry from
 * then on. What was made before the order came is therefore dropped.
 */
final class PastViews {

  private static final int VIEWS_MAX = 64;
  private static final long BYTES_MAX = 256L << 20;

  private final SharedLog log;
  private final @Nullable LocalTails localTails;
  private final Function<ObjectHandle<?>, View<?>> fresh;
  private final StoredCheckpoints checkpoints;
  private final Waiting waiting;
  private final ReentrantLock lock = new ReentrantLock(); // never held while a view is brought up

  // Both guarded by lock.
  private final LinkedHashMap<Moment, Still> views = new LinkedHashMap<>(16, 0.75f, true);
  private long bytes; // of all of them

  private record Moment(StreamId stream, long upTo) {}

  /** A view, and the end of the orders to skip that it has seen. */
  private record Still(View<?> view, long orders) {}

  /**
   * @param fresh makes a new view of an object
   */
  PastViews(
      SharedLog log,
      Function<ObjectHandle<?>, View<?>> fresh,
      StoredCheckpoints checkpoints,
      Waiting waiting) {
    this.log = log;
    this.localTails = log.localTails().orElse(null);
    this.fresh = fresh;
    this.checkpoints = checkpoints;
    this.waiting = waiting;
  }

  /**
   * The object as it was after every entry below {@code upTo} and none at or above it. Nobody moves
   * that view any more.
   *
   * @throws TrimmedException if that cannot be told any more
   */
  View<?> at(ObjectHandle<?> object, long upTo) {
    return at(object, upTo, orders(object.stream()));
  }

  /** The same where the end of the {@linkplain #orders orders} is known. */
  View<?> at(ObjectHandle<?> object, long upTo, long orders) {
    Moment moment = new Moment(object.stream(), upTo);
    View<?> known = find(moment, orders);
    if (known != null) {
      return known;
    }
    View<?> made = CallScopes.outside(() -> make(object, upTo, orders));
    lock.lock();
    try {
      drop(moment);
      views.put(moment, new Still(made, orders));
      bytes += made.bytesTaken();
      Iterator<Still> oldest = views.values().iterator();
      while (views.size() > VIEWS_MAX || bytes > BYTES_MAX && views.size() > 1) {
        bytes -= oldest.next().view.bytesTaken();
        oldest.remove();
      }
    } finally {
      lock.unlock();
    }
    return made;
  }

  /** Whether {@link #orders} asks nobody. */
  boolean tellsOrders() {
    return localTails != null;
  }

  /** The end of the orders to skip entries of that stream, no earlier than when this began. */
  long orders(StreamId stream) {
    StreamId orders = RecordFormat.skipsOf(stream);
    LocalTails tails = localTails;
    if (tails != null) {
      tails.tail(); // before the stream's, which then counts all below the log's
      return tails.of(orders).value();
    }
    return waiting.await(log.tail(List.of(orders))).getOrDefault(orders, LogPosition.FIRST).value();
  }

  private @Nullable View<?> find(Moment moment, long orders) {
    lock.lock();
    try {
      Still known = views.get(moment);
      return known != null && known.orders >= orders ? known.view : null;
    } finally {
      lock.unlock();
    }
  }

  // With lock held.
  private void drop(Moment moment) {
    Still known = views.remove(moment);
    bytes -= known == null ? 0 : known.view.bytesTaken();
  }

  private View<?> make(ObjectHandle<?> object, long upTo, long orders) {
    View<?> view = fresh.apply(object);
    beginAtNearest(view, upTo, orders);
    try {
      view.syncExactlyTo(upTo);
    } catch (TrimmedException e) {
      throw new TrimmedException(new LogPosition(Math.max(0, upTo - 1)), oldest(object, e));
    }
    if (upTo > 0 && view.upTo() != upTo) {
      throw new AssertionError(
          "the view of \"" + object.name() + "\" was to stand at " + upTo + ", not " + view.upTo());
    }
    return view;
  }

  private <T> void beginAtNearest(View<T> view, long upTo, long orders) {
    View<T> base = nearest(view, upTo, orders);
    if (base == null) {
      view.beginInThePast(null, 0, 0);
    } else {
      view.beginInThePast(base.forkAt(base.upTo()), base.upTo(), base.bytesTaken());
    }
  }

  @SuppressWarnings("unchecked") // a view of the same object
  private <T> @Nullable View<T> nearest(View<T> view, long upTo, long orders) {
    View<?> nearest = null;
    lock.lock();
    try {
      for (Map.Entry<Moment, Still> each : views.entrySet()) {
        if (each.getKey().stream.equals(view.stream())
            && each.getKey().upTo < upTo
            && each.getValue().orders >= orders
            && (nearest == null || nearest.upTo() < each.getKey().upTo)) {
          nearest = each.getValue().view;
        }
      }
    } finally {
      lock.unlock();
    }
    return (View<T>) nearest;
  }

  // The oldest moment at which the object can be read.
  private LogPosition oldest(ObjectHandle<?> object, TrimmedException trimmed) {
    LogPosition mark = trimmed.trimMark();
    return checkpoints.of(object.stream(), waiting.begin()).stream()
        .map(Checkpoint::upTo)
        .findFirst()
        .filter(upTo -> upTo.compareTo(mark) > 0)
        .map(upTo -> new LogPosition(upTo.value() - 1))
        .orElse(mark);
  }
}
