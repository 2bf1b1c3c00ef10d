package dev.milonga.log.server.grpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.milonga.log.StreamId;
import dev.milonga.log.wire.Append;
import dev.milonga.log.wire.ClientFrame;
import dev.milonga.log.wire.Condition;
import dev.milonga.log.wire.Opening;
import dev.milonga.log.wire.StreamKeys;
import dev.milonga.log.wire.SubscribeRequest;
import dev.milonga.log.wire.TailsRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** What a server makes of messages of a client and of its files, for tests that give it others. */
public final class ServerWireDecoders {

  private static final ByteString STREAM = Wire.bytes(StreamId.named("sampled"));

  private ServerWireDecoders() {}

  /** Reads everything out of a frame that a server reads out of one. */
  public static void frame(byte[] bytes) throws InvalidProtocolBufferException {
    ClientFrame frame = ClientFrame.parseFrom(bytes);
    for (Append append : frame.getAppendsList()) {
      if (Limits.DEFAULT.refusal(append) == null) {
        Wire.request(append);
      }
    }
    frame.getWatchList().forEach(Wire::stream);
    frame.getUnwatchList().forEach(Wire::stream);
  }

  /** Reads the streams that calls name. */
  public static void streams(byte[] bytes) throws InvalidProtocolBufferException {
    Wire.streams(SubscribeRequest.parseFrom(bytes).getStreamsList());
    Wire.streams(TailsRequest.parseFrom(bytes).getStreamsList());
  }

  /** Frames of every kind. */
  public static List<byte[]> frames() {
    StreamKeys keys = StreamKeys.newBuilder().setStream(STREAM).addKeys(1).addKeys(2).build();
    return List.of(
        ClientFrame.newBuilder()
            .setOpening(Opening.newBuilder().setProtocol(1).setLog(STREAM).setResumeFrom(3))
            .addWatch(STREAM)
            .build()
            .toByteArray(),
        ClientFrame.newBuilder()
            .addAppends(
                Append.newBuilder()
                    .setNumber(1)
                    .setSession(300)
                    .setSequence(70_000)
                    .setLearntBelow(69_000)
                    .addWrites(keys)
                    .setCondition(Condition.newBuilder().setSnapshot(5).addReads(keys))
                    .setPayload(ByteString.copyFromUtf8("payload")))
            .addUnwatch(STREAM)
            .setTailQuery(3)
            .build()
            .toByteArray());
  }

  public static byte[] streams() {
    return SubscribeRequest.newBuilder().addStreams(STREAM).setFrom(5).build().toByteArray();
  }

  /** Reads a file of tokens. */
  public static void tokens(byte[] bytes) {
    TokenFile.parse(Path.of("tokens"), bytes);
  }

  public static byte[] tokens() {
    return """
        # token role principal
        4e1243bd22c66e76c2ba9eddc1f91394e57f9f83 write orders-service
        certificate admin operator
        """
        .getBytes(StandardCharsets.UTF_8);
  }
}
