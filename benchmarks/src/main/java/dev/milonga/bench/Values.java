package dev.milonga.bench;

import org.jspecify.annotations.Nullable;

/** Looks at what a read returned, so that the read cannot be optimized away. */
final class Values {

  private Values() {}

  /**
   * One operation, whose result is that value.
   *
   * @throws AssertionError if it is none of ours
   */
  static int check(@Nullable String value) {
    if (value == null || value.length() != 100) {
      throw new AssertionError("read '" + value + "' where a value of 100 characters was put");
    }
    return 1;
  }
}
