package dev.milonga.runtime;

import org.jspecify.annotations.Nullable;

/**
 * Why a state cannot be copied, written or read. On its way out of nested values it gathers the
 * path to the place, and leaves this package as the text of a public exception.
 */
final class StateFailure extends RuntimeException {

  private static final int PATH_MAX = 200;

  private final StringBuilder path = new StringBuilder();

  StateFailure(String message) {
    this(message, null);
  }

  private StateFailure(String message, @Nullable Throwable cause) {
    super(message, cause, false, false);
  }

  /** The failure that {@code e} is or means, which happened in that part of the value. */
  static StateFailure in(String part, RuntimeException e) {
    StateFailure failure = of(e);
    failure.path.insert(0, part);
    return failure;
  }

  /**
   * The failure that {@code e} is or means.
   *
   * @throws CallerFailure if it is that
   */
  static StateFailure of(RuntimeException e) {
    if (e instanceof CallerFailure passing) {
      throw passing;
    }
    if (e instanceof StateFailure failure) {
      return failure;
    }
    boolean told = e instanceof EncodingException || e instanceof DecodingException;
    return new StateFailure(told ? e.getMessage() : "it threw " + e, e);
  }

  /** Where in that whole, and why. */
  String describe(String whole) {
    String where = path.toString();
    if (where.length() > PATH_MAX) {
      int half = PATH_MAX / 2;
      where = where.substring(0, half) + " … " + where.substring(where.length() - half);
    }
    return whole + where + ": " + getMessage();
  }
}
