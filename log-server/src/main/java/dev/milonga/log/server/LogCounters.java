package dev.milonga.log.server;

import dev.milonga.log.ConflictException;
import dev.milonga.log.RequestMismatchException;
import dev.milonga.log.SessionExpiredException;
import dev.milonga.log.server.Outcome.Refused;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/**
 * What a log has done since it was opened, in numbers. They cost next to nothing: what happens once
 * for each batch is added by the thread that commits it, and released with plain writes; what any
 * thread does is added up in {@link LongAdder}s.
 */
final class LogCounters {

  /** What took longer than that is counted by itself, in ascending order. */
  static final List<Long> SLOW_NANOS = List.of(10_000_000L, 100_000_000L, 1_000_000_000L);

  private final LongSupplier nanoTime;

  // Written by who commits, one thread after the other, each of which sees what the one before it
  // has written; read by anyone.
  final AtomicLong appends = new AtomicLong();
  final AtomicLong appendedBytes = new AtomicLong();
  final AtomicLong requests = new AtomicLong();
  final AtomicLong batches = new AtomicLong();
  final AtomicLong commitNanos = new AtomicLong();
  final AtomicLong[] slowCommits = {new AtomicLong(), new AtomicLong(), new AtomicLong()};
  final AtomicLong conflicts = new AtomicLong();
  final AtomicLong sessionsExpired = new AtomicLong();
  final AtomicLong mismatches = new AtomicLong();
  final AtomicLong invalid = new AtomicLong();
  final AtomicLong sessions = new AtomicLong();
  final AtomicLong streams = new AtomicLong();

  // Added to by anyone.
  final LongAdder tooLarge = new LongAdder();
  final LongAdder overloaded = new LongAdder();
  final LongAdder unavailable = new LongAdder();
  final LongAdder readsFromMemory = new LongAdder();
  final LongAdder readsFromStore = new LongAdder();

  /**
   * All zero.
   *
   * @param nanoTime a clock that never goes back, in nanoseconds
   */
  LogCounters(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  long nanoTime() {
    return nanoTime.getAsLong();
  }

  /** Takes in a batch whose writing began at {@code begunNanos} and is done. */
  void committed(LogEngine.Applied applied, long begunNanos) {
    long took = nanoTime() - begunNanos;
    List<AcceptedEntry> entries = applied.writes().entries();
    long bytes = 0;
    for (int i = 0; i < entries.size(); i++) {
      bytes += entries.get(i).bytes().length;
    }
    add(batches, 1);
    add(commitNanos, took);
    add(requests, applied.outcomes().size());
    add(appends, entries.size());
    add(appendedBytes, bytes);
    for (int i = 0; i < slowCommits.length && took > SLOW_NANOS.get(i); i++) {
      add(slowCommits[i], 1);
    }
    if (entries.size() < applied.outcomes().size()) {
      applied.outcomes().forEach(this::countIfRefused);
    }
  }

  /** Takes in a batch that was not written. */
  void failed(List<Request<?>> batch) {
    for (Request<?> request : batch) {
      if (request.bytes() > 0) { // else it is the log's own, to see whether there is room
        unavailable.increment();
      }
    }
  }

  /** Takes in how much the engine remembers. */
  void remembers(LogEngine engine) {
    sessions.setRelease(engine.sessionCount());
    streams.setRelease(engine.streamCount());
  }

  private void countIfRefused(Outcome outcome) {
    if (outcome instanceof Refused refused) {
      RuntimeException cause = refused.cause();
      add(
          cause instanceof ConflictException
              ? conflicts
              : cause instanceof SessionExpiredException
                  ? sessionsExpired
                  : cause instanceof RequestMismatchException ? mismatches : invalid,
          1);
    }
  }

  private static void add(AtomicLong sum, long more) {
    sum.setRelease(sum.getPlain() + more);
  }
}
