package dev.milonga.log;

import java.util.Optional;
import java.util.OptionalLong;

/**
 * The condition of an append does not hold: something it had read was written since. Nothing is
 * durable. Read again from a newer snapshot and decide anew.
 */
public final class ConflictException extends StoreException {

  private final Reason reason;
  private final StreamId stream;
  private final OptionalLong keyHash;
  private final Optional<LogPosition> winner;
  private final Optional<LogPosition> oldestDecidable;

  private ConflictException(
      String message,
      Reason reason,
      StreamId stream,
      OptionalLong keyHash,
      Optional<LogPosition> winner,
      Optional<LogPosition> oldestDecidable) {
    super(message, Durable.NOTHING, null);
    this.reason = reason;
    this.stream = stream;
    this.keyHash = keyHash;
    this.winner = winner;
    this.oldestDecidable = oldestDecidable;
  }

  /**
   * What was read has been written at {@code winner}.
   *
   * @param keyHash the key that was read; empty if the whole object was
   */
  public static ConflictException written(
      StreamId stream, OptionalLong keyHash, LogPosition snapshot, LogPosition winner) {
    String what =
        keyHash.isPresent() ? String.format("key %016x", keyHash.getAsLong()) : "the whole object";
    return new ConflictException(
        what + " of stream " + stream + ", read at " + snapshot + ", was written at " + winner,
        Reason.WRITTEN,
        stream,
        keyHash,
        Optional.of(winner),
        Optional.empty());
  }

  /**
   * The snapshot lies so far back that the log cannot tell whether the stream's keys were written.
   */
  public static ConflictException tooOld(
      StreamId stream, LogPosition snapshot, LogPosition oldestDecidable) {
    return new ConflictException(
        "the snapshot at "
            + snapshot
            + " is too old to be checked against stream "
            + stream
            + ": conflicts are remembered from "
            + oldestDecidable
            + " on",
        Reason.SNAPSHOT_TOO_OLD,
        stream,
        OptionalLong.empty(),
        Optional.empty(),
        Optional.of(oldestDecidable));
  }

  /** Why the append was rejected. */
  public Reason reason() {
    return reason;
  }

  /** The stream that was read and has been written since. */
  public StreamId stream() {
    return stream;
  }

  /** The hash of the key that was read; empty if it was the whole object. */
  public OptionalLong keyHash() {
    return keyHash;
  }

  /** The last write of what was read; present iff the reason is {@link Reason#WRITTEN}. */
  public Optional<LogPosition> winner() {
    return winner;
  }

  /**
   * From where on conflicts are remembered; present iff the reason is {@link
   * Reason#SNAPSHOT_TOO_OLD}.
   */
  public Optional<LogPosition> oldestDecidable() {
    return oldestDecidable;
  }

  /** Why an append was rejected. */
  public enum Reason {
    /** What was read has been written since. */
    WRITTEN,
    /**
     * The snapshot is older than what the log remembers of conflicts, and the stream was written.
     */
    SNAPSHOT_TOO_OLD
  }
}
