package dev.milonga.cli;

import org.jspecify.annotations.Nullable;

/** A command cannot do what was asked for, for a reason its message tells the user in full. */
final class CommandFailedException extends RuntimeException {

  CommandFailedException(String message) {
    this(message, null);
  }

  CommandFailedException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
