package dev.milonga.log.grpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.milonga.log.AppendCondition;
import dev.milonga.log.AppendRequest;
import dev.milonga.log.LogPosition;
import dev.milonga.log.Payload;
import dev.milonga.log.RequestId;
import dev.milonga.log.SessionId;
import dev.milonga.log.StreamId;
import dev.milonga.log.StreamKeys;
import dev.milonga.log.format.EntryFormat;
import dev.milonga.log.wire.Entry;
import dev.milonga.log.wire.EntryBatch;
import dev.milonga.log.wire.Failure;
import dev.milonga.log.wire.LogDescription;
import dev.milonga.log.wire.Opened;
import dev.milonga.log.wire.Outcome;
import dev.milonga.log.wire.Own;
import dev.milonga.log.wire.ServerFrame;
import dev.milonga.log.wire.Watching;
import java.util.List;

/** What a client makes of messages of a server, for tests that give it other bytes. */
public final class ClientWireDecoders {

  private static final StreamId STREAM = StreamId.named("sampled");
  private static final AppendRequest REQUEST =
      AppendRequest.builder(Payload.wrap(new byte[] {1}))
          .write(StreamKeys.keys(STREAM, 1))
          .condition(new AppendCondition(new LogPosition(3), List.of(StreamKeys.keys(STREAM, 1))))
          .requestId(new RequestId(new SessionId(5), 7, 2))
          .build();

  private ClientWireDecoders() {}

  /** Reads everything out of a frame that a client reads out of one. */
  public static void frame(byte[] bytes) throws InvalidProtocolBufferException {
    ServerFrame frame = ServerFrame.parseFrom(bytes);
    frame.getWatchingList().forEach(watching -> WireFormat.stream(watching.getStream()));
    for (Entry entry : frame.getEntriesList()) {
      LogPosition position = new LogPosition(entry.getPosition());
      if (!entry.hasOwn()) {
        EntryFormat.decode(position, entry.getContent().toByteArray());
      }
    }
    for (Outcome outcome : frame.getOutcomesList()) {
      if (outcome.hasFailure()) {
        failure(outcome.getFailure());
      }
    }
  }

  private static void failure(Failure failure) {
    WireFormat.failureOf(REQUEST, failure).getMessage();
    WireFormat.failureOf(new LogPosition(3), failure).getMessage();
  }

  /** Reads a batch of entries. */
  public static void batch(byte[] bytes) throws InvalidProtocolBufferException {
    RemoteSubscription.decode(EntryBatch.parseFrom(bytes));
  }

  /** Reads the trailer of a call that has failed. */
  public static void trailer(byte[] bytes) {
    WireFormat.failure(bytes).ifPresent(ClientWireDecoders::failure);
  }

  /**
   * Frames of every kind.
   *
   * @param entry encoded, of position 7
   */
  public static List<byte[]> frames(byte[] entry) {
    return List.of(
        ServerFrame.newBuilder()
            .setOpened(Opened.newBuilder().setLog(LogDescription.newBuilder().setProtocol(1)))
            .addWatching(
                Watching.newBuilder().setStream(WireFormat.stream(STREAM)).setFrom(3).build())
            .build()
            .toByteArray(),
        ServerFrame.newBuilder()
            .addEntries(
                Entry.newBuilder().setPosition(7).setContent(ByteString.copyFrom(entry)).build())
            .addEntries(
                Entry.newBuilder()
                    .setPosition(8)
                    .setOwn(Own.newBuilder().setSession(1).setSequence(2).setTimeMicros(3)))
            .setNext(9)
            .addOutcomes(Outcome.newBuilder().setNumber(1).setPosition(8))
            .addOutcomes(Outcome.newBuilder().setNumber(2).setFailure(failureSample()))
            .setTailQuery(4)
            .setTrimMark(1)
            .build()
            .toByteArray());
  }

  private static Failure failureSample() {
    return Failure.newBuilder()
        .setKind(Failure.Kind.CONFLICT)
        .setMessage("it was written")
        .setStream(WireFormat.stream(STREAM))
        .setKey(1)
        .setPosition(5)
        .build();
  }

  public static byte[] trailer() {
    return failureSample().toByteArray();
  }

  /**
   * One of one entry.
   *
   * @param entry encoded, of position 7
   */
  public static byte[] batchOf(byte[] entry) {
    return EntryBatch.newBuilder()
        .addEntries(Entry.newBuilder().setPosition(7).setContent(ByteString.copyFrom(entry)))
        .setNext(8)
        .build()
        .toByteArray();
  }
}
