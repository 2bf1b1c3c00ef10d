package dev.milonga.tests;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.milonga.log.LogEntry;
import dev.milonga.log.LogPosition;
import dev.milonga.log.ReadBatch;
import dev.milonga.log.ReadLimit;
import dev.milonga.log.SharedLog;
import dev.milonga.log.StreamId;
import dev.milonga.runtime.record.Record;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** A log in which nobody finds a checkpoint, so that all replay from the start. */
final class NoCheckpoints extends DelegatingLog {

  NoCheckpoints(SharedLog behind) {
    super(behind);
  }

  @Override
  public CompletableFuture<ReadBatch> read(StreamId stream, LogPosition from, ReadLimit limit) {
    return super.read(stream, from, limit)
        .thenApply(
            batch -> {
              List<LogEntry> kept =
                  batch.entries().stream().filter(entry -> !endsACheckpoint(entry)).toList();
              return new ReadBatch(kept, batch.next());
            });
  }

  private static boolean endsACheckpoint(LogEntry entry) {
    try {
      return Record.parseFrom(entry.payload().toByteArray()).hasEnd();
    } catch (InvalidProtocolBufferException e) {
      return false;
    }
  }
}
