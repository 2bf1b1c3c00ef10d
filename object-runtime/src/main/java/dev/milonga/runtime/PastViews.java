package dev.milonga.runtime;

import dev.milonga.log.LogPosition;
import dev.milonga.log.StreamId;
import dev.milonga.log.TrimmedException;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Views that stand still at moments of the past, those used last. A new one begins at the nearest
 * state below it: one that is here, or a checkpoint. Thread-safe.
 */
final class PastViews {

  private static final int VIEWS_MAX = 64;

  private final Function<ObjectHandle<?>, View<?>> fresh;
  private final StoredCheckpoints checkpoints;
  private final Waiting waiting;
  private final ReentrantLock lock = new ReentrantLock(); // never held while a view is brought up
  private final LinkedHashMap<Moment, View<?>> views = new LinkedHashMap<>(16, 0.75f, true);

  private record Moment(StreamId stream, long upTo) {}

  /**
   * @param fresh makes a new view of an object
   */
  PastViews(
      Function<ObjectHandle<?>, View<?>> fresh, StoredCheckpoints checkpoints, Waiting waiting) {
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
    Moment moment = new Moment(object.stream(), upTo);
    View<?> known = find(moment);
    if (known != null) {
      return known;
    }
    View<?> made = CallScopes.outside(() -> make(object, upTo));
    lock.lock();
    try {
      views.put(moment, made);
      Iterator<View<?>> oldest = views.values().iterator();
      while (views.size() > VIEWS_MAX) {
        oldest.next();
        oldest.remove();
      }
    } finally {
      lock.unlock();
    }
    return made;
  }

  private @Nullable View<?> find(Moment moment) {
    lock.lock();
    try {
      return views.get(moment);
    } finally {
      lock.unlock();
    }
  }

  private View<?> make(ObjectHandle<?> object, long upTo) {
    View<?> view = fresh.apply(object);
    beginAtNearest(view, upTo);
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

  private <T> void beginAtNearest(View<T> view, long upTo) {
    View<T> base = nearest(view, upTo);
    if (base == null) {
      view.beginInThePast(null, 0);
    } else {
      view.beginInThePast(base.forkAt(base.upTo()), base.upTo());
    }
  }

  @SuppressWarnings("unchecked") // a view of the same object
  private <T> @Nullable View<T> nearest(View<T> view, long upTo) {
    View<?> nearest = null;
    lock.lock();
    try {
      for (Map.Entry<Moment, View<?>> each : views.entrySet()) {
        if (each.getKey().stream.equals(view.stream())
            && each.getKey().upTo < upTo
            && (nearest == null || nearest.upTo() < each.getKey().upTo)) {
          nearest = each.getValue();
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
