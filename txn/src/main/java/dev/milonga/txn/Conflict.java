package dev.milonga.txn;

import dev.milonga.log.LogPosition;
import dev.milonga.runtime.ObjectHandle;
import java.util.Optional;

/**
 * Why an attempt of a block has lost.
 *
 * @param object what was read
 * @param read the call that read it, as one would write it; empty if the whole attempt is meant
 * @param snapshot the moment at which it was read
 * @param winner the entry that has written it since; empty if the snapshot is too old to tell
 */
record Conflict(
    ObjectHandle<?> object,
    Optional<String> read,
    LogPosition snapshot,
    Optional<LogPosition> winner) {

  Reason reason() {
    return winner.isPresent() ? Reason.CONFLICT : Reason.SNAPSHOT_TOO_OLD;
  }

  enum Reason {
    CONFLICT,
    SNAPSHOT_TOO_OLD
  }
}
