package dev.milonga.runtime;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.milonga.log.LogEntry;
import dev.milonga.log.LogPosition;
import dev.milonga.log.Payload;
import dev.milonga.log.StreamId;
import dev.milonga.runtime.record.CheckpointChunk;
import dev.milonga.runtime.record.CheckpointEnd;
import dev.milonga.runtime.record.Header;
import dev.milonga.runtime.record.Record;
import java.nio.ByteBuffer;
import java.util.Optional;

/** The entries that checkpoints are made of, and the streams that they are in. */
final class CheckpointFormat {

  /** The stream of the ends of all checkpoints of all objects. */
  static final StreamId ALL_ENDS = StreamId.named("milonga.checkpoints");

  private static final StreamId CHUNKS = StreamId.named("milonga.checkpoint-chunks");
  private static final StreamId ENDS = StreamId.named("milonga.checkpoint-ends");

  private CheckpointFormat() {}

  /** The stream of the chunks of the checkpoints of the object of that stream. */
  static StreamId chunksOf(StreamId stream) {
    return mixed(stream, CHUNKS);
  }

  /** The stream of the ends of the checkpoints of the object of that stream. */
  static StreamId endsOf(StreamId stream) {
    return mixed(stream, ENDS);
  }

  private static StreamId mixed(StreamId stream, StreamId with) {
    return new StreamId(stream.high() ^ with.high(), stream.low() ^ with.low());
  }

  /**
   * @param first the position of the first chunk; empty if this is the first
   */
  static Payload chunk(Header header, Optional<LogPosition> first, int index, byte[] state) {
    CheckpointChunk.Builder chunk =
        CheckpointChunk.newBuilder()
            .setIndex(index)
            // The array was made for this chunk and is never written again.
            .setState(UnsafeByteOperations.unsafeWrap(state));
    first.ifPresent(position -> chunk.setFirst(position.value()));
    return RecordFormat.payload(Record.newBuilder().setChunk(chunk), header);
  }

  /** The end of a checkpoint; its position and time are those of the entry, and so not in it. */
  static Payload end(
      Header header,
      StreamId stream,
      LogPosition upTo,
      LogPosition first,
      int chunks,
      long bytes,
      int codec,
      long schema,
      LogPosition writtenFrom) {
    CheckpointEnd.Builder end =
        CheckpointEnd.newBuilder()
            .setStream(UnsafeByteOperations.unsafeWrap(RecordFormat.bytes(stream)))
            .setUpTo(upTo.value())
            .setFirst(first.value())
            .setChunks(chunks)
            .setBytes(bytes)
            .setCodec(codec)
            .setSchema(schema)
            .setWrittenFrom(writtenFrom.value());
    return RecordFormat.payload(Record.newBuilder().setEnd(end), header);
  }

  /**
   * The checkpoint that an entry ends.
   *
   * @throws DecodingException if it ends none
   */
  static Checkpoint parseEnd(LogEntry entry) {
    Record record = RecordFormat.parseAny(entry.payload());
    if (!record.hasEnd()) {
      throw new DecodingException("the entry does not end a checkpoint", null);
    }
    CheckpointEnd end = record.getEnd();
    if (end.getStream().size() != 16) {
      throw new DecodingException(
          "a stream has 16 bytes, the end of the checkpoint names one of " + end.getStream().size(),
          null);
    }
    ByteBuffer stream = end.getStream().asReadOnlyByteBuffer();
    try {
      return new Checkpoint(
          new StreamId(stream.getLong(), stream.getLong()),
          new LogPosition(end.getUpTo()),
          new LogPosition(end.getFirst()),
          entry.position(),
          end.getChunks(),
          end.getBytes(),
          end.getCodec(),
          end.getSchema(),
          new LogPosition(end.getWrittenFrom()),
          entry.time());
    } catch (IllegalArgumentException e) {
      throw new DecodingException("the entry is not the end of a checkpoint", e);
    }
  }

  /** The chunk in an entry, if it is one of that checkpoint. */
  static Optional<ByteString> chunkOf(Checkpoint checkpoint, int index, LogEntry entry) {
    Record record = RecordFormat.parseAny(entry.payload());
    if (!record.hasChunk()) {
      return Optional.empty();
    }
    CheckpointChunk chunk = record.getChunk();
    long first = chunk.hasFirst() ? chunk.getFirst() : entry.position().value();
    if (first != checkpoint.first().value()) {
      return Optional.empty(); // of one that was given up, or that somebody else was writing
    }
    if (chunk.getIndex() != index) {
      throw new DecodingException(
          "chunk "
              + index
              + " of the checkpoint that ends at "
              + checkpoint.end()
              + " is missing; chunk "
              + chunk.getIndex()
              + " stands at "
              + entry.position(),
          null);
    }
    return Optional.of(chunk.getState());
  }
}
