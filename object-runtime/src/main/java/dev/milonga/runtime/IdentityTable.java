package dev.milonga.runtime;

import java.util.IdentityHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The objects met so far on a walk through a state, told apart by identity, with what became of
 * each. It finds objects that are reached by two ways, and refuses circles. Used by one thread.
 *
 * @param <R> what becomes of an object
 */
final class IdentityTable<R> {

  /** Objects within objects within objects: the walk is recursive, and so is any reader. */
  static final int DEPTH_MAX = 500;

  private static final Object UNDER_WAY = new Object();

  private final Map<Object, Object> known = new IdentityHashMap<>();
  private int depth;

  /**
   * What became of that object, or null if it was not met before.
   *
   * @throws StateFailure if it is still being walked, and so contains itself
   */
  @SuppressWarnings("unchecked") // only results of type R are put, but for the mark
  @Nullable R find(Object object) {
    Object result = known.get(object);
    if (result == UNDER_WAY) {
      throw new StateFailure(
          "it refers back to a "
              + object.getClass().getSimpleName()
              + " that contains it, and circles cannot be carried; refer to it by its key, or mark"
              + " the field transient");
    }
    return (R) result;
  }

  /** Begins the walk of an object that was not met before. */
  void enter(Object object) {
    if (++depth > DEPTH_MAX) {
      throw new StateFailure(
          "it is nested deeper than "
              + DEPTH_MAX
              + " levels; keep its parts in a List or Map in place of a chain of objects");
    }
    known.put(object, UNDER_WAY);
  }

  /** Ends the walk of the object that was entered last. */
  void leave(Object object, R result) {
    depth--;
    known.put(object, result);
  }
}
