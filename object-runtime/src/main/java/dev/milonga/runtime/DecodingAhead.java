package dev.milonga.runtime;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Who decodes the elements of a state, and how many batches of them before they are asked for. A
 * large state is decoded on one processor while another builds up the object; where there is none
 * to spare, who asks for a batch that nobody has begun decodes it. Immutable.
 */
final class DecodingAhead {

  /** Who asks decodes, a batch at a time. */
  static final DecodingAhead NONE = new DecodingAhead(1, 1, null, null);

  private static final int BATCHES = 3;
  private static final int ROWS = 4_096; // of a batch: handing it over then costs little

  private final int batches;
  private final int rows;
  private final @Nullable Executor threads; // null iff waiting is
  private final @Nullable Waiting waiting;

  private DecodingAhead(
      int batches, int rows, @Nullable Executor threads, @Nullable Waiting waiting) {
    this.batches = batches;
    this.rows = rows;
    this.threads = threads;
    this.waiting = waiting;
  }

  /** By those threads. */
  static DecodingAhead on(Executor threads, Waiting waiting) {
    return new DecodingAhead(BATCHES, ROWS, threads, waiting);
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
    if (threads == null || waiting == null) {
      return task;
    }
    Begun<V> begun = new Begun<>(task);
    threads.execute(begun);
    Waiting patience = waiting;
    return () -> {
      begun.run();
      return patience.await(begun.result);
    };
  }

  /** A task that is done by whoever comes first. */
  private static final class Begun<V> implements Runnable {

    final CompletableFuture<V> result = new CompletableFuture<>();
    private final Supplier<V> task;
    private final AtomicBoolean taken = new AtomicBoolean();

    Begun(Supplier<V> task) {
      this.task = task;
    }

    @Override
    public void run() {
      if (taken.compareAndSet(false, true)) {
        try {
          result.complete(CallScopes.call(ApplyScope.INSTANCE, task));
        } catch (Throwable e) {
          result.completeExceptionally(e); // belongs to who asks
        }
      }
    }
  }
}
