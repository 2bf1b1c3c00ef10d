package dev.milonga.checkpoint;

import dev.milonga.log.LogPosition;
import dev.milonga.log.StoreClosedException;
import dev.milonga.runtime.Checkpoint;
import dev.milonga.runtime.LogContext;
import dev.milonga.runtime.ObjectRuntime;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checkpoints from time to time: when what was written since the last checkpoint would take longer
 * to replay than {@link #replayMax}, and several times longer than the checkpoint itself takes to
 * load. So both the time to open a store and the share of the log that checkpoints take up stay
 * bounded, and a small store has none. After each checkpoint the log is trimmed, if anybody has set
 * what is to be retained.
 */
final class BackgroundCheckpoints {

  private static final Logger LOG = LoggerFactory.getLogger(BackgroundCheckpoints.class);

  private static final int REPLAY_PER_LOADING = 4;

  private final Checkpointer checkpointer;
  private final ObjectRuntime runtime;
  private final Duration replayMax;

  // All are used by one call of poll at a time, each of which happens before the next.
  private boolean resumed;
  private LogPosition lastPosition = LogPosition.FIRST;
  private long lastBytes;

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
    try {
      if (!resumed) {
        resume(runtime.checkpoints());
        resumed = true;
      }
      if (!checkpointer.isClosed() && isDue()) {
        CheckpointReport report = checkpointer.checkpoint();
        lastPosition = report.position();
        lastBytes = report.bytes();
        LOG.debug("checkpointed in the background: {}", report);
        report
            .failed()
            .forEach(
                (name, reason) ->
                    LogContext.of(name)
                        .run(() -> LOG.warn("no checkpoint of \"{}\": {}", name, reason)));
        if (checkpointer.retention().isPresent()) {
          LOG.debug("trimmed in the background: {}", checkpointer.trim());
        }
      }
    } catch (CancellationException | StoreClosedException e) {
      LOG.debug("background checkpoints end: {}", e.getMessage());
    } catch (RuntimeException e) {
      // Thrown on, it would end the schedule for good. The next turn may well succeed.
      LOG.warn("a background checkpoint failed, and will be tried again: {}", e.getMessage(), e);
    }
  }

  private boolean isDue() {
    Duration replay = ReplayCost.ofReplay(runtime, lastPosition, runtime.tail());
    checkpointer.statistics().estimated(replay);
    return replay.compareTo(replayMax) > 0
        && replay.compareTo(ReplayCost.ofLoading(lastBytes).multipliedBy(REPLAY_PER_LOADING)) > 0;
  }
}
