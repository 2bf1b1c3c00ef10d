package dev.milonga.tests.history;

/**
 * Something in a history that no strictly serializable store shows (Adya 1999; Kingsbury and
 * Alvaro, Elle, 2020).
 *
 * @param explanation the transactions and how they contradict each other
 */
public record Anomaly(Kind kind, String explanation) {

  /** What it is called. */
  public enum Kind {
    /** G1a: what a transaction wrote that has failed was read. */
    ABORTED_READ,
    /** G1b: what a transaction wrote and then overwrote was read by another. */
    INTERMEDIATE_READ,
    /** What nobody has written was read. */
    UNWRITTEN_READ,
    /** A transaction has not seen its own write, or has seen two states of one key. */
    INTERNAL,
    /** An element was appended once and is there twice. */
    DUPLICATE_APPEND,
    /** An append that had returned was not there for a read that began later. */
    LOST_APPEND,
    /** Two reads of a key that cannot both be of one history of that key. */
    INCOMPATIBLE_ORDER,
    /** G0: writes of two transactions took effect in opposite orders. */
    DIRTY_WRITE,
    /** G1c: two transactions have each seen, or written over, what the other wrote. */
    CIRCULAR_INFORMATION_FLOW,
    /** Two transactions have read the same state of a key, and both have changed it. */
    LOST_UPDATE,
    /** G-single: a transaction has seen another one in part. */
    READ_SKEW,
    /** G2: transactions have each read what the next one was to write. */
    WRITE_SKEW,
    /** Two readers have seen two writers in opposite orders. */
    LONG_FORK,
    /** There is an order, but it is not that of real time: a stale read, most often. */
    REAL_TIME
  }
}
