package dev.milonga.runtime;

import dev.milonga.annotations.Accessor;
import dev.milonga.annotations.Deterministic;
import dev.milonga.annotations.Mutator;
import dev.milonga.annotations.Versioned;
import java.time.Instant;
import java.util.UUID;

/** A class that makes versions of itself. */
public class Tally implements Versioned<Tally> {

  private long total;
  private UUID last = new UUID(0, 0);
  private Instant changed = Instant.EPOCH;

  @Mutator
  public long add(long n) {
    total += n;
    if (n < 0) {
      throw new IllegalArgumentException("n must be >= 0, was " + n);
    }
    last = Deterministic.uuid();
    changed = Deterministic.now();
    return total;
  }

  @Accessor
  public long total() {
    return total;
  }

  @Accessor
  public UUID last() {
    return last;
  }

  @Accessor
  public Instant changed() {
    return changed;
  }

  @Override
  public Tally fork() {
    Tally fork = new Tally();
    fork.total = total;
    fork.last = last;
    fork.changed = changed;
    return fork;
  }
}
