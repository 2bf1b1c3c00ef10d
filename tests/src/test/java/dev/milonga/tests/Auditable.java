package dev.milonga.tests;

import dev.milonga.annotations.Accessor;
import dev.milonga.annotations.Transactional;

/** An interface that brings a transaction along. */
public interface Auditable {

  @Accessor
  long total();

  /** How much more there is in the first than in the second, at one moment. */
  @Transactional(readOnly = true)
  long difference(String first, String second);

  @Transactional(readOnly = true)
  default String audit(long expected) {
    return total() == expected ? "fine" : "off by " + (total() - expected);
  }
}
