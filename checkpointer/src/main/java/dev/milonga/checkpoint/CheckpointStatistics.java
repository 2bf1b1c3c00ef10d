package dev.milonga.checkpoint;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * What the checkpointer of a store has done since the store was opened. The numbers are live, and
 * those that are read one after the other belong to one moment only if nothing runs. May be used
 * from any thread, and never blocks.
 */
public final class CheckpointStatistics {

  private final AtomicLong completed = new AtomicLong();
  private final AtomicLong failed = new AtomicLong();
  private final AtomicLong bytes = new AtomicLong();
  private final AtomicLong nanos = new AtomicLong();
  private final AtomicLong trims = new AtomicLong();
  private volatile @Nullable Duration replay; // written by the background task

  CheckpointStatistics() {}

  void completed(CheckpointReport report) {
    bytes.addAndGet(report.bytes());
    nanos.addAndGet(TimeUnit.NANOSECONDS.convert(report.took()));
    completed.incrementAndGet();
  }

  void gaveUp() {
    failed.incrementAndGet();
  }

  void trimmed() {
    trims.incrementAndGet();
  }

  void estimated(Duration estimate) {
    replay = estimate;
  }

  /** Checkpoints of all objects that were taken to their end. */
  public long completed() {
    return completed.get();
  }

  /** Checkpoints of all objects that an error, or the end of the store, has ended before. */
  public long failed() {
    return failed.get();
  }

  /** Bytes of state that the completed ones have written. */
  public long bytes() {
    return bytes.get();
  }

  /** Nanoseconds that the completed ones took. */
  public long nanos() {
    return nanos.get();
  }

  /** Trims that have set the trim mark, or have found it where it was to be. */
  public long trims() {
    return trims.get();
  }

  /**
   * About how long replaying what was written since the last checkpoint would take, as of the last
   * time that the background task has looked, which it does once a second; empty if it does not
   * run.
   */
  public Optional<Duration> estimatedReplay() {
    return Optional.ofNullable(replay);
  }
}
