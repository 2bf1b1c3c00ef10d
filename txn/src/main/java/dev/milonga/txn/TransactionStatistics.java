package dev.milonga.txn;

/**
 * How the transactions of one client have ended so far. The numbers are read one after the other,
 * so they belong to one moment only if nothing runs.
 *
 * @param commits blocks that have committed writes
 * @param readOnly blocks that have ended without having written
 * @param conflicts attempts that were run again because what they had read was written
 * @param snapshotsTooOld attempts that were run again because the log could not check their
 *     snapshot
 * @param userExceptions blocks that an exception of their own has ended
 * @param tooLarge blocks whose writes exceeded what the log accepts as one entry
 * @param givenUp blocks that have used up their retries or their time
 * @param rightsOfWay attempts before which the block had lost so often that others held back for it
 * @param versionsKept states of objects that are in memory at this moment because an open block may
 *     ask for them, the present ones not counted
 */
public record TransactionStatistics(
    long commits,
    long readOnly,
    long conflicts,
    long snapshotsTooOld,
    long userExceptions,
    long tooLarge,
    long givenUp,
    long rightsOfWay,
    long versionsKept) {

  /** Attempts that were made because an earlier one of the same block had lost. */
  public long retries() {
    return conflicts + snapshotsTooOld - givenUp;
  }
}
