package dev.milonga.log.server;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A file is missing, or does not hold what was written to it. Any other {@link IOException} of a
 * storage is a failed call of the system, after which everything may be there all the same.
 */
final class DamagedFilesException extends IOException {

  /** What is wrong with which file is in that message. */
  DamagedFilesException(@Nullable String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
