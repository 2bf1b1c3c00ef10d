package dev.milonga.runtime;

import dev.milonga.log.AppendCondition;
import dev.milonga.log.AppendRequest;
import dev.milonga.log.LogPosition;
import dev.milonga.log.SharedLog;
import dev.milonga.log.StreamId;
import dev.milonga.log.StreamKeys;
import dev.milonga.runtime.record.Header;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Writes one checkpoint: chunks as they come, one on its way at a time. After each of them it rests
 * for several times as long as the chunk has taken to make and to write, so that others who write
 * find the log and the processor free for most of the time. Used once, by one thread.
 */
final class CheckpointWriter implements Consumer<byte[]> {

  private static final int REST = 4; // times what a chunk takes

  private final SharedLog log;
  private final Waiting waiting;
  private final Header header;
  private final StreamId stream;
  private final BooleanSupplier stopped;
  private final boolean gently; // whether it rests
  private @Nullable CompletableFuture<LogPosition> underWay;
  private @Nullable LogPosition first;
  private int chunks;
  private long bytes;
  private long begun; // the making of the next chunk, in the environment's nanoseconds

  CheckpointWriter(
      SharedLog log,
      Waiting waiting,
      Header header,
      StreamId stream,
      BooleanSupplier stopped,
      boolean gently) {
    this.log = log;
    this.waiting = waiting;
    this.header = header;
    this.stream = stream;
    this.stopped = stopped;
    this.gently = gently;
    this.begun = waiting.environment().nanoTime();
  }

  /** What is written of a checkpoint in its last entry. */
  record End(LogPosition upTo, int codec, long schema, LogPosition writtenFrom) {}

  /**
   * @throws CancellationException if the writing is to be given up
   */
  @Override
  public void accept(byte[] chunk) {
    if (stopped.getAsBoolean()) {
      throw new CancellationException("the checkpoint was given up, since the store is closed");
    }
    if (underWay != null) {
      awaitChunk(underWay);
      if (gently) {
        waiting.environment().pause(REST * (waiting.environment().nanoTime() - begun));
      }
      begun = waiting.environment().nanoTime();
    }
    underWay =
        log.append(
            AppendRequest.of(
                CheckpointFormat.chunksOf(stream),
                CheckpointFormat.chunk(header, Optional.ofNullable(first), chunks, chunk)));
    chunks++;
    bytes += chunk.length;
  }

  private void awaitChunk(CompletableFuture<LogPosition> answer) {
    LogPosition position = waiting.await(answer);
    first = first == null ? position : first;
  }

  /**
   * Makes the checkpoint complete once its last chunk is there, without waiting for that. The
   * future has the position of the end, or fails with {@link dev.milonga.log.ConflictException} if
   * the object has got another checkpoint, or an order to skip, since {@code upTo}.
   */
  CompletableFuture<LogPosition> end(End end) {
    if (underWay == null) {
      throw new AssertionError("a state has at least one chunk");
    }
    return underWay.thenCompose(last -> log.append(request(end, last)));
  }

  private AppendRequest request(End end, LogPosition last) {
    List<StreamKeys> unchanged =
        List.of(
            StreamKeys.whole(CheckpointFormat.endsOf(stream)),
            StreamKeys.whole(RecordFormat.skipsOf(stream)));
    return AppendRequest.builder(
            CheckpointFormat.end(
                header,
                stream,
                end.upTo,
                first == null ? last : first,
                chunks,
                bytes,
                end.codec,
                end.schema,
                end.writtenFrom))
        .write(StreamKeys.whole(CheckpointFormat.endsOf(stream)))
        .write(StreamKeys.whole(CheckpointFormat.ALL_ENDS))
        .condition(new AppendCondition(end.upTo, unchanged))
        .build();
  }

  /** The bytes of state written so far. */
  long bytes() {
    return bytes;
  }
}
