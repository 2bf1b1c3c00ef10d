package dev.milonga.bench;

import java.util.function.IntFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What the threads of one side do.
 *
 * @param threads how many there are, at least 1
 * @param operations what each does over and over, by the thread's number from 0
 * @param timedEvery how many operations there are to each one that is timed; 0 for none. What takes
 *     nanoseconds is timed now and then only, since reading the clock takes as long.
 * @param beside what one further thread does meanwhile, uncounted
 * @param attempts how many attempts there were so far, for transactions
 */
record Load(
    int threads,
    IntFunction<Operation> operations,
    int timedEvery,
    @Nullable Operation beside,
    Supplier<Attempts> attempts) {

  private static final int SELDOM = 64;

  /** Attempts of transactions, and those of them that were aborted. */
  record Attempts(long all, long aborted) {

    static final Attempts NONE = new Attempts(0, 0);

    Attempts minus(Attempts before) {
      return new Attempts(all - before.all, aborted - before.aborted);
    }

    Attempts plus(Attempts more) {
      return new Attempts(all + more.all, aborted + more.aborted);
    }
  }

  /** Operations of which each is timed. */
  static Load timed(int threads, Operation operation) {
    return new Load(threads, thread -> operation, 1, null, () -> Attempts.NONE);
  }

  /** Operations of nanoseconds, of which a few are timed. */
  static Load sampled(int threads, Operation operation) {
    return new Load(threads, thread -> operation, SELDOM, null, () -> Attempts.NONE);
  }

  /** Operations that return before they are done, or that are many at once: none is timed. */
  static Load untimed(int threads, Operation operation) {
    return new Load(threads, thread -> operation, 0, null, () -> Attempts.NONE);
  }

  Load beside(Operation other) {
    return new Load(threads, operations, timedEvery, other, attempts);
  }

  Load counting(Supplier<Attempts> counter) {
    return new Load(threads, operations, timedEvery, beside, counter);
  }
}
