package dev.milonga.log;

import org.jspecify.annotations.Nullable;

/**
 * The log server does not serve this client, and would not if it were asked again: it does not know
 * the client's token or certificate, does not allow the call to its role, is the server of another
 * log, or speaks another protocol. Nothing of the call is durable. The message says what to change.
 */
public final class LogRefusedException extends StoreException {

  /** The server refuses for that reason. */
  public LogRefusedException(String message, @Nullable Throwable cause) {
    super(message, Durable.NOTHING, cause);
  }
}
