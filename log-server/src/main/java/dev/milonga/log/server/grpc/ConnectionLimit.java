package dev.milonga.log.server.grpc;

import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandler;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Closes connections right after they are accepted while there are too many. */
@ChannelHandler.Sharable
final class ConnectionLimit extends ChannelInboundHandlerAdapter {

  private static final Logger LOG = LoggerFactory.getLogger(ConnectionLimit.class);

  private final int connectionsMax;
  private final AtomicInteger connections = new AtomicInteger();
  private boolean told; // of the accepting thread

  ConnectionLimit(int connectionsMax) {
    this.connectionsMax = connectionsMax;
  }

  int connections() {
    return connections.get();
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object accepted) {
    Channel connection = (Channel) accepted;
    if (connections.incrementAndGet() > connectionsMax) {
      connections.decrementAndGet();
      connection.unsafe().closeForcibly();
      if (!told) {
        told = true;
        LOG.warn(
            "there are {} connections, the limit; {} is refused, and others until there are fewer",
            connectionsMax,
            connection.remoteAddress());
      }
      return;
    }
    told = false;
    connection.closeFuture().addListener(closed -> connections.decrementAndGet());
    context.fireChannelRead(accepted);
  }
}
