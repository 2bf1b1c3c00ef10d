package dev.milonga.checkpoint;

import dev.milonga.log.LogPosition;
import dev.milonga.log.StoreClosedException;
import dev.milonga.runtime.Checkpoint;
import dev.milonga.runtime.LogContext;
import dev.milonga.runtime.ObjectRuntime;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checkpoints from time to time: when what was written since the last checkpoint would take longer
 * to replay than {@link #replayMax}, and several times longer than the checkpoint itself takes to
 * load. So both the time to open a store and the share of the log that checkpoints take up stay
 * bounded, and a small store has none. After each checkpoint the log is trimmed, if anybody has set
 * what is to be retained.
 *
 * <p>When the store is closed nobody is kept waiting but who closes it, so that less replay is
 * worth a checkpoint: {@link #CLOSING_PART} of {@link #replayMax}.
 */
final class BackgroundCheckpoints {

  private static final Logger LOG = LoggerFactory.getLogger(BackgroundCheckpoints.class);

  private static final int REPLAY_PER_LOADING = 4;
  private static final int CLOSING_PART = 10;

  private final Checkpointer checkpointer;
  private final ObjectRuntime runtime;
  private final Duration replayMax;

  // Held by poll, and then by close: ending the schedule does not wait for the last turn, which
  // goes on for no longer than it takes to see that the checkpointer is closed.
  private final ReentrantLock turn = new ReentrantLock();

  // Guarded by turn.
  private boolean resumed;
  private LogPosition lastPosition = LogPosition.FIRST;
  private long lastBytes;
  private LogPosition looked = LogPosition.FIRST; // the tail when there was nothing to do last

  BackgroundCheckpoints(Checkpointer checkpointer, ObjectRuntime runtime, Duration replayMax) {
    this.checkpointer = checkpointer;
    this.runtime = runtime;
    this.replayMax = replayMax;
  }

  private void resume(List<Checkpoint> stored) {
    for (Checkpoint each : stored) {
      if (each.upTo().compareTo(lastPosition) > 0) {
        lastPosition = each.upTo();
        lastBytes = 0;
      }
      lastBytes += each.upTo().equals(lastPosition) ? each.bytes() : 0;
    }
  }

  /** Checkpoints if it is time to. */
  void poll() {
    turn.lock();
    try {
      if (!checkpointer.isClosed() && isDue(replayMax)) {
        note(checkpointer.checkpoint());
        if (checkpointer.retention().isPresent()) {
          LOG.debug("trimmed in the background: {}", checkpointer.trim());
        }
      }
    } catch (CancellationException | StoreClosedException e) {
      LOG.debug("background checkpoints end: {}", e.getMessage());
    } catch (RuntimeException e) {
      if (checkpointer.isClosed()) {
        LOG.debug("background checkpoints end: {}", e.getMessage()); // it was interrupted
      } else {
        // Thrown on, it would end the schedule for good. The next turn may well succeed.
        LOG.warn("a background checkpoint failed, and will be tried again: {}", e.getMessage(), e);
      }
    } finally {
      turn.unlock();
    }
  }

  /**
   * Checkpoints for the last time if it is worth it. Called when the schedule has ended.
   *
   * @param checkpoint takes one without regard to others who write
   */
  void close(Supplier<CheckpointReport> checkpoint) {
    turn.lock();
    try {
      if (isDue(replayMax.dividedBy(CLOSING_PART))) {
        note(checkpoint.get());
      }
    } catch (RuntimeException e) {
      // Opening the store again takes longer, and that is all.
      LOG.warn("the checkpoint at closing failed: {}", e.getMessage(), e);
    } finally {
      turn.unlock();
    }
  }

  private void note(CheckpointReport report) {
    lastPosition = report.position();
    lastBytes = report.bytes();
    LOG.debug("checkpointed in the background: {}", report);
    report
        .failed()
        .forEach(
            (name, reason) ->
                LogContext.of(name)
                    .run(() -> LOG.warn("no checkpoint of \"{}\": {}", name, reason)));
  }

  private boolean isDue(Duration max) {
    if (!resumed) {
      resume(runtime.checkpoints());
      resumed = true;
    }
    LogPosition tail = runtime.tail();
    if (tail.equals(looked) && max.equals(replayMax)) {
      return false;
    }
    Duration replay = ReplayCost.ofReplay(runtime, lastPosition, tail);
    checkpointer.statistics().estimated(replay);
    boolean due =
        replay.compareTo(max) > 0
            && replay.compareTo(ReplayCost.ofLoading(lastBytes).multipliedBy(REPLAY_PER_LOADING))
                > 0;
    looked = due ? LogPosition.FIRST : tail;
    return due;
  }
}
