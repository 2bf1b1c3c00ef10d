package dev.milonga.checkpoint;

import dev.milonga.log.ConflictException;
import dev.milonga.log.LogPosition;
import dev.milonga.log.SharedLog;
import dev.milonga.log.StoreClosedException;
import dev.milonga.log.StoreException;
import dev.milonga.log.StreamId;
import dev.milonga.log.TrimmedException;
import dev.milonga.runtime.Checkpoint;
import dev.milonga.runtime.EncodingException;
import dev.milonga.runtime.Environment;
import dev.milonga.runtime.LogContext;
import dev.milonga.runtime.ObjectRuntime;
import dev.milonga.runtime.StoreSnapshot;
import dev.milonga.runtime.TrimLedger;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the states of all objects into the log, so that opening them does not replay their whole
 * history, and trims what nobody needs any more.
 *
 * <p><b>A checkpoint</b> is taken of all objects as of one position, without stopping writers, and
 * counts object by object when it is complete. A crash in between leaves the ones before in force.
 *
 * <p><b>Trimming</b> drops the log's oldest entries for good, and with them the history that they
 * tell. It keeps what is needed to open every object, what {@link #retain} asks for, and what is
 * held by a {@link #lease} or by a cursor. An object that is not open in this store, and was
 * written since its last checkpoint, holds the log back until it is opened once.
 *
 * <p><b>In the background</b> a durable store that is opened from a directory checkpoints by itself
 * when replaying what was written since would take long. It trims after that only if {@link
 * #retain} was ever called on the store.
 *
 * <p>Thread-safe. One checkpoint of a store is taken at a time, and one trim; other callers wait.
 */
public final class Checkpointer implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Checkpointer.class);

  /** Objects whose last entry is on its way while the next ones are being written. */
  private static final int UNDER_WAY_MAX = 32;

  private static final long POLL_NANOS = 100_000_000;

  private static final TrimLedger.Retention NOTHING_MORE =
      new TrimLedger.Retention(1, Duration.ZERO);

  private final ObjectRuntime runtime;
  private final SharedLog log;
  private final Environment environment;
  private final ReentrantLock checkpointing = new ReentrantLock();
  private final ReentrantLock trimming = new ReentrantLock();
  private final ReentrantLock closing = new ReentrantLock(); // taken before the other two

  private final CheckpointStatistics statistics = new CheckpointStatistics();

  private volatile boolean closed; // goes to true once
  private volatile @Nullable Background background; // set at most once, taken back by close
  private volatile @Nullable Blocks blocks; // likewise
  private volatile @Nullable CheckpointProgress progress; // written under checkpointing
  private volatile @Nullable CheckpointReport lastCheckpoint; // written under checkpointing
  private volatile @Nullable TrimReport lastTrim; // written under trimming

  /**
   * The checkpointer of that client, in whose environment it takes the time and runs in the
   * background.
   */
  public Checkpointer(ObjectRuntime runtime) {
    this.runtime = runtime;
    this.log = runtime.log();
    this.environment = runtime.environment();
  }

  /**
   * Checkpoints in the background from now on, whenever replaying what was written since the last
   * time would take longer than that, until this is closed. Called once, by the store.
   */
  public void runInBackground(Duration replayMax) {
    BackgroundCheckpoints task = new BackgroundCheckpoints(this, runtime, replayMax);
    background = new Background(task, environment.every(POLL_NANOS, task::poll));
  }

  /**
   * Holds the log, from now on until this is closed, for blocks that last: transactions, snapshots
   * and blocks in the past. Called once, by the store.
   *
   * @param length of the leases that it takes for them, more than zero
   */
  public void holdForBlocks(Duration length) {
    BlockLease lease = new BlockLease(runtime, length);
    blocks = new Blocks(lease, environment.every(lease.pauseNanos(), lease::look));
  }

  private record Blocks(BlockLease lease, Environment.Repetition looks) {}

  private record Background(BackgroundCheckpoints task, Environment.Repetition polls) {}

  /**
   * Checkpoints all objects now, and returns when that is done. What cannot be checkpointed stands
   * in the report; it keeps the checkpoint that it has.
   *
   * @throws IllegalStateException if called inside a transaction or another block; nothing was done
   * @throws StoreException if the log fails; objects that were dealt with before have their
   *     checkpoints
   * @throws CancellationException if the store is closed meanwhile; likewise
   */
  public CheckpointReport checkpoint() {
    return checkpoint(() -> closed, true);
  }

  private CheckpointReport checkpoint(BooleanSupplier stopped, boolean gently) {
    checkpointing.lock();
    try {
      Cycle cycle = new Cycle(runtime.storeSnapshot(gently), stopped);
      try {
        CheckpointReport report = cycle.run();
        lastCheckpoint = report;
        statistics.completed(report);
        return report;
      } catch (RuntimeException | Error e) {
        statistics.gaveUp();
        throw e;
      } finally {
        progress = null;
      }
    } finally {
      checkpointing.unlock();
    }
  }

  /** What this checkpointer has done; always the same object. */
  public CheckpointStatistics statistics() {
    return statistics;
  }

  /** One checkpoint of all objects. Confined to the thread that takes it. */
  private final class Cycle {

    private final StoreSnapshot snapshot;
    private final BooleanSupplier stopped;
    private final long begun = environment.nanoTime();
    private final Map<String, String> failed = new TreeMap<>();
    private final ArrayDeque<Ending> endings = new ArrayDeque<>();
    private int done;
    private int written;
    private long bytes;

    private record Ending(String name, CompletableFuture<StoreSnapshot.Written> future) {}

    Cycle(StoreSnapshot snapshot, BooleanSupplier stopped) {
      this.snapshot = snapshot;
      this.stopped = stopped;
    }

    CheckpointReport run() {
      for (Optional<StoreSnapshot.Part> next = snapshot.next();
          next.isPresent();
          next = snapshot.next()) {
        begin(next.get());
        while (endings.size() > UNDER_WAY_MAX) {
          finishOldest();
        }
        done++;
        progress = new CheckpointProgress(snapshot.position(), done, snapshot.size(), bytes);
      }
      while (!endings.isEmpty()) {
        finishOldest();
      }
      Duration took = Duration.ofNanos(environment.nanoTime() - begun);
      return new CheckpointReport(snapshot.position(), written, bytes, took, failed);
    }

    private void begin(StoreSnapshot.Part part) {
      try {
        snapshot
            .write(part, stopped)
            .ifPresent(future -> endings.add(new Ending(part.name(), future)));
      } catch (RuntimeException e) {
        fail(part.name(), e);
      }
    }

    private void finishOldest() {
      Ending ending = endings.remove();
      try {
        StoreSnapshot.Written end = runtime.await(ending.future);
        written++;
        bytes += end.bytes();
      } catch (RuntimeException e) {
        fail(ending.name, e);
      }
    }

    // What concerns one object does not keep the others from their checkpoints.
    private void fail(String name, RuntimeException e) {
      if (e instanceof ConflictException) {
        failed.put(
            name, "another client has checkpointed it, or is repairing it, at the same time");
      } else if (e instanceof StoreClosedException closing) {
        throw closing;
      } else if (e instanceof CancellationException stopped) {
        throw stopped;
      } else {
        failed.put(name, String.valueOf(e.getMessage()));
        if (!(e instanceof EncodingException || e instanceof StoreException)) {
          LogContext.of(name).run(() -> LOG.debug("no checkpoint of \"{}\"", name, e));
        }
      }
    }
  }

  /** The checkpoint that this store has last taken, also in the background; empty if none yet. */
  public Optional<CheckpointReport> lastCheckpoint() {
    return Optional.ofNullable(lastCheckpoint);
  }

  /** The checkpoint that is being taken; empty if none is. */
  public Optional<CheckpointProgress> progress() {
    return Optional.ofNullable(progress);
  }

  /**
   * Sets what is kept whenever anybody trims this log, in addition to what is needed to open every
   * object. Durable, and in force for all clients of the log. From then on a store that checkpoints
   * in the background trims as well.
   *
   * @param checkpoints the log is kept from the so-manieth newest checkpoint of each object on; at
   *     least 1
   * @param time every entry that is not older is kept; zero keeps none for its age
   */
  public void retain(int checkpoints, Duration time) {
    runtime.trimLedger().retain(new TrimLedger.Retention(checkpoints, time));
  }

  /** What was asked to be kept; empty if nobody has, and then nothing is trimmed by itself. */
  public Optional<TrimLedger.Retention> retention() {
    return runtime.trimLedger().retention();
  }

  /**
   * Drops everything that nobody needs. Without a retention set, that is everything below the
   * newest checkpoint.
   *
   * @throws IllegalStateException if called inside a transaction or another block, which can be
   *     undone; nothing was trimmed
   * @throws StoreException if the log fails; the mark is as before, or has moved
   */
  public TrimReport trim() {
    ObjectRuntime.ensureNoScope("trim");
    trimming.lock();
    try {
      TrimLedger ledger = runtime.trimLedger();
      while (true) {
        LogPosition before = runtime.trimMark();
        TrimLedger.Standing standing = heldForBlocks(ledger.standing());
        TrimPlan plan = plan(standing);
        runtime.catchUp(plan.mark());
        if (ledger.agree(plan.mark().value(), standing.version())) {
          LogPosition mark = runtime.await(log.trim(plan.mark()));
          TrimReport report = new TrimReport(mark, before, plan.heldBackBy());
          lastTrim = report;
          statistics.trimmed();
          return report;
        }
      }
    } finally {
      trimming.unlock();
    }
  }

  // Those of this client are known without a lease, from their first moment on.
  private TrimLedger.Standing heldForBlocks(TrimLedger.Standing standing) {
    long oldest = runtime.oldestBlock().map(LogPosition::value).orElse(Long.MAX_VALUE);
    return oldest >= standing.held()
        ? standing
        : new TrimLedger.Standing(
            standing.mark(),
            Math.max(standing.mark(), oldest),
            "a block of this store that is open",
            standing.retention(),
            standing.now(),
            standing.version());
  }

  private TrimPlan plan(TrimLedger.Standing standing) {
    LogPosition tail = runtime.tail();
    Map<StreamId, List<Checkpoint>> checkpoints = new HashMap<>();
    for (Checkpoint each : runtime.checkpoints()) {
      checkpoints.computeIfAbsent(each.stream(), stream -> new ArrayList<>()).add(each);
    }
    List<TrimPlan.Subject> subjects = new ArrayList<>();
    runtime
        .names()
        .forEach(
            (stream, name) -> {
              List<Checkpoint> known = checkpoints.getOrDefault(stream, List.of());
              Optional<LogPosition> first =
                  known.isEmpty() ? runtime.firstEntry(stream) : Optional.empty();
              subjects.add(new TrimPlan.Subject(name, known, first));
            });
    return TrimPlan.of(subjects, standing.retention().orElse(NOTHING_MORE), standing, tail);
  }

  boolean isClosed() {
    return closed;
  }

  /** The trim that this store has last done, also in the background; empty if none yet. */
  public Optional<TrimReport> lastTrim() {
    return Optional.ofNullable(lastTrim);
  }

  /**
   * Keeps everything from a position on, for whoever trims, until the lease is closed or runs out.
   * All objects stay readable as of every moment from there on, as far as they are now.
   *
   * @param length more than zero and at most 36,500 days, in the time of the log
   * @throws TrimmedException if the position was trimmed already, or is about to be
   */
  public Lease lease(LogPosition from, Duration length) {
    Lease.checkLength(length);
    TrimLedger ledger = runtime.trimLedger();
    long number = ledger.lease(from.value(), length);
    if (number < 0) {
      throw new TrimmedException(from, new LogPosition(ledger.mark()));
    }
    return new Lease(ledger, number, from);
  }

  /**
   * Forgets a durable cursor of a change feed: it holds nothing any more, and a feed of that name
   * begins anew.
   *
   * @throws IllegalArgumentException if there is no cursor of that name, naming those that there
   *     are
   */
  public void forgetCursor(String cursor) {
    TrimLedger ledger = runtime.trimLedger();
    if (ledger.cursor(cursor).isEmpty()) {
      Set<String> known = ledger.cursors();
      throw new IllegalArgumentException(
          "there is no cursor \""
              + cursor
              + "\"; "
              + (known.isEmpty()
                  ? "this log has none"
                  : "there are \"" + String.join("\", \"", known) + "\""));
    }
    ledger.forget(cursor);
  }

  /**
   * Gives up the checkpoint that is being taken, if one is, and returns when that is done. If this
   * has checkpointed in the background, it takes a last one where that makes opening the store
   * again quicker; this takes about as long as the state takes to be written. Called by the store;
   * closing twice does nothing.
   */
  @Override
  public void close() {
    closed = true;
    closing.lock();
    try {
      checkpointing.lock();
      checkpointing.unlock();
      trimming.lock();
      trimming.unlock();
      Blocks held = blocks;
      blocks = null;
      if (held != null) {
        held.looks.end();
        held.lease.end();
      }
      Background running = background;
      background = null;
      if (running != null) {
        running.polls.end();
        running.task.close(() -> checkpoint(() -> false, false));
      }
    } finally {
      closing.unlock();
    }
  }
}
