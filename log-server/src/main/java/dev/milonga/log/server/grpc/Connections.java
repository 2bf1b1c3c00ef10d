package dev.milonga.log.server.grpc;

import io.grpc.netty.shaded.io.netty.channel.Channel;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandler;
import io.grpc.netty.shaded.io.netty.channel.ChannelHandlerContext;
import io.grpc.netty.shaded.io.netty.channel.ChannelInboundHandlerAdapter;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslHandler;
import java.net.SocketAddress;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The first to see each connection: closes those that are too many, and tells of those with whom no
 * TLS was agreed upon, which nobody else does. Told once a second at most, so that nobody fills the
 * log from outside.
 *
 * <p>While many connections are about to be set up, no further one is accepted: an event loop sets
 * up all that are new before it looks at the others, so that somebody who connects over and over
 * would keep it from everybody who is connected.
 */
@ChannelHandler.Sharable
final class Connections extends ChannelInboundHandlerAdapter {

  private static final Logger LOG = LoggerFactory.getLogger(Connections.class);

  private static final long TELL_INTERVAL_NANOS = 1_000_000_000;

  private static final int CAUSES_MAX = 8;

  private static final int BEGINNING_MAX = 16; // takes a few milliseconds

  private final int connectionsMax;
  private final LongSupplier nanoClock;
  private final AtomicInteger count = new AtomicInteger();
  private final AtomicLong tellFromNanos;
  private int beginning; // accepted, and not set up; of the accepting thread

  Connections(int connectionsMax, LongSupplier nanoClock) {
    this.connectionsMax = connectionsMax;
    this.nanoClock = nanoClock;
    this.tellFromNanos = new AtomicLong(nanoClock.getAsLong());
  }

  int count() {
    return count.get();
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object accepted) {
    Channel connection = (Channel) accepted;
    if (count.incrementAndGet() > connectionsMax) {
      count.decrementAndGet();
      SocketAddress peer = connection.remoteAddress();
      connection.unsafe().closeForcibly();
      tell(peer, "there are " + connectionsMax + " connections, the limit");
      return;
    }
    connection.closeFuture().addListener(closed -> count.decrementAndGet());
    connection.pipeline().addLast(new Handshake()); // before what the server adds
    if (++beginning == BEGINNING_MAX) {
      context.channel().config().setAutoRead(false);
    }
    context.fireChannelRead(accepted); // hands it to an event loop, which sets it up
    execute(connection, () -> execute(context.channel(), () -> begun(context)));
  }

  /** Of the accepting thread. */
  private void begun(ChannelHandlerContext context) {
    if (beginning-- == BEGINNING_MAX) {
      context.channel().config().setAutoRead(true);
    }
  }

  private static void execute(Channel owner, Runnable task) {
    try {
      owner.eventLoop().execute(task);
    } catch (RejectedExecutionException e) {
      LOG.debug("the server has ended", e); // and accepts nothing any more
    }
  }

  private void tell(SocketAddress peer, String why) {
    long now = nanoClock.getAsLong();
    long from = tellFromNanos.get();
    if (now - from >= 0 && tellFromNanos.compareAndSet(from, now + TELL_INTERVAL_NANOS)) {
      LOG.warn("refused a connection from {}: {}", peer, why);
    }
  }

  /** What an exception and its causes say: that of a handshake alone says next to nothing. */
  private static String whole(Throwable error) {
    StringBuilder message = new StringBuilder(String.valueOf(error.getMessage()));
    int depth = 0;
    for (Throwable cause = error.getCause();
        cause != null && depth < CAUSES_MAX;
        cause = cause.getCause()) {
      String more = String.valueOf(cause.getMessage());
      if (message.indexOf(more) < 0) {
        message.append(": ").append(more);
      }
      depth++;
    }
    return message.toString();
  }

  /** Waits for the first bytes: by then it is known whether the connection is to have TLS. */
  private final class Handshake extends ChannelInboundHandlerAdapter {

    @Override
    public void channelRead(ChannelHandlerContext context, Object bytes) {
      SslHandler tls = context.pipeline().get(SslHandler.class);
      if (tls != null) {
        SocketAddress peer = context.channel().remoteAddress();
        tls.handshakeFuture()
            .addListener(
                done -> {
                  if (!done.isSuccess()) {
                    tell(peer, "TLS failed: " + whole(done.cause()));
                  }
                });
      }
      context.pipeline().remove(this);
      context.fireChannelRead(bytes);
    }
  }
}
