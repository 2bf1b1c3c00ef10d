package dev.milonga.log.server;

import dev.milonga.log.StoreException;

/**
 * A store or a backup was written by a newer version of this program, in a format that this one
 * cannot read. It is not opened and not changed. Open it with that version or a later one.
 */
public final class NewerFormatException extends StoreException {

  NewerFormatException(String where, int version, int versionMax) {
    this("the store in " + where, version, versionMax, "open");
  }

  private NewerFormatException(String what, int version, int versionMax, String use) {
    super(
        what
            + " has format "
            + version
            + ", this program reads formats up to "
            + versionMax
            + "; "
            + use
            + " it with the version that wrote it, or a later one",
        Durable.ALL,
        null);
  }

  static NewerFormatException ofBackup(String file, int version, int versionMax) {
    return new NewerFormatException("the backup " + file, version, versionMax, "restore");
  }
}
