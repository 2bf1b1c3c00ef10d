package dev.milonga.log.server;

import dev.milonga.log.StoreException;
import org.jspecify.annotations.Nullable;

/**
 * A store does not hold all that it has acknowledged, and is not opened: the message says what is
 * missing. Nothing was changed. Restore the directory, as a whole, from a backup or a replica.
 */
public final class DamagedStoreException extends StoreException {

  private final String what;

  DamagedStoreException(String where, String what, @Nullable Throwable cause) {
    super(
        "the store in "
            + where
            + " is damaged and was not opened: "
            + what
            + "; restore the whole directory from a backup",
        Durable.ALL,
        cause);
    this.what = what;
  }

  /** What is missing. */
  String what() {
    return what;
  }
}
