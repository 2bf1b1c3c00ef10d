package dev.milonga.log.server;

import dev.milonga.log.LogPosition;
import dev.milonga.log.SessionId;

/** What became of one {@link LogCommand}. */
sealed interface Outcome {

  /** The session was opened. */
  record SessionOpened(SessionId session) implements Outcome {}

  /** The entry stands there, appended now or by an earlier attempt of the same request. */
  record Appended(LogPosition position) implements Outcome {}

  /** The trim mark is there now. */
  record Trimmed(LogPosition mark) implements Outcome {}

  /** The command changed nothing in the log, for that reason. */
  record Refused(RuntimeException cause) implements Outcome {}
}
