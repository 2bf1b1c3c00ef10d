package dev.milonga.bench.jmh;

import dev.milonga.annotations.Accessor;
import dev.milonga.annotations.Mutator;

/** The least object that makes no versions. */
public class PlainCell {

  private long value;

  /** Changes it. */
  @Mutator
  public void set(long newValue) {
    value = newValue;
  }

  /** Reads it. */
  @Accessor
  public long get() {
    return value;
  }
}
