package dev.milonga.runtime;

import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The scope in force on each thread: the one thing of the runtime that is bound to a thread. A
 * scope is in force only while {@link #call} runs its body, so it cannot outlive its block or leak
 * to the next user of a pooled thread. It holds for the objects of every store in the process, so
 * that no store can be called behind another one's back.
 */
public final class CallScopes {

  private static final ThreadLocal<CallScope> CURRENT = new ThreadLocal<>();

  private static final int STRIPES = 256; // a power of two
  private static final int STRIDE = 16; // ints; a stripe has a cache line to itself

  // How many scopes are in force on the threads of a stripe. A thread that has a scope has counted
  // it itself, in its own program order, so a thread that reads 0 has none, whatever others do
  // meanwhile. Threads of different stripes do not disturb each other.
  private static final AtomicIntegerArray OPEN = new AtomicIntegerArray(STRIPES * STRIDE);

  private CallScopes() {}

  /** The scope in force on this thread, if any. */
  public static @Nullable CallScope current() {
    return OPEN.get(stripe()) == 0 ? null : CURRENT.get();
  }

  private static int stripe() {
    return ((int) Thread.currentThread().getId() & (STRIPES - 1)) * STRIDE;
  }

  /**
   * Runs {@code body} with {@code scope} in force on this thread, and then the one before again.
   */
  public static <R extends @Nullable Object> R call(CallScope scope, Supplier<R> body) {
    return within(scope, body);
  }

  /** Runs {@code body}, which is not part of the block that runs it, without its scope. */
  static <R extends @Nullable Object> R outside(Supplier<R> body) {
    return current() == null ? body.get() : within(null, body);
  }

  private static <R extends @Nullable Object> R within(
      @Nullable CallScope scope, Supplier<R> body) {
    CallScope before = CURRENT.get();
    int stripe = stripe();
    OPEN.incrementAndGet(stripe);
    CURRENT.set(scope);
    try {
      return body.get();
    } finally {
      if (before == null) {
        CURRENT.remove();
      } else {
        CURRENT.set(before);
      }
      OPEN.decrementAndGet(stripe);
    }
  }
}
