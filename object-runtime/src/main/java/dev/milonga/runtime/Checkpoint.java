package dev.milonga.runtime;

import dev.milonga.log.LogPosition;
import dev.milonga.log.StreamId;
import java.time.Instant;

/**
 * A complete checkpoint of one object: where it stands in the log, and what for.
 *
 * @param stream the object's stream
 * @param upTo the state stands for every entry below this position, and for none at or above it
 * @param first position of the first chunk; {@code upTo <= first < end}
 * @param end position of the record that makes it complete
 * @param chunks the number of chunks, at least 1
 * @param bytes of state in all chunks
 * @param codec the codec that encoded the values in it
 * @param schema fingerprint of the schema of the class that wrote it
 * @param writtenFrom position of the object's first entry ever; {@code upTo} if there was none
 *     below it
 * @param time when the log accepted the end: no entry below {@code upTo} is newer
 */
public record Checkpoint(
    StreamId stream,
    LogPosition upTo,
    LogPosition first,
    LogPosition end,
    int chunks,
    long bytes,
    int codec,
    long schema,
    LogPosition writtenFrom,
    Instant time) {

  /** Refuses what cannot be the place of a checkpoint. */
  public Checkpoint {
    if (upTo.compareTo(first) > 0
        || first.compareTo(end) >= 0
        || writtenFrom.compareTo(upTo) > 0
        || chunks < 1
        || bytes < 0) {
      throw new IllegalArgumentException(
          "a checkpoint up to %s of what was written from %s on cannot have %d chunks of %d bytes from %s to %s"
              .formatted(upTo, writtenFrom, chunks, bytes, first, end));
    }
  }
}
