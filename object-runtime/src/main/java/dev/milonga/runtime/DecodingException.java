package dev.milonga.runtime;

import org.jspecify.annotations.Nullable;

/** Bytes from a log do not hold values of the types that were expected. */
public final class DecodingException extends RuntimeException {

  /** The bytes cannot be decoded; the message names the place and what was expected. */
  public DecodingException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
