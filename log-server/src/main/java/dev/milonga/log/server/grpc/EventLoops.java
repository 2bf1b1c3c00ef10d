package dev.milonga.log.server.grpc;

import io.grpc.netty.shaded.io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.RecvByteBufAllocator;
import io.grpc.netty.shaded.io.netty.channel.ServerChannel;
import io.grpc.netty.shaded.io.netty.channel.epoll.Epoll;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollIoHandler;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollServerSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.nio.NioIoHandler;
import io.grpc.netty.shaded.io.netty.channel.socket.nio.NioServerSocketChannel;
import io.grpc.netty.shaded.io.netty.util.concurrent.DefaultThreadFactory;
import io.grpc.netty.shaded.io.netty.util.concurrent.EventExecutor;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/** The threads of a server: one that accepts connections, and those that serve them. */
final class EventLoops implements AutoCloseable {

  private static final long END_MILLIS = 2_000;

  private final boolean epoll = Epoll.isAvailable();
  private final EventLoopGroup accepting = group("log-acceptor", 1);
  private final EventLoopGroup serving;

  EventLoops(int threads) {
    this.serving = group("log-server", threads);
  }

  private EventLoopGroup group(String name, int threads) {
    return new MultiThreadIoEventLoopGroup(
        threads,
        new DefaultThreadFactory(name, true),
        epoll ? EpollIoHandler.newFactory() : NioIoHandler.newFactory());
  }

  EventLoopGroup accepting() {
    return accepting;
  }

  EventLoopGroup serving() {
    return serving;
  }

  /** A channel that accepts connections, and hands them to that handler first. */
  ServerChannel listening(Connections first) {
    ServerChannel channel = epoll ? new EpollServerSocketChannel() : new NioServerSocketChannel();
    channel.pipeline().addLast(first); // before what the server adds
    return channel;
  }

  /**
   * Reads of each connection no more than one buffer at a time, so that the others of its event
   * loop have their turn however fast it sends.
   */
  static RecvByteBufAllocator oneReadAtATime() {
    return new AdaptiveRecvByteBufAllocator().maxMessagesPerRead(1);
  }

  /** The event loop that the calling thread is. */
  Executor current() {
    for (EventExecutor loop : serving) {
      if (loop.inEventLoop()) {
        return loop;
      }
    }
    throw new AssertionError(Thread.currentThread() + " serves no connection");
  }

  @Override
  public void close() {
    accepting.shutdownGracefully(0, END_MILLIS, TimeUnit.MILLISECONDS);
    serving.shutdownGracefully(0, END_MILLIS, TimeUnit.MILLISECONDS);
    serving.terminationFuture().awaitUninterruptibly(END_MILLIS);
  }
}
