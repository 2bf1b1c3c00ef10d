package dev.milonga.runtime;

import com.google.protobuf.ByteString;
import dev.milonga.log.LogEntry;
import dev.milonga.log.LogPosition;
import dev.milonga.log.Payload;
import dev.milonga.log.StreamId;
import dev.milonga.log.StreamKeys;
import dev.milonga.runtime.record.Call;
import dev.milonga.runtime.record.Header;
import dev.milonga.runtime.record.Moment;
import dev.milonga.runtime.record.ReadSet;
import dev.milonga.runtime.record.Record;
import dev.milonga.runtime.record.StreamRead;
import java.io.ByteArrayOutputStream;
import java.time.Instant;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** What the runtime makes of bytes from a log, for tests that give it other bytes. */
public final class RuntimeDecoders {

  /** A stream that the samples belong to. */
  public static final StreamId STREAM = StreamId.named("sampled");

  private static final Header HEADER =
      Header.newBuilder()
          .setPrincipal("somebody")
          .setApplicationVersion("1.2")
          .setRequestId("r-1")
          .setTraceParent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
          .build();
  private static final Checkpoint CHECKPOINT =
      new Checkpoint(
          STREAM,
          new LogPosition(3),
          new LogPosition(7),
          new LogPosition(9),
          2,
          100,
          1,
          5,
          LogPosition.FIRST,
          Instant.EPOCH);

  private RuntimeDecoders() {}

  /** Reads everything out of a payload that anything of the runtime reads out of one. */
  public static void record(byte[] payload) {
    LogEntry entry = entry(CHECKPOINT.first(), payload);
    RecordFormat.skipsIn(entry);
    Record record = RecordFormat.parseAny(entry.payload());
    RecordFormat.moment(record, entry);
    if (record.hasEnd()) {
      CheckpointFormat.parseEnd(entry(CHECKPOINT.end(), payload));
    }
    if (record.hasChunk()) {
      CheckpointFormat.chunkOf(CHECKPOINT, record.getChunk().getIndex(), entry);
    }
    for (StreamRead read : record.getReadSet().getReadsList()) {
      RecordFormat.stream(read.getStream());
    }
    if (record.hasEnd() || record.hasChunk()) {
      return; // such a record holds nothing else
    }
    for (Call call : RecordFormat.parse(entry.payload()).getCallsList()) {
      RecordFormat.isFor(call, STREAM);
      call.getMutator();
      call.getArguments().toByteArray();
    }
  }

  private static LogEntry entry(LogPosition position, byte[] payload) {
    return new LogEntry(
        position, 1, List.of(StreamKeys.whole(STREAM)), Payload.wrap(payload), null);
  }

  /** Payloads of every kind. */
  public static List<byte[]> records() {
    ByteString stream = ByteString.copyFrom(RecordFormat.bytes(STREAM));
    Record transaction =
        Record.newBuilder()
            .setHeader(HEADER)
            .setMoment(Moment.newBuilder().setTimeMicros(3).setSeed(4))
            .addCalls(
                Call.newBuilder()
                    .setStream(stream)
                    .setMutator("add")
                    .setArguments(ByteString.copyFrom(new byte[] {(byte) 0x81, 1}))
                    .setCodec(1)
                    .setSchema(7))
            .setReadSet(
                ReadSet.newBuilder()
                    .setSnapshot(5)
                    .addReads(StreamRead.newBuilder().setStream(stream).addKeys(1).addKeys(2)))
            .build();
    return List.of(
        RecordFormat.call(HEADER, "add", new byte[] {(byte) 0x81, 1}, 1, 7).array(),
        RecordFormat.skip(HEADER, 3, "it cannot be read").array(),
        transaction.toByteArray(),
        CheckpointFormat.chunk(HEADER, Optional.empty(), 0, new byte[] {1, 2, 3}).array(),
        CheckpointFormat.chunk(HEADER, Optional.of(new LogPosition(7)), 1, new byte[] {4}).array(),
        CheckpointFormat.end(
                HEADER,
                STREAM,
                new LogPosition(3),
                new LogPosition(7),
                2,
                100,
                1,
                5,
                LogPosition.FIRST)
            .array());
  }

  /** The states of a class, written and read. */
  public static final class States<T> {

    private static final int CHUNK_BYTES = 100;

    private final StateImage<T> image;

    /** Of a class without type parameters. */
    public States(Class<T> type, Supplier<T> fresh) {
      this.image = StateImage.of(TypeToken.of(type), Codec.standard(), fresh);
      if (!image.problems().isEmpty()) {
        throw new AssertionError(image.problems());
      }
    }

    public byte[] written(T state) {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      image.write(state, out::writeBytes);
      return out.toByteArray();
    }

    /** Reads it in chunks. */
    public T restored(byte[] written) {
      return image.restore(
          new Iterator<>() {
            private int taken;

            @Override
            public boolean hasNext() {
              return taken < written.length;
            }

            @Override
            public byte[] next() {
              int from = taken;
              taken = Math.min(written.length, from + CHUNK_BYTES);
              return Arrays.copyOfRange(written, from, taken);
            }
          });
    }
  }
}
