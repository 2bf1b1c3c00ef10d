package dev.milonga.log.server.grpc;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.milonga.log.server.EmbeddedLog;
import dev.milonga.log.wire.Failure;
import dev.milonga.log.wire.LogGrpc;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/** A log in a directory, a server of it, and clients. */
final class Served implements AutoCloseable {

  private static final int MESSAGE_BYTES_MAX = 64 << 20;

  final EmbeddedLog log;
  final LogServer server;
  private final List<ManagedChannel> channels = new ArrayList<>();
  private final ManagedChannel channel;

  Served(Path directory) {
    this(EmbeddedLog.open(directory), builder -> builder);
  }

  Served(Path directory, UnaryOperator<LogServer.Builder> options) {
    this(EmbeddedLog.open(directory), options);
  }

  Served(EmbeddedLog log, UnaryOperator<LogServer.Builder> options) {
    this.log = log;
    this.server = options.apply(LogServer.builder(log)).start();
    this.channel = channel();
  }

  /** A connection of its own. */
  ManagedChannel channel() {
    ManagedChannel opened =
        NettyChannelBuilder.forAddress("localhost", server.port())
            .usePlaintext()
            .maxInboundMessageSize(MESSAGE_BYTES_MAX)
            .build();
    channels.add(opened);
    return opened;
  }

  /** The failure in the trailer of a call that has ended like that. */
  static Failure failure(Throwable error) {
    Metadata trailers = Status.trailersFromThrowable(error);
    byte[] bytes = trailers == null ? null : trailers.get(Failures.TRAILER);
    if (bytes == null) {
      throw new AssertionError("no failure in the trailers", error);
    }
    try {
      return Failure.parseFrom(bytes);
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }

  Talk talk() {
    return new Talk(channel);
  }

  LogGrpc.LogBlockingStub calls() {
    return LogGrpc.newBlockingStub(channel);
  }

  @Override
  public void close() {
    channels.forEach(ManagedChannel::shutdownNow);
    server.close();
    log.close();
  }
}
