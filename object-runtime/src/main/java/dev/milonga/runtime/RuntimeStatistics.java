package dev.milonga.runtime;

import java.util.Collection;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

/**
 * What a client of a log has done since it was opened, and how its objects stand. The numbers are
 * live: each call looks anew, at every object that is open where it says so, and numbers read one
 * after the other belong to one moment only if nothing runs. May be used from any thread, also when
 * the client is closed, and never blocks.
 *
 * <p>A read that finds its view up to date, which is one of a few nanoseconds, is not counted.
 */
public final class RuntimeStatistics {

  private final Calls calls;
  private final OpenSnapshots snapshots;
  private final Supplier<Collection<View<?>>> views; // of the objects that are open

  RuntimeStatistics(Calls calls, OpenSnapshots snapshots, Supplier<Collection<View<?>>> views) {
    this.calls = calls;
    this.snapshots = snapshots;
    this.views = views;
  }

  /** Calls of mutators that a thread waited for, outside of transactions. */
  public long mutatorCalls() {
    return calls.writes();
  }

  /** Calls of mutators that no thread waited for. */
  public long asyncCalls() {
    return calls.asyncWrites();
  }

  /** Transactions whose writes were sent to the log, accepted or not. */
  public long commits() {
    return calls.commits();
  }

  /** Reads that found their view behind, and brought it up. */
  public long syncs() {
    return sum(View::syncs);
  }

  /** Log entries that were applied to views. */
  public long entriesApplied() {
    return sum(View::entriesApplied);
  }

  /** How often a view went on from a checkpoint: when it was opened, or had fallen behind. */
  public long reloads() {
    return sum(View::reloads);
  }

  /** Objects that are open. */
  public int objects() {
    return views.get().size();
  }

  /** Objects whose view stands still, at an entry that it cannot apply. */
  public long haltedViews() {
    return sum(view -> view.isHalted() ? 1 : 0);
  }

  /**
   * How far the view that is furthest behind is from the end of its stream, in log positions, as
   * far as this client knows the end without asking: 0 if none is behind. A view that nobody reads
   * is not brought up, and so may be behind for long.
   */
  public long viewLag() {
    long knownTail = calls.knownTail().value();
    long most = 0;
    for (View<?> view : views.get()) {
      most = Math.max(most, view.lag(knownTail));
    }
    return most;
  }

  /** Transactions and snapshot blocks that are open and have read something. */
  public int openSnapshots() {
    return snapshots.taken().length;
  }

  /** States of objects that are in memory for open blocks, the present ones not counted. */
  public long versionsKept() {
    return sum(view -> view instanceof VersionedView<?> versioned ? versioned.versions() - 1 : 0);
  }

  /** Calls of mutators that no thread waits for and whose outcome is not known yet. */
  public long asyncInFlight() {
    return sum(View::asyncInFlight);
  }

  private long sum(ToLongFunction<View<?>> part) {
    long sum = 0;
    for (View<?> view : views.get()) {
      sum += part.applyAsLong(view);
    }
    return sum;
  }
}
