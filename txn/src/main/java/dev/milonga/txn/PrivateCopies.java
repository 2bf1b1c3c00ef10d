package dev.milonga.txn;

import dev.milonga.log.LogPosition;
import dev.milonga.runtime.HeldSnapshot;
import dev.milonga.runtime.ObjectHandle;
import dev.milonga.runtime.StateFork;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Copies several objects as of one position: their views are made to stand still, in the order of
 * their streams so that two such attempts cannot wait for each other, are brought to the same
 * position, and are copied. The snapshot is moved to that position. Writers go on; only the
 * application of what they write waits.
 */
final class PrivateCopies {

  private PrivateCopies() {}

  /** The copies, and the position that they stand for. */
  record Taken(LogPosition position, Map<ObjectHandle<?>, StateFork<?>> copies) {}

  static Taken of(Collection<ObjectHandle<?>> objects, HeldSnapshot held) {
    List<ObjectHandle<?>> ordered = new ArrayList<>(objects);
    ordered.sort(Comparator.comparing(ObjectHandle::stream));
    return standStill(ordered, 0, held);
  }

  private static Taken standStill(List<ObjectHandle<?>> objects, int from, HeldSnapshot held) {
    if (from < objects.size()) {
      return objects.get(from).standingStill(() -> standStill(objects, from + 1, held));
    }
    LogPosition position = held.moveToTail();
    Map<ObjectHandle<?>, StateFork<?>> copies = new HashMap<>();
    for (ObjectHandle<?> object : objects) {
      object.syncTo(position);
      copies.put(object, object.forkAt(position, 0, 0)); // no mutator runs on it
    }
    return new Taken(position, copies);
  }
}
