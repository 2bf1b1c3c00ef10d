package dev.milonga.log;

import org.jspecify.annotations.Nullable;

/** Something that a store could not do. Its kind says what the caller can do about it. */
public abstract class StoreException extends RuntimeException {

  private final Durable durable;

  /** An exception after which that much of the refused operation is durable. */
  protected StoreException(String message, Durable durable, @Nullable Throwable cause) {
    super(message, cause);
    this.durable = durable;
  }

  /** How much of the operation that failed is, or will become, durable. */
  public Durable durable() {
    return durable;
  }

  /** How much of a failed operation is durable. */
  public enum Durable {
    /** None of it, now or later. */
    NOTHING,
    /** All of it. */
    ALL,
    /** All or nothing, and the caller cannot tell which. */
    UNKNOWN
  }
}
