package dev.milonga.log.server;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The file system has no room for what was to be written. Whether some of it was written shows when
 * the storage is opened again.
 */
final class DiskFullException extends IOException {

  /** There is no room, as that message says. */
  DiskFullException(@Nullable String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
