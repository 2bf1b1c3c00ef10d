package dev.milonga.txn;

import dev.milonga.log.EntryTooLargeException;
import dev.milonga.log.LogPosition;
import dev.milonga.runtime.CallScope;
import dev.milonga.runtime.CallScopes;
import dev.milonga.runtime.Change;
import dev.milonga.runtime.Environment;
import dev.milonga.runtime.HeldSnapshot;
import dev.milonga.runtime.LogContext;
import dev.milonga.runtime.ObjectHandle;
import dev.milonga.runtime.ObjectRuntime;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the transactional blocks of one client: each attempt in a scope of its own, again if it has
 * lost, until it commits, throws, or has used up its retries or its time. Thread-safe.
 */
public final class Transactions {

  private static final Logger LOG = LoggerFactory.getLogger(Transactions.class);

  private final ObjectRuntime runtime;
  private final Environment environment;
  private final Backoff backoff;
  private final LongAdder commits = new LongAdder();
  private final LongAdder readOnly = new LongAdder();
  private final LongAdder conflicts = new LongAdder();
  private final LongAdder snapshotsTooOld = new LongAdder();
  private final LongAdder userExceptions = new LongAdder();
  private final LongAdder tooLarge = new LongAdder();
  private final LongAdder givenUp = new LongAdder();
  private final LongAdder rightsOfWay = new LongAdder();

  /**
   * The transactions of that client. Its environment tells blocks the time that {@code
   * Deterministic.now()} says in their mutators, seeds what {@code Deterministic.random()} draws in
   * them, and jitters retries.
   */
  public Transactions(ObjectRuntime runtime) {
    this.runtime = runtime;
    this.environment = runtime.environment();
    this.backoff = new Backoff(environment);
    runtime.runBlocksWith(
        (readOnly, body) -> readOnly ? snapshot(body) : transact(TransactionOptions.DEFAULT, body));
  }

  /**
   * Runs a block as one transaction. Inside another transaction of the same client the block joins
   * that one; if it throws, what it has written is undone and what it has read still counts.
   *
   * @throws TransactionConflictException if the retries or the time are used up; nothing is durable
   * @throws EntryTooLargeException if the block writes more than fits into one entry; nothing is
   *     durable
   * @throws dev.milonga.log.LogUnavailableException if it is not known whether the commit took
   *     place
   */
  public <R extends @Nullable Object> R transact(TransactionOptions options, Supplier<R> block) {
    CallScope scope = CallScopes.current();
    if (scope instanceof TransactionScope outer && outer.runtime() == runtime) {
      return joined(outer, options.readOnly(), block);
    }
    if (scope instanceof SnapshotScope && options.readOnly()) {
      return block.get();
    }
    if (scope != null) {
      throw new IllegalStateException(
          "a transaction was begun inside "
              + (scope instanceof SnapshotScope
                  ? "a block that only reads"
                  : scope instanceof TransactionScope
                      ? "a transaction of another store"
                      : "a mutator or another block")
              + "; begin it outside");
    }
    return options.readOnly() ? snapshotAlone(block) : transactAlone(options, block);
  }

  /**
   * Runs a block that only reads on one snapshot of all objects. It never aborts; on plain objects
   * under write load it may be run again.
   */
  public <R extends @Nullable Object> R snapshot(Supplier<R> block) {
    return transact(TransactionOptions.DEFAULT.asReadOnly(), block);
  }

  /** How the transactions have ended so far. */
  public TransactionStatistics statistics() {
    return new TransactionStatistics(
        commits.sum(),
        readOnly.sum(),
        conflicts.sum(),
        snapshotsTooOld.sum(),
        userExceptions.sum(),
        tooLarge.sum(),
        givenUp.sum(),
        rightsOfWay.sum(),
        runtime.versionsKept());
  }

  private static <R extends @Nullable Object> R joined(
      TransactionScope outer, boolean readOnly, Supplier<R> block) {
    int savepoint = outer.savepoint();
    if (readOnly) {
      outer.enterReadOnly();
    }
    try {
      return block.get();
    } catch (Throwable e) {
      outer.rollBackTo(savepoint);
      throw e;
    } finally {
      if (readOnly) {
        outer.leaveReadOnly();
      }
    }
  }

  private <R extends @Nullable Object> R snapshotAlone(Supplier<R> block) {
    try (HeldSnapshot held = runtime.holdSnapshot()) {
      return onOneSnapshot(held, block);
    }
  }

  private <R extends @Nullable Object> R onOneSnapshot(HeldSnapshot held, Supplier<R> block) {
    SnapshotScope scope = new SnapshotScope(runtime, held);
    Set<ObjectHandle<?>> touched = new LinkedHashSet<>();
    while (true) {
      try {
        R result = CallScopes.call(scope, block);
        if (!scope.isStale()) {
          readOnly.increment();
          return result;
        }
      } catch (Throwable e) {
        if (!scope.isStale() || e instanceof VirtualMachineError) {
          userExceptions.increment();
          throw e;
        }
      }
      touched.addAll(scope.touched());
      PrivateCopies.Taken taken = PrivateCopies.of(touched, held);
      scope = new SnapshotScope(runtime, held, taken.position(), taken.copies());
    }
  }

  private <R extends @Nullable Object> R transactAlone(
      TransactionOptions options, Supplier<R> block) {
    long begun = environment.nanoTime();
    long timeoutNanos = TimeUnit.NANOSECONDS.convert(options.timeout()); // 292 years at most
    for (int losses = 0; ; losses++) {
      boolean first = losses >= Backoff.PATIENCE && backoff.takeRightOfWay();
      if (first) {
        rightsOfWay.increment();
      }
      try {
        return attempt(options, block);
      } catch (LostAttempt lost) {
        count(lost.conflict());
        if (losses >= options.retriesMax() || environment.nanoTime() - begun >= timeoutNanos) {
          givenUp.increment();
          throw exhausted(lost.conflict(), losses + 1);
        }
        logLoss(lost.conflict(), losses + 1);
      } finally {
        if (first) {
          backoff.returnRightOfWay();
        }
      }
      backoff.pause(losses);
    }
  }

  private <R extends @Nullable Object> R attempt(TransactionOptions options, Supplier<R> block) {
    try (HeldSnapshot held = runtime.holdSnapshot()) {
      TransactionScope scope =
          new TransactionScope(
              runtime, held, options.isolation(), nowMicros(), environment.random().nextLong());
      R result = run(scope, block);
      backoff.yieldToOthers();
      Optional<LogPosition> position = commit(scope);
      (position.isPresent() ? commits : readOnly).increment();
      return result;
    }
  }

  private <R extends @Nullable Object> R run(TransactionScope scope, Supplier<R> block) {
    try {
      return CallScopes.call(scope, block);
    } catch (Throwable e) {
      if (!(e instanceof VirtualMachineError)) {
        scope.ensureNotLost(); // the block may have thrown something else because of it
      }
      userExceptions.increment();
      throw e;
    }
  }

  private Optional<LogPosition> commit(TransactionScope scope) {
    try {
      return scope.commit();
    } catch (EntryTooLargeException e) {
      tooLarge.increment();
      throw e;
    }
  }

  private long nowMicros() {
    Instant now = environment.clock().instant();
    return Math.addExact(
        Math.multiplyExact(now.getEpochSecond(), 1_000_000L),
        TimeUnit.NANOSECONDS.toMicros(now.getNano()));
  }

  private void count(Conflict conflict) {
    switch (conflict.reason()) {
      case CONFLICT -> conflicts.increment();
      case SNAPSHOT_TOO_OLD -> snapshotsTooOld.increment();
    }
  }

  private void logLoss(Conflict conflict, int attempts) {
    if (LOG.isDebugEnabled()) {
      LogContext object = LogContext.of(conflict.object().name());
      conflict
          .winner()
          .map(object::at)
          .orElse(object)
          .run(
              () ->
                  LOG.debug("attempt {} of a transaction lost: {}", attempts, describe(conflict)));
    }
  }

  private TransactionConflictException exhausted(Conflict conflict, int attempts) {
    return new TransactionConflictException(
        "the transaction has lost "
            + attempts
            + (attempts == 1 ? " time" : " times")
            + " and is given up; nothing of it is durable. Last, "
            + describe(conflict)
            + ". Allow more retries or more time, touch fewer keys, or mark them with @ConflictKey",
        conflict.object().name(),
        conflict.winner(),
        attempts);
  }

  // What was read or to be written of which object, and which call has written it since.
  private String describe(Conflict conflict) {
    String read =
        conflict.call().map(call -> call + " of ").orElse("")
            + conflict.object()
            + (conflict.wasRead() ? ", read at " : ", to be written on the snapshot at ")
            + conflict.snapshot();
    return conflict
        .winner()
        .map(winner -> read + ", was written at " + winner + " by " + winners(conflict, winner))
        .orElse(read + ", can no longer be checked: the snapshot is too old");
  }

  private String winners(Conflict conflict, LogPosition winner) {
    List<Change> changes;
    try {
      changes = runtime.changesAt(conflict.object(), winner);
    } catch (RuntimeException e) {
      return "an entry that cannot be read any more (" + e.getMessage() + ")";
    }
    return changes.stream()
        .map(change -> change.call() + change.principal().map(who -> " of " + who).orElse(""))
        .collect(Collectors.joining(", "));
  }
}
