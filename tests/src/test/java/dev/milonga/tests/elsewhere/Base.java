package dev.milonga.tests.elsewhere;

import dev.milonga.annotations.Accessor;
import dev.milonga.annotations.Mutator;

/** A superclass that tests in another package extend. */
public abstract class Base {

  private long sum;

  protected Base(long sum) {
    this.sum = sum;
  }

  /** The part of the state that a subclass copies. */
  protected static long sumOf(Base base) {
    return base.sum;
  }

  @Mutator
  protected long addHidden(long n) {
    sum += n;
    return sum;
  }

  @Accessor
  protected long hidden() {
    return sum;
  }

  @Mutator
  public long addOpen(long n) {
    sum += n;
    return sum;
  }

  @Accessor
  public long open() {
    return sum;
  }

  public long both() {
    return hidden() + open();
  }
}
