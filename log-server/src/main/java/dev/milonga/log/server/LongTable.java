package dev.milonga.log.server;

import java.io.IOException;
import java.util.Arrays;

/**
 * A map from {@code long} to {@code long} by open addressing with linear probing. Keys must be well
 * mixed: their low bits are the place. Not thread-safe.
 */
final class LongTable {

  private static final int CAPACITY_MIN = 1_024;
  private static final long NO_VALUE = -1;

  private long[] slots = new long[2 * CAPACITY_MIN]; // key, value, key, value …; key 0 is empty
  private int size;

  /** The value of that key; below 0 if there is none. */
  long get(long key) {
    long wanted = notEmpty(key);
    for (int slot = slotOf(wanted); ; slot = next(slot)) {
      if (slots[slot] == wanted) {
        return slots[slot + 1];
      }
      if (slots[slot] == 0) {
        return NO_VALUE;
      }
    }
  }

  /** Sets the value of that key, at least 0. */
  void put(long key, long value) {
    if (4 * (size + 1) > slots.length) {
      grow();
    }
    insert(notEmpty(key), value);
  }

  /** Receives a key and its value. */
  interface Visitor {
    void visit(long key, long value) throws IOException;
  }

  /** How many keys there are. */
  int size() {
    return size;
  }

  /** Shows every key, in no order. */
  void forEach(Visitor visitor) throws IOException {
    for (int slot = 0; slot < slots.length; slot += 2) {
      if (slots[slot] != 0) {
        visitor.visit(slots[slot], slots[slot + 1]);
      }
    }
  }

  /** Forgets everything; keeps its memory. */
  void clear() {
    Arrays.fill(slots, 0);
    size = 0;
  }

  private void insert(long key, long value) {
    int slot = slotOf(key);
    while (slots[slot] != key && slots[slot] != 0) {
      slot = next(slot);
    }
    if (slots[slot] == 0) {
      slots[slot] = key;
      size++;
    }
    slots[slot + 1] = value;
  }

  private void grow() {
    long[] old = slots;
    slots = new long[Math.multiplyExact(old.length, 2)];
    size = 0;
    for (int slot = 0; slot < old.length; slot += 2) {
      if (old[slot] != 0) {
        insert(old[slot], old[slot + 1]);
      }
    }
  }

  private int slotOf(long key) {
    return 2 * ((int) key & (slots.length / 2 - 1));
  }

  private int next(int slot) {
    return (slot + 2) & (slots.length - 1);
  }

  private static long notEmpty(long key) {
    return key == 0 ? 1 : key; // two keys taken for one, as with any other collision
  }
}
