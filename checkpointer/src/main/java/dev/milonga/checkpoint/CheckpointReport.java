package dev.milonga.checkpoint;

import dev.milonga.log.LogPosition;
import java.time.Duration;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * What came of checkpointing all objects.
 *
 * @param position what all the checkpoints stand for: every entry below it
 * @param objects how many objects have got one
 * @param bytes of state, in all of them
 * @param took how long it took
 * @param failed the objects that have got none, by name, each with the reason and the remedy; empty
 *     if all went well. They keep the checkpoint that they had.
 */
public record CheckpointReport(
    LogPosition position, int objects, long bytes, Duration took, Map<String, String> failed) {

  /** Copies the map. */
  public CheckpointReport {
    failed = Collections.unmodifiableMap(new TreeMap<>(failed));
  }
}
