package dev.milonga.log;

import java.util.List;

/**
 * What must still hold for an append to be accepted: nothing that was read has been written at or
 * after the snapshot (vCorfu §4.2).
 *
 * <p>Every write counts, transactional or not. A keyed read conflicts with a later write of that
 * key and with a later whole-object write of its stream. A whole-object read conflicts with any
 * later write to its stream. A stream may stand in {@code reads} more than once; what was read of
 * it is then the union.
 *
 * @param snapshot the reader has seen every entry below this position and none at or above it
 * @param reads what was read; may be empty, and the condition then always holds
 */
public record AppendCondition(LogPosition snapshot, List<StreamKeys> reads) {

  /** Copies the list. */
  public AppendCondition {
    reads = List.copyOf(reads);
  }
}
