package dev.milonga.runtime;

import java.util.Arrays;

/**
 * The request numbers of one client: gives them out in order and knows below which number every
 * outcome has been learnt. Thread-safe; no method blocks for longer than it takes to flip a bit.
 */
final class RequestNumbers {

  // All fields are guarded by this.
  private long next; // the number to be given out next
  private long learntBelow; // every number below it is learnt; learntBelow <= next
  private long[] learnt = new long[16]; // a ring of bits for [learntBelow, next)

  /** The next number. */
  synchronized long take() {
    if (next - learntBelow == learnt.length * 64L) {
      grow();
    }
    return next++;
  }

  /** Records that the outcome of that number is known, or will never be asked for. */
  synchronized void learn(long number) {
    if (number < learntBelow || number >= next) {
      throw new AssertionError(
          "request " + number + " is not under way in [" + learntBelow + ", " + next + ")");
    }
    flip(learnt, number);
    while (learntBelow < next && isSet(learntBelow)) {
      flip(learnt, learntBelow);
      learntBelow++;
    }
  }

  /** The smallest number whose outcome is not known yet; the next one if all are. */
  synchronized long learntBelow() {
    return learntBelow;
  }

  private boolean isSet(long number) {
    return (learnt[word(learnt, number)] & (1L << number)) != 0;
  }

  private void grow() {
    long[] larger = new long[learnt.length * 2];
    for (long number = learntBelow; number < next; number++) {
      if (isSet(number)) {
        flip(larger, number);
      }
    }
    Arrays.fill(learnt, 0);
    learnt = larger;
  }

  private static void flip(long[] ring, long number) {
    ring[word(ring, number)] ^= 1L << number;
  }

  private static int word(long[] ring, long number) {
    return (int) (number >>> 6) & (ring.length - 1);
  }
}
