package dev.milonga.tests;

import dev.milonga.annotations.Accessor;
import dev.milonga.annotations.Mutator;
import dev.milonga.annotations.Transactional;

/** An interface that is opened as such, with a transaction in it. */
public interface Tray {

  @Mutator
  void put(int pieces);

  @Accessor
  int pieces();

  @Transactional
  default int putUpTo(int limit) {
    if (pieces() < limit) {
      put(limit - pieces());
    }
    return pieces();
  }

  /** What it is made of. */
  final class Wooden implements Tray {
    private int pieces;

    @Override
    public void put(int more) {
      pieces += more;
    }

    @Override
    public int pieces() {
      return pieces;
    }
  }
}
