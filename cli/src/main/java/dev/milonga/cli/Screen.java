package dev.milonga.cli;

import java.io.PrintWriter;
import java.util.function.LongSupplier;

/**
 * Where a command writes to.
 *
 * @param out results, and nothing else: what a user pipes into the next program
 * @param err progress and errors
 * @param terminal whether {@code err} is a terminal, on which a line can be redrawn
 * @param nanoTime a clock that never goes back, in nanoseconds
 */
record Screen(PrintWriter out, PrintWriter err, boolean terminal, LongSupplier nanoTime) {

  /** Tells from now on how far a task of {@code total} steps is. */
  Progress progress(String task, String unit, long total) {
    return new Progress(this, task, unit, total);
  }
}
