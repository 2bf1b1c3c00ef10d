package dev.milonga.runtime;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * The snapshots that blocks of one client are working on, so that views keep the versions that a
 * block may still ask for, and none else. Only a hint: a block whose version is gone moves its
 * snapshot forward or runs again. Thread-safe and without locks, since every block that reads
 * passes here.
 *
 * <p>A block has a slot. It <em>floats</em> while the block finds out its snapshot, and every state
 * from its position on is then kept; once it is <em>settled</em>, the one state as of its position.
 *
 * <p>A view that keeps a version for a slot puts itself on the slot's list, and the block takes the
 * list when it ends, and has each of those views release what it kept: an object that is never
 * written again keeps nothing either. None is forgotten: the view looks at the slot again after it
 * has put itself on the list, the block empties the slot before it takes the list, and both are
 * sequentially consistent; so the view sees that the block has ended, or the block sees the view.
 */
final class OpenSnapshots {

  private static final int SLOTS = 256;
  private static final int STRIDE = 8; // longs; a slot has a cache line to itself

  /** What {@link #oldest()} returns if no snapshot is open. */
  static final long NONE = Long.MAX_VALUE;

  private final int count; // of slots, a power of two

  // A slot holds 0, or twice one more than its position, and 1 more if it floats.
  private final AtomicLongArray slots;

  // Who keeps a version for a slot; rarely anybody.
  private final AtomicReferenceArray<@Nullable Keeper> keepers;

  OpenSnapshots() {
    this(SLOTS);
  }

  OpenSnapshots(int count) {
    this.count = count;
    this.slots = new AtomicLongArray(count * STRIDE);
    this.keepers = new AtomicReferenceArray<>(count);
  }

  /**
   * Announces a block that may ask for the state at {@code position} or later.
   *
   * @return the slot, which floats; -1 if all are taken, and the block then goes without
   */
  int open(long position) {
    int start = (int) Thread.currentThread().getId();
    for (int i = 0; i < count; i++) {
      int slot = (start + i) & (count - 1);
      if (value(slot) == 0 && slots.compareAndSet(slot * STRIDE, 0, floating(position))) {
        return slot;
      }
    }
    return -1;
  }

  /** Lets the slot float from {@code position} on. */
  void unsettle(int slot, long position) {
    slots.set(slot * STRIDE, floating(position));
  }

  /** Says that the block asks for the state as of {@code position} only. */
  void settle(int slot, long position) {
    slots.set(slot * STRIDE, (position + 1) << 1);
    releaseVersions(slot); // that were kept while it floated, or at an earlier position
  }

  /** Ends the block that {@link #open} has given that slot. */
  void close(int slot) {
    slots.set(slot * STRIDE, 0);
    releaseVersions(slot);
  }

  private void releaseVersions(int slot) {
    if (keepers.get(slot) == null) {
      return;
    }
    for (Keeper each = keepers.getAndSet(slot, null); each != null; each = each.next) {
      each.view.releaseVersionsOf(slot);
    }
  }

  /** The slots that are taken. */
  int[] taken() {
    int[] taken = new int[count];
    int found = 0;
    for (int slot = 0; slot < count; slot++) {
      if (value(slot) != 0) {
        taken[found++] = slot;
      }
    }
    return Arrays.copyOf(taken, found);
  }

  /** Whether the slot's block may ask for a state that stands for all of {@code [from, to]}. */
  boolean needs(int slot, long from, long to) {
    long value = value(slot);
    long position = (value >>> 1) - 1; // -1 if nobody has taken it
    boolean floats = (value & 1) != 0;
    return position >= 0 && position <= to && (floats || position >= from);
  }

  /** Has the view release what it keeps for that slot when the slot is closed or settled. */
  void putOnList(int slot, VersionedView<?> view) {
    while (true) {
      Keeper first = keepers.get(slot);
      if (first != null && first.view == view) {
        return; // whoever takes the list from now on takes it with this view
      }
      if (keepers.compareAndSet(slot, first, new Keeper(view, first))) {
        return;
      }
    }
  }

  /** The oldest position that is open, or {@link #NONE}. */
  long oldest() {
    long oldest = NONE;
    for (int slot = 0; slot < count; slot++) {
      long value = value(slot);
      if (value != 0 && (value >>> 1) - 1 < oldest) {
        oldest = (value >>> 1) - 1;
      }
    }
    return oldest;
  }

  private long value(int slot) {
    return slots.get(slot * STRIDE);
  }

  private static long floating(long position) {
    return ((position + 1) << 1) | 1;
  }

  private record Keeper(VersionedView<?> view, @Nullable Keeper next) {}
}
