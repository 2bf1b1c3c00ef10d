package dev.milonga.collections;

import dev.milonga.annotations.Accessor;
import dev.milonga.annotations.LogicalName;
import dev.milonga.annotations.Mutator;
import dev.milonga.annotations.Snapshots;
import dev.milonga.annotations.Versioned;
import java.util.Iterator;
import java.util.List;

/**
 * A replicated {@code long}, which starts at 0 and wraps around on overflow, as {@link
 * java.util.concurrent.atomic.AtomicLong} does.
 *
 * <p>{@link #add} is blind: it does not read the counter, so that transactions which only add to it
 * never conflict with each other. Every call is atomic. What is durable if a call throws is what
 * the store says about calls of replicated objects in general; no method here throws by itself.
 */
@LogicalName("counter")
public class ReplicatedCounter implements Versioned<ReplicatedCounter>, Snapshots<Long> {

  private long sum;

  /** A counter at 0. Used by itself it is a local object, not thread-safe. */
  public ReplicatedCounter() {}

  /** Adds that number, which may be negative, without reading the counter. */
  @Mutator("add")
  public void add(long delta) {
    sum += delta;
  }

  /** Adds 1 without reading the counter. */
  public void increment() {
    add(1);
  }

  /** Subtracts 1 without reading the counter. */
  public void decrement() {
    add(-1);
  }

  /**
   * Adds that number, which may be negative, and returns the sum. Two calls with a positive number
   * never return the same sum, short of a wrap-around.
   */
  @Mutator("addAndGet")
  public long addAndGet(long delta) {
    sum += delta;
    return sum;
  }

  /** The current value. */
  @Accessor
  public long get() {
    return sum;
  }

  @Override
  public ReplicatedCounter fork() {
    ReplicatedCounter fork = new ReplicatedCounter();
    fork.sum = sum;
    return fork;
  }

  @Override
  public Iterator<Long> snapshot() {
    return List.of(sum).iterator();
  }

  @Override
  public void restore(Iterator<Long> elements) {
    sum = elements.next();
  }

  /** The current value in decimal. */
  @Override
  public String toString() {
    return Long.toString(get());
  }
}
