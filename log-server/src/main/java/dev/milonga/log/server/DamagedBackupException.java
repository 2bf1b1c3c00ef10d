package dev.milonga.log.server;

import dev.milonga.log.StoreException;
import java.nio.file.Path;

/**
 * A backup is not as it was written: cut off, altered, or no backup at all. The message names the
 * place. Nothing of it was put into a store. Copy the file again, or use another backup.
 */
public final class DamagedBackupException extends StoreException {

  DamagedBackupException(Path file, String what) {
    super(
        file + " cannot be used as a backup: " + what + "; copy it again, or use another one",
        Durable.NOTHING,
        null);
  }
}
