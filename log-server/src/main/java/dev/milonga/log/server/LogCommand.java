package dev.milonga.log.server;

import dev.milonga.log.AppendRequest;
import dev.milonga.log.LogPosition;
import dev.milonga.log.Principal;
import org.jspecify.annotations.Nullable;

/** What a {@link LogEngine} is told to do. */
sealed interface LogCommand {

  /** Give out a session number, under which nobody but {@code by} appends. */
  record OpenSession(@Nullable Principal by) implements LogCommand {

    /** A command of nobody in particular. */
    OpenSession() {
      this(null);
    }
  }

  /** Append an entry of {@code by}, if its condition holds and it was not appended before. */
  record Append(AppendRequest request, @Nullable Principal by) implements LogCommand {

    /** A command of nobody in particular. */
    Append(AppendRequest request) {
      this(request, null);
    }
  }

  /** Drop everything below a position. */
  record Trim(LogPosition before) implements LogCommand {}
}
