package dev.milonga.runtime;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * The snapshots that blocks of one client are working on, so that views keep the versions that a
 * block may still ask for. Only a hint: a block whose version is gone moves its snapshot forward or
 * runs again. Thread-safe and without locks, since every block passes here twice.
 */
public final class OpenSnapshots {

  private static final int SLOTS = 256;
  private static final int STRIDE = 8; // longs; a slot has a cache line to itself

  /** What {@link #oldest()} returns if no snapshot is open. */
  static final long NONE = Long.MAX_VALUE;

  // A slot holds 0, or one more than the snapshot of the block that has taken it.
  private final AtomicLongArray slots = new AtomicLongArray(SLOTS * STRIDE);

  OpenSnapshots() {}

  /**
   * Announces a block that may ask for the state at {@code snapshot} or later.
   *
   * @return the slot, to be given to {@link #close}; -1 if all are taken, and the block then goes
   *     without
   */
  public int open(long snapshot) {
    int start = (int) Thread.currentThread().getId();
    for (int i = 0; i < SLOTS; i++) {
      int slot = ((start + i) & (SLOTS - 1)) * STRIDE;
      if (slots.get(slot) == 0 && slots.compareAndSet(slot, 0, snapshot + 1)) {
        return slot;
      }
    }
    return -1;
  }

  /** Ends the block that {@link #open} has given that slot. */
  public void close(int slot) {
    if (slot >= 0) {
      slots.setRelease(slot, 0);
    }
  }

  /** The oldest snapshot that is open, or {@link #NONE}. */
  long oldest() {
    long oldest = NONE;
    for (int slot = 0; slot < SLOTS * STRIDE; slot += STRIDE) {
      long taken = slots.get(slot);
      if (taken != 0 && taken - 1 < oldest) {
        oldest = taken - 1;
      }
    }
    return oldest;
  }
}
