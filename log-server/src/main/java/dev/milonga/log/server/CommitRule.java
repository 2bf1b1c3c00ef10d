package dev.milonga.log.server;

import dev.milonga.log.AppendCondition;
import dev.milonga.log.ConflictException;
import dev.milonga.log.ConflictKeys;
import dev.milonga.log.LogPosition;
import dev.milonga.log.StreamId;
import dev.milonga.log.StreamKeys;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Decides whether the condition of an append holds: a pure function of the condition and of what is
 * remembered of the log (vCorfu §4.2).
 *
 * <p>With snapshot S, for each stream read, in the order given:
 *
 * <ol>
 *   <li>the stream's last write is known exactly unless the stream was not written since the trim
 *       mark, and then it lies below the mark;
 *   <li>last write below S: no conflict, however old S is. Not known, and S below the mark: too
 *       old;
 *   <li>read as a whole: conflict, the last write wins;
 *   <li>read by keys, and S below the horizon: too old, since writes of keys are forgotten there;
 *   <li>otherwise each key, by hash in ascending order, conflicts if the later of the key's last
 *       write and the stream's last whole-object write is at or after S.
 * </ol>
 *
 * <p>The first conflict is the answer. Whatever is remembered from below the trim mark (streams) or
 * the horizon (keys) makes no difference, which is why an engine that has lost it in a restart
 * decides as one that has not.
 */
final class CommitRule {

  /** What is remembered of the log. Positions below 0 stand for "never". */
  interface Memory {

    /** The first readable position; {@code trimMark() <= horizon()}. */
    long trimMark();

    /** From here on, all writes of keys and whole objects are remembered. */
    long horizon();

    /** The position of the last write to the stream, exact unless below the trim mark. */
    long lastWrite(StreamId stream);

    /**
     * The position of the last whole-object write to the stream, exact unless below the horizon.
     */
    long lastWholeWrite(StreamId stream);

    /** The position of the last write of that key, exact unless below the horizon. */
    long lastKeyWrite(StreamId stream, long keyHash);
  }

  private CommitRule() {}

  /** Why the condition does not hold; empty if it does. */
  static Optional<ConflictException> conflict(AppendCondition condition, Memory memory) {
    for (StreamKeys read : condition.reads()) {
      Optional<ConflictException> conflict = conflict(read, condition.snapshot(), memory);
      if (conflict.isPresent()) {
        return conflict;
      }
    }
    return Optional.empty();
  }

  private static Optional<ConflictException> conflict(
      StreamKeys read, LogPosition snapshot, Memory memory) {
    StreamId stream = read.stream();
    long since = snapshot.value();
    long last = memory.lastWrite(stream);
    if (last < memory.trimMark()) {
      return since >= memory.trimMark()
          ? Optional.empty()
          : tooOld(stream, snapshot, memory.trimMark());
    }
    if (last < since) {
      return Optional.empty();
    }
    ConflictKeys keys = read.keys();
    if (keys.isWholeObject()) {
      return written(stream, OptionalLong.empty(), snapshot, last);
    }
    if (since < memory.horizon()) {
      return tooOld(stream, snapshot, memory.horizon());
    }
    long whole = memory.lastWholeWrite(stream);
    for (int i = 0; i < keys.size(); i++) {
      long key = keys.hashAt(i);
      long winner = Math.max(whole, memory.lastKeyWrite(stream, key));
      if (winner >= since) {
        return written(stream, OptionalLong.of(key), snapshot, winner);
      }
    }
    return Optional.empty();
  }

  private static Optional<ConflictException> written(
      StreamId stream, OptionalLong key, LogPosition snapshot, long winner) {
    return Optional.of(ConflictException.written(stream, key, snapshot, new LogPosition(winner)));
  }

  private static Optional<ConflictException> tooOld(
      StreamId stream, LogPosition snapshot, long oldest) {
    return Optional.of(ConflictException.tooOld(stream, snapshot, new LogPosition(oldest)));
  }
}
