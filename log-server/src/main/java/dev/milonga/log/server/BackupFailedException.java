package dev.milonga.log.server;

import dev.milonga.log.StoreException;
import org.jspecify.annotations.Nullable;

/**
 * A backup could not be written, read or restored, for a reason outside of its content: no room, no
 * such file, no permission, an interrupt. Nothing is left of what was to be made.
 */
public final class BackupFailedException extends StoreException {

  BackupFailedException(String message, @Nullable Throwable cause) {
    super(message, Durable.NOTHING, cause);
  }
}
