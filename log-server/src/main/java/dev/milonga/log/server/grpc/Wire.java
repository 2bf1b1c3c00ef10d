package dev.milonga.log.server.grpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.milonga.log.AppendCondition;
import dev.milonga.log.AppendRequest;
import dev.milonga.log.LogEntry;
import dev.milonga.log.LogPosition;
import dev.milonga.log.Payload;
import dev.milonga.log.RequestId;
import dev.milonga.log.SessionId;
import dev.milonga.log.StreamId;
import dev.milonga.log.format.EntryFormat;
import dev.milonga.log.wire.Append;
import dev.milonga.log.wire.Entry;
import dev.milonga.log.wire.StreamKeys;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/**
 * The log's vocabulary in the messages of the protocol. What cannot be is refused with {@link
 * IllegalArgumentException}.
 */
final class Wire {

  private static final int STREAM_BYTES = 16;

  private Wire() {}

  static Entry entry(LogEntry entry) {
    return Entry.newBuilder()
        .setPosition(entry.position().value())
        .setContent(UnsafeByteOperations.unsafeWrap(EntryFormat.encode(entry)))
        .build();
  }

  static ByteString bytes(UUID id) {
    return bytes(id.getMostSignificantBits(), id.getLeastSignificantBits());
  }

  static ByteString bytes(StreamId stream) {
    return bytes(stream.high(), stream.low());
  }

  private static ByteString bytes(long high, long low) {
    byte[] bytes = new byte[STREAM_BYTES];
    ByteBuffer.wrap(bytes).putLong(high).putLong(low);
    return UnsafeByteOperations.unsafeWrap(bytes);
  }

  static StreamId stream(ByteString bytes) {
    if (bytes.size() != STREAM_BYTES) {
      throw new IllegalArgumentException(
          "a stream is " + STREAM_BYTES + " bytes, not " + bytes.size());
    }
    ByteBuffer in = bytes.asReadOnlyByteBuffer();
    return new StreamId(in.getLong(), in.getLong());
  }

  static Set<StreamId> streams(List<ByteString> all) {
    Set<StreamId> streams = new LinkedHashSet<>();
    all.forEach(bytes -> streams.add(stream(bytes)));
    return streams;
  }

  static AppendRequest request(Append append) {
    // The bytes are nobody else's: the message is dropped.
    AppendRequest.Builder request =
        AppendRequest.builder(Payload.wrap(append.getPayload().toByteArray()));
    List<StreamKeys> writes = append.getWritesList();
    for (int i = 0; i < writes.size(); i++) {
      request.write(keys(writes.get(i)));
    }
    if (append.hasCondition()) {
      List<dev.milonga.log.StreamKeys> reads =
          new ArrayList<>(append.getCondition().getReadsCount());
      append.getCondition().getReadsList().forEach(read -> reads.add(keys(read)));
      request.condition(
          new AppendCondition(new LogPosition(append.getCondition().getSnapshot()), reads));
    }
    if (append.hasSession()) {
      request.requestId(
          new RequestId(
              new SessionId(append.getSession()), append.getSequence(), append.getLearntBelow()));
    }
    return request.build();
  }

  private static dev.milonga.log.StreamKeys keys(StreamKeys keys) {
    StreamId stream = stream(keys.getStream());
    int count = keys.getKeysCount();
    if (count == 0) {
      return dev.milonga.log.StreamKeys.whole(stream);
    }
    long[] hashes = new long[count];
    for (int i = 0; i < count; i++) {
      hashes[i] = keys.getKeys(i);
    }
    return dev.milonga.log.StreamKeys.keys(stream, hashes);
  }
}
