package dev.milonga.log.server;

import dev.milonga.log.StoreException;

/**
 * A store is open already, in this process or another one; the message says which. Close it there,
 * or share the open one.
 */
public final class StoreInUseException extends StoreException {

  StoreInUseException(String where, String owner) {
    super("the store in " + where + " is in use by " + owner, Durable.NOTHING, null);
  }
}
