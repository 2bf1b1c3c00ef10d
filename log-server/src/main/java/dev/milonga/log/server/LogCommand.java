package dev.milonga.log.server;

import dev.milonga.log.AppendRequest;
import dev.milonga.log.LogPosition;

/** What a {@link LogEngine} is told to do. */
sealed interface LogCommand {

  /** Give out a session number. */
  record OpenSession() implements LogCommand {}

  /** Append an entry, if its condition holds and it was not appended before. */
  record Append(AppendRequest request) implements LogCommand {}

  /** Drop everything below a position. */
  record Trim(LogPosition before) implements LogCommand {}
}
