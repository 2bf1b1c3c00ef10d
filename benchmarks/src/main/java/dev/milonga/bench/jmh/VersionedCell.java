package dev.milonga.bench.jmh;

import dev.milonga.annotations.Accessor;
import dev.milonga.annotations.Mutator;
import dev.milonga.annotations.Versioned;

/** The least object that makes versions. */
public class VersionedCell implements Versioned<VersionedCell> {

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

  @Override
  public VersionedCell fork() {
    VersionedCell copy = new VersionedCell();
    copy.value = value;
    return copy;
  }
}
