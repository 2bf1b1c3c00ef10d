package dev.milonga.log.server;

import dev.milonga.log.Principal;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one batch changes in a store, to be written atomically.
 *
 * @param state the engine's state after the batch
 * @param promises whether some outcome of the batch may be told only when the batch is durable
 * @param entries the entries appended, in ascending order of position
 * @param sessions rows of sessions to be written
 * @param endedSessions numbers of sessions whose rows are to be dropped
 * @param outcomes rows of accepted requests to be written
 * @param learntOutcomes rows of accepted requests to be dropped, among them all of ended sessions;
 *     dropped before {@code outcomes} are written
 */
record WriteSet(
    EngineState state,
    boolean promises,
    List<AcceptedEntry> entries,
    List<SessionRow> sessions,
    List<Long> endedSessions,
    List<OutcomeRow> outcomes,
    List<OutcomeKey> learntOutcomes) {

  /** What is stored of a session; entries from the horizon on may tell something newer. */
  record SessionRow(
      long session, long learntBelow, long lastUsedMicros, @Nullable Principal owner) {

    /** The length of a value without an owner. */
    static final int BYTES = 2 * Long.BYTES;

    /**
     * The row with that key and value.
     *
     * @throws IllegalArgumentException if the value is none of a session
     */
    static SessionRow of(byte[] key, byte[] value) {
      if (value.length < BYTES) {
        throw new IllegalArgumentException("it has only " + value.length + " bytes");
      }
      Principal owner =
          value.length == BYTES ? null : Principal.ofUtf8(value, BYTES, value.length - BYTES);
      return new SessionRow(
          Bytes.longAt(key, 0), Bytes.longAt(value, 0), Bytes.longAt(value, Long.BYTES), owner);
    }

    /** Its value: two numbers, and the name of the owner if there is one. */
    byte[] value() {
      byte[] name = owner == null ? new byte[0] : owner.utf8();
      byte[] value = new byte[BYTES + name.length];
      Bytes.putLong(value, 0, learntBelow);
      Bytes.putLong(value, Long.BYTES, lastUsedMicros);
      System.arraycopy(name, 0, value, BYTES, name.length);
      return value;
    }
  }

  /** An accepted request of an entry below the horizon, whose outcome is not learnt. */
  record OutcomeRow(long session, long sequence, long position, long digest) {}

  /** The key of an {@link OutcomeRow}. */
  record OutcomeKey(long session, long sequence) {}
}
