package dev.milonga.log.server;

import dev.milonga.log.StoreException;

/**
 * A store was written by a newer version of this program, in a format that this one cannot read. It
 * is not opened and not changed. Open it with that version or a later one.
 */
public final class NewerFormatException extends StoreException {

  NewerFormatException(String where, int version, int versionMax) {
    super(
        "the store in "
            + where
            + " has format "
            + version
            + ", this program reads formats up to "
            + versionMax
            + "; open it with the version that wrote it, or a later one",
        Durable.ALL,
        null);
  }
}
