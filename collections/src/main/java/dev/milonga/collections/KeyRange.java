package dev.milonga.collections;

import org.jspecify.annotations.Nullable;

/**
 * The keys between two ends, in natural order.
 *
 * @param from the lower end, or null if there is none
 * @param fromInclusive whether {@code from} itself is in the range
 * @param to the upper end, or null if there is none
 * @param toInclusive whether {@code to} itself is in the range
 */
record KeyRange<K extends Comparable<? super K>>(
    @Nullable K from, boolean fromInclusive, @Nullable K to, boolean toInclusive) {

  static <K extends Comparable<? super K>> KeyRange<K> all() {
    return new KeyRange<>(null, false, null, false);
  }

  boolean isAll() {
    return from == null && to == null;
  }

  boolean contains(K key) {
    return isAbove(key, fromInclusive) && isBelow(key, toInclusive);
  }

  /** Whether that may be an end of a range within this one. */
  boolean admitsEnd(K end, boolean inclusive) {
    return isAbove(end, fromInclusive || !inclusive) && isBelow(end, toInclusive || !inclusive);
  }

  /** The part of it from that key on. */
  KeyRange<K> startingAt(K key, boolean inclusive) {
    return isAbove(key, fromInclusive || !inclusive)
        ? new KeyRange<>(key, inclusive, to, toInclusive)
        : this;
  }

  /** The part of it up to that key. */
  KeyRange<K> endingAt(K key, boolean inclusive) {
    return isBelow(key, toInclusive || !inclusive)
        ? new KeyRange<>(from, fromInclusive, key, inclusive)
        : this;
  }

  private boolean isAbove(K key, boolean inclusive) {
    if (from == null) {
      return true;
    }
    int order = key.compareTo(from);
    return inclusive ? order >= 0 : order > 0;
  }

  private boolean isBelow(K key, boolean inclusive) {
    if (to == null) {
      return true;
    }
    int order = key.compareTo(to);
    return inclusive ? order <= 0 : order < 0;
  }
}
