package dev.milonga.log;

import org.jspecify.annotations.Nullable;

/**
 * Entries in ascending order of position: added at the end, dropped at the front, found by
 * position. A ring whose array doubles when it is full and halves when little of it is used. Not
 * thread-safe.
 */
final class EntryQueue {

  private static final int CAPACITY_MIN = 8;

  private @Nullable LogEntry[] ring = new @Nullable LogEntry[CAPACITY_MIN]; // a power of two long
  private int head; // index of the first entry in the ring
  private int size; // 0 <= size <= ring.length

  int size() {
    return size;
  }

  /** Adds an entry whose position is above all others. */
  void add(LogEntry entry) {
    if (size == ring.length) {
      resize(Math.multiplyExact(ring.length, 2));
    }
    ring[slot(size)] = entry;
    size++;
  }

  /** The entry at {@code index} counted from the front, {@code 0 <= index < size()}. */
  LogEntry get(int index) {
    LogEntry entry = index < size ? ring[slot(index)] : null;
    if (entry == null) {
      throw new AssertionError("no entry at index " + index + " of " + size);
    }
    return entry;
  }

  /** Takes the first entry out. */
  LogEntry removeFirst() {
    LogEntry first = get(0);
    ring[head] = null;
    head = slot(1);
    size--;
    if (ring.length > CAPACITY_MIN && size <= ring.length / 8) {
      resize(ring.length / 2);
    }
    return first;
  }

  /** The index of the first entry at or above {@code position}; {@code size()} if there is none. */
  int indexFrom(long position) {
    int low = 0;
    int high = size;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (get(middle).position().value() < position) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  private int slot(int index) {
    return (head + index) & (ring.length - 1);
  }

  private void resize(int capacity) {
    @Nullable LogEntry[] resized = new @Nullable LogEntry[capacity];
    for (int i = 0; i < size; i++) {
      resized[i] = ring[slot(i)];
    }
    ring = resized;
    head = 0;
  }
}
