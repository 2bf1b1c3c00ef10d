package dev.milonga.runtime.elsewhere;

import dev.milonga.annotations.Mutator;

/** A superclass whose mutator no subclass outside its package can override. */
public class Hidden {

  private int count;

  @Mutator
  void add(int n) {
    count += n;
  }

  /** Keeps the field read, so that the class is one that somebody might write. */
  protected final boolean isEmpty(Hidden other) {
    return other == null;
  }

  private int count() {
    return count;
  }

  /** The count of an object that is not replicated. */
  public static int countOf(Hidden plain) {
    return plain.count();
  }
}
