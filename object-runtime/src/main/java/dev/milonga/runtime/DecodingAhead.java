package dev.milonga.runtime;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/**
 * Who decodes the elements of a state, and how many batches of them before they are asked for. A
 * large state is decoded on one processor while another builds up the object. Immutable.
 */
final class DecodingAhead {

  /** Who asks decodes, a batch at a time. */
  static final DecodingAhead NONE = new DecodingAhead(1, 1, Starter.LATER);

  private static final int BATCHES = 4;
  private static final int ROWS = 1_024; // of a batch: handing it over then costs little

  private final int batches;
  private final int rows;
  private final Starter starter;

  private interface Starter {

    Starter LATER =
        new Starter() {
          @Override
          public <V> Supplier<V> start(Supplier<V> task) {
            return task;
          }
        };

    <V> Supplier<V> start(Supplier<V> task);
  }

  private DecodingAhead(int batches, int rows, Starter starter) {
    this.batches = batches;
    this.rows = rows;
    this.starter = starter;
  }

  /** By those threads. */
  static DecodingAhead on(Executor threads, Waiting waiting) {
    return new DecodingAhead(
        BATCHES,
        ROWS,
        new Starter() {
          @Override
          public <V> Supplier<V> start(Supplier<V> task) {
            CompletableFuture<V> done =
                CompletableFuture.supplyAsync(
                    () -> CallScopes.call(ApplyScope.INSTANCE, task), threads);
            return () -> waiting.await(done);
          }
        });
  }

  /** How many batches to have begun, at least 1. */
  int batches() {
    return batches;
  }

  /** How many rows to put together into a batch, at least. */
  int rows() {
    return rows;
  }

  /** Begins a task, which depends on nothing but what it was given; the supplier has its result. */
  <V> Supplier<V> begin(Supplier<V> task) {
    return starter.start(task);
  }
}
