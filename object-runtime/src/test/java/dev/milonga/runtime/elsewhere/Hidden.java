package dev.milonga.runtime.elsewhere;

import dev.milonga.annotations.Mutator;

/** A superclass whose mutator no subclass outside its package can override. */
public class Hidden {

  private int count;

  @Mutator
  void add(int n) {
    count += n;
  }
}
