package dev.milonga.log.server;

import java.util.Arrays;

/**
 * One client's session: which of its requests were accepted, for as long as it has not said that it
 * has learnt of it. A ring over the sequence numbers in {@code [learntBelow, learntBelow +
 * OUTSTANDING_MAX)}. Not thread-safe.
 */
final class Session {

  static final int OUTSTANDING_MAX = 65_536;

  private static final int CAPACITY_MIN = 16;

  /** Receives what is remembered of a request. */
  interface OutcomeVisitor {
    void outcome(long sequence, long position, long digest);
  }

  private final long number;
  private long learntBelow;
  private long end; // no sequence number at or above it was accepted; >= learntBelow
  private long lastUsedMicros; // log time; never goes back
  private boolean behind; // the stored row lacks what entries since have changed

  // By sequence modulo capacity, a power of two >= end - learntBelow; position -1: not accepted.
  private long[] positions = emptyPositions(CAPACITY_MIN);
  private long[] digests = new long[CAPACITY_MIN];

  Session(long number, long learntBelow, long lastUsedMicros) {
    this.number = number;
    this.learntBelow = learntBelow;
    this.end = learntBelow;
    this.lastUsedMicros = lastUsedMicros;
  }

  long number() {
    return number;
  }

  long learntBelow() {
    return learntBelow;
  }

  long lastUsedMicros() {
    return lastUsedMicros;
  }

  void used(long timeMicros) {
    lastUsedMicros = Math.max(lastUsedMicros, timeMicros);
  }

  boolean isBehind() {
    return behind;
  }

  void setBehind(boolean behind) {
    this.behind = behind;
  }

  /** Where that request was accepted; below 0 if it was not, or is learnt. */
  long position(long sequence) {
    return sequence < learntBelow || sequence >= end ? -1 : positions[slot(sequence)];
  }

  /** The digest of that request, which must have been accepted. */
  long digest(long sequence) {
    return digests[slot(sequence)];
  }

  /** Notes an accepted request, {@code learntBelow <= sequence < learntBelow + OUTSTANDING_MAX}. */
  void accepted(long sequence, long position, long digest) {
    if (sequence < learntBelow || sequence - learntBelow >= OUTSTANDING_MAX) {
      throw new AssertionError(
          "request " + sequence + " of session " + number + ", learnt below " + learntBelow);
    }
    long newEnd = Math.max(end, sequence + 1);
    if (newEnd - learntBelow > positions.length) {
      grow(newEnd - learntBelow);
    }
    end = newEnd;
    positions[slot(sequence)] = position;
    digests[slot(sequence)] = digest;
  }

  /** Forgets the requests below {@code below}; {@code dropped} gets the position of each. */
  void learn(long below, OutcomeVisitor dropped) {
    if (below <= learntBelow) {
      return;
    }
    for (long sequence = learntBelow; sequence < Math.min(below, end); sequence++) {
      int slot = slot(sequence);
      if (positions[slot] >= 0) {
        dropped.outcome(sequence, positions[slot], digests[slot]);
        positions[slot] = -1;
      }
    }
    learntBelow = below;
    end = Math.max(end, below);
  }

  /** Shows every request that is remembered, in ascending order of sequence. */
  void forEach(OutcomeVisitor visitor) {
    for (long sequence = learntBelow; sequence < end; sequence++) {
      int slot = slot(sequence);
      if (positions[slot] >= 0) {
        visitor.outcome(sequence, positions[slot], digests[slot]);
      }
    }
  }

  private void grow(long capacityMin) {
    long[] newPositions = emptyPositions(Math.toIntExact(Long.highestOneBit(capacityMin - 1) << 1));
    long[] newDigests = new long[newPositions.length];
    int mask = newPositions.length - 1;
    forEach(
        (sequence, position, digest) -> {
          newPositions[(int) sequence & mask] = position;
          newDigests[(int) sequence & mask] = digest;
        });
    positions = newPositions;
    digests = newDigests;
  }

  private int slot(long sequence) {
    return (int) sequence & (positions.length - 1);
  }

  private static long[] emptyPositions(int capacity) {
    long[] positions = new long[capacity];
    Arrays.fill(positions, -1);
    return positions;
  }
}
