package dev.milonga.log;

import org.jspecify.annotations.Nullable;

/**
 * The log could not be reached, or could not make a write durable. What the call asked for may or
 * may not happen. A request with a {@link RequestId} can be retried safely.
 */
public final class LogUnavailableException extends StoreException {

  /** The log is unavailable for that reason. */
  public LogUnavailableException(String message, @Nullable Throwable cause) {
    super(message, Durable.UNKNOWN, cause);
  }
}
