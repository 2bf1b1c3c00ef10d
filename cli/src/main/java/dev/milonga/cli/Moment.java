package dev.milonga.cli;

import dev.milonga.log.LogPosition;
import dev.milonga.runtime.LogInspector;
import java.time.Instant;
import java.time.InstantSource;
import java.time.format.DateTimeParseException;
import java.util.Optional;

/**
 * A moment in the life of a store, as it is named on the command line: a position or a time.
 *
 * @param position the entry that has just been applied; empty if a time is given
 * @param time empty if a position is given
 */
record Moment(Optional<LogPosition> position, Optional<Instant> time) {

  /**
   * @throws CommandFailedException if it is neither
   */
  static Moment parse(String text) {
    if (text.matches("\\d{1,18}")) {
      return new Moment(Optional.of(new LogPosition(Long.parseLong(text))), Optional.empty());
    }
    try {
      return new Moment(Optional.empty(), Optional.of(Instant.parse(text)));
    } catch (DateTimeParseException e) {
      throw new CommandFailedException(
          "\"" + text + "\" is neither a position nor a time like 2026-11-20T12:00:00Z", e);
    }
  }

  /**
   * The position before which everything is seen at that moment.
   *
   * @throws CommandFailedException if it has not come yet
   */
  LogPosition before(LogInspector inspector) {
    try {
      return position.isPresent()
          ? inspector.after(position.get())
          : inspector.firstAfter(time.orElseThrow(), InstantSource.system());
    } catch (IllegalArgumentException e) {
      throw new CommandFailedException(e.getMessage(), e);
    }
  }
}
