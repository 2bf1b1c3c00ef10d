package dev.milonga.tests;

import dev.milonga.annotations.Accessor;
import dev.milonga.annotations.Deterministic;
import dev.milonga.annotations.Mutator;
import dev.milonga.annotations.Versioned;
import java.time.Instant;
import java.util.UUID;

/** A class that makes versions of itself, and throws after it has changed something. */
public class Ledger implements Versioned<Ledger> {

  private long total;
  private long calls;
  private Instant changed = Instant.EPOCH;
  private UUID last = new UUID(0, 0);

  @Mutator
  public long add(long n) {
    total += n;
    calls++;
    changed = Deterministic.now();
    last = Deterministic.uuid();
    if (total < 0) {
      throw new IllegalArgumentException("the total would be " + total);
    }
    return total;
  }

  @Accessor
  public long total() {
    return total;
  }

  @Accessor
  public long calls() {
    return calls;
  }

  @Accessor
  public Instant changed() {
    return changed;
  }

  @Accessor
  public UUID last() {
    return last;
  }

  @Override
  public Ledger fork() {
    Ledger fork = new Ledger();
    fork.total = total;
    fork.calls = calls;
    fork.changed = changed;
    fork.last = last;
    return fork;
  }
}
