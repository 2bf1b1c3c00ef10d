package dev.milonga.log.grpc;

import dev.milonga.log.RequestId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The appends of one conversation that were sent and not answered, by their numbers, which are
 * given out here: 1, 2, 3 …. Not thread-safe.
 */
final class SentAppends {

  private static final int SLOTS_MIN = 64; // a power of two, as every size

  private @Nullable PendingAppend[] ring = new PendingAppend[SLOTS_MIN];
  private long first = 1; // no append below it waits; first <= next
  private long next = 1;
  private int waiting; // how many slots in [first, next) are taken
  private int notTaken; // of those

  // Entries come in the order of the log, which for those of one conversation is the order of their
  // numbers: what was found is not looked for again. Never decreases.
  private long ownNext = 1;

  /** Gives the append its number. */
  void add(PendingAppend append) {
    if (next - first == ring.length) {
      grow();
    }
    append.number = next;
    append.notTaken = false;
    ring[slot(next)] = append;
    next++;
    waiting++;
  }

  /** The append of that number, if it waits. */
  @Nullable PendingAppend find(long number) {
    return number >= first && number < next ? ring[slot(number)] : null;
  }

  /** The append of that identity, if it waits; a later one than was found before. */
  @Nullable PendingAppend findOwn(long session, long sequence) {
    for (long number = Math.max(first, ownNext); number < next; number++) {
      PendingAppend append = ring[slot(number)];
      RequestId id = append == null ? null : append.request.requestId().orElse(null);
      if (id != null && id.sequence() == sequence && id.session().value() == session) {
        ownNext = number + 1;
        return append;
      }
    }
    return null;
  }

  /** Takes an append out that was found here. */
  void remove(PendingAppend append) {
    ring[slot(append.number)] = null;
    waiting--;
    if (append.notTaken) {
      notTaken--;
    }
    while (first < next && ring[slot(first)] == null) {
      first++;
    }
  }

  /** Notes that the server will not take an append that was found here. */
  void markNotTaken(PendingAppend append) {
    if (!append.notTaken) {
      append.notTaken = true;
      notTaken++;
    }
  }

  /** Whether the server has still to say something about any. */
  boolean isUndecided() {
    return waiting > notTaken;
  }

  boolean isEmpty() {
    return waiting == 0;
  }

  /** All that wait, in order. */
  List<PendingAppend> all() {
    List<PendingAppend> all = new ArrayList<>(waiting);
    for (long number = first; number < next; number++) {
      PendingAppend append = ring[slot(number)];
      if (append != null) {
        all.add(append);
      }
    }
    return all;
  }

  /** Those whose deadline has passed, in order; an earlier one never has a later deadline. */
  List<PendingAppend> overdue(long nowNanos) {
    List<PendingAppend> overdue = new ArrayList<>();
    for (long number = first; number < next; number++) {
      PendingAppend append = ring[slot(number)];
      if (append != null) {
        if (nowNanos - append.deadlineNanos < 0) {
          break;
        }
        overdue.add(append);
      }
    }
    return overdue;
  }

  /** Begins a conversation, in which nothing was sent. */
  void clear() {
    Arrays.fill(ring, null);
    first = 1;
    next = 1;
    ownNext = 1;
    waiting = 0;
    notTaken = 0;
  }

  private void grow() {
    @Nullable PendingAppend[] larger = new PendingAppend[ring.length * 2];
    for (long number = first; number < next; number++) {
      larger[(int) number & (larger.length - 1)] = ring[slot(number)];
    }
    ring = larger;
  }

  private int slot(long number) {
    return (int) number & (ring.length - 1);
  }
}
