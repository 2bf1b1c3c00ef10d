package dev.milonga.runtime;

import dev.milonga.log.LogPosition;

/**
 * The snapshot of one block, while it is open: views keep the versions that it stands for. For call
 * scopes. Confined to the block's thread.
 */
public final class HeldSnapshot implements AutoCloseable {

  private final ObjectRuntime runtime;
  private final OpenSnapshots snapshots;
  private int slot = -1; // -1: there is none, be it that all are taken

  HeldSnapshot(ObjectRuntime runtime, OpenSnapshots snapshots) {
    this.runtime = runtime;
    this.snapshots = snapshots;
  }

  /**
   * Moves the snapshot to the tail that the log has after this call began. What was kept for where
   * it stood before is released.
   */
  public LogPosition moveToTail() {
    // Before the tail is asked for: what is applied in between may be what the snapshot needs.
    long known = runtime.knownTail().value();
    if (slot < 0) {
      slot = snapshots.open(known);
    } else {
      snapshots.unsettle(slot, known);
    }
    LogPosition tail = runtime.tail();
    if (slot >= 0) {
      snapshots.settle(slot, tail.value());
    }
    return tail;
  }

  /** Releases what was kept. Closing twice does nothing. */
  @Override
  public void close() {
    if (slot >= 0) {
      snapshots.close(slot);
      slot = -1;
    }
  }
}
