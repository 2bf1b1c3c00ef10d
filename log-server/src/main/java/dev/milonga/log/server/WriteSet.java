package dev.milonga.log.server;

import java.util.List;

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
  record SessionRow(long session, long learntBelow, long lastUsedMicros) {}

  /** An accepted request of an entry below the horizon, whose outcome is not learnt. */
  record OutcomeRow(long session, long sequence, long position, long digest) {}

  /** The key of an {@link OutcomeRow}. */
  record OutcomeKey(long session, long sequence) {}
}
