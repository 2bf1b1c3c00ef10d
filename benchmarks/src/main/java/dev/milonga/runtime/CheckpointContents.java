package dev.milonga.runtime;

import dev.milonga.log.LogEntry;
import dev.milonga.log.LogPosition;
import dev.milonga.log.ReadBatch;
import dev.milonga.log.ReadLimit;
import dev.milonga.log.SharedLog;
import dev.milonga.log.StreamId;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What a checkpoint holds, without the entries and the frame that it stands in. */
public final class CheckpointContents {

  private CheckpointContents() {}

  /**
   * Writes the state in the newest checkpoint of an object whose class streams it itself, as the
   * codec has encoded it, into a new file: a sequence of CBOR items.
   *
   * @throws IllegalStateException if the object has no checkpoint, or it has another form
   */
  public static void copy(SharedLog log, StreamId object, Path file) throws IOException {
    Waiting waiting = new Waiting(Duration.ofSeconds(30), Environment.system());
    StateReader in =
        new StateReader(StoredCheckpoints.alone(log, waiting).chunks(newest(log, object)));
    in.readByte(); // the format, which readers of states check
    require(in.readByte() == StateOfElements.ID, "its class does not stream its state");
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
      while (in.readInt() > 0) {
        require(in.readByte() == StateWriter.COLUMN_OF_VALUES, "its elements are not values");
        out.write(in.readBytes());
      }
    }
    in.expectEnd();
  }

  private static Checkpoint newest(SharedLog log, StreamId object) {
    LogEntry last = null;
    LogPosition from = log.trimMark().join();
    ReadBatch batch;
    do {
      batch = log.read(CheckpointFormat.endsOf(object), from, ReadLimit.DEFAULT).join();
      for (LogEntry end : batch.entries()) {
        last = end;
      }
      from = batch.next();
    } while (!batch.entries().isEmpty());
    return CheckpointFormat.parseEnd(found(last));
  }

  private static LogEntry found(@Nullable LogEntry end) {
    if (end == null) {
      throw new IllegalStateException("the object has no checkpoint");
    }
    return end;
  }

  private static void require(boolean condition, String otherwise) {
    if (!condition) {
      throw new IllegalStateException("the checkpoint is of another form: " + otherwise);
    }
  }
}
