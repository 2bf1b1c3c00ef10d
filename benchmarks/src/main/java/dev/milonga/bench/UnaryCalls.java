package dev.milonga.bench;

import dev.milonga.log.wire.DescribeRequest;
import dev.milonga.log.wire.LogGrpc;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;

/** Calls of a server with one small message each way, by the means that gRPC offers. */
final class UnaryCalls implements AutoCloseable {

  private final ManagedChannel channel;
  private final LogGrpc.LogBlockingStub log;

  UnaryCalls(ServerProcess server) {
    this.channel =
        NettyChannelBuilder.forAddress("localhost", server.port())
            .usePlaintext()
            .directExecutor()
            .build();
    this.log = LogGrpc.newBlockingStub(channel);
  }

  Load calls(int threads) {
    return Load.timed(
        threads, random -> log.describe(DescribeRequest.getDefaultInstance()).getProtocol());
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }
}
