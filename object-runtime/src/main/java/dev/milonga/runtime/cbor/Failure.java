package dev.milonga.runtime.cbor;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/**
 * Why a value cannot be written or read. On its way out of nested values it gathers the path to the
 * place, and leaves the codec as the text of a public exception.
 */
final class Failure extends RuntimeException {

  private static final int PATH_MAX = 200;

  private final StringBuilder path = new StringBuilder();

  Failure(String message) {
    this(message, null);
  }

  Failure(String message, @Nullable Throwable cause) {
    super(message, cause, false, false);
  }

  /** The failure that {@code e} is or means, which happened in that part of the value. */
  static Failure in(String part, RuntimeException e) {
    Failure failure = of(e);
    failure.path.insert(0, part);
    return failure;
  }

  /** The failure that {@code e} is or means. */
  static Failure of(Throwable e) {
    if (e instanceof Failure failure) {
      return failure;
    }
    return e instanceof JacksonException refused
        ? new Failure(refused.getOriginalMessage(), e)
        : new Failure("it threw " + e, e);
  }

  /** Where and why, after the name of the whole. */
  String describe(String whole) {
    String where = path.toString();
    if (where.length() > PATH_MAX) {
      int half = PATH_MAX / 2;
      where = where.substring(0, half) + " … " + where.substring(where.length() - half);
    }
    if (where.startsWith(".")) {
      where = where.substring(1);
    }
    return whole + (where.isEmpty() ? "" : ", at " + where) + ": " + getMessage();
  }
}
