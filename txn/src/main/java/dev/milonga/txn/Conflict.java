package dev.milonga.txn;

import dev.milonga.log.LogPosition;
import dev.milonga.runtime.ObjectHandle;
import java.util.Optional;

/**
 * Why an attempt of a block has lost.
 *
 * @param object what it is about
 * @param call the call of the block that read it, or under snapshot isolation was to write it, as
 *     one would write it; empty if the whole attempt is meant, or if it is not remembered
 * @param wasRead whether the call read it; otherwise it was to write it
 * @param snapshot the moment at which the block saw it
 * @param winner the entry that has written it since; empty if the snapshot is too old to tell
 */
record Conflict(
    ObjectHandle<?> object,
    Optional<String> call,
    boolean wasRead,
    LogPosition snapshot,
    Optional<LogPosition> winner) {

  static Conflict read(
      ObjectHandle<?> object, Optional<String> call, LogPosition snapshot, LogPosition winner) {
    return new Conflict(object, call, true, snapshot, Optional.of(winner));
  }

  static Conflict written(
      ObjectHandle<?> object, Optional<String> call, LogPosition snapshot, LogPosition winner) {
    return new Conflict(object, call, false, snapshot, Optional.of(winner));
  }

  static Conflict tooOld(ObjectHandle<?> object, LogPosition snapshot) {
    return new Conflict(object, Optional.empty(), true, snapshot, Optional.empty());
  }

  Reason reason() {
    return winner.isPresent() ? Reason.CONFLICT : Reason.SNAPSHOT_TOO_OLD;
  }

  enum Reason {
    CONFLICT,
    SNAPSHOT_TOO_OLD
  }
}
