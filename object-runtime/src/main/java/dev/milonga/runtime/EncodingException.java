package dev.milonga.runtime;

import org.jspecify.annotations.Nullable;

/**
 * A value that was passed to a replicated object cannot be carried by its log. Nothing is durable,
 * and no replica has changed.
 */
public final class EncodingException extends RuntimeException {

  /** The value cannot be encoded; the message names it, the place, and the remedy. */
  public EncodingException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
