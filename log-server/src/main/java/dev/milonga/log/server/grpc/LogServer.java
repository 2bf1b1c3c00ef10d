package dev.milonga.log.server.grpc;

import dev.milonga.log.LogUnavailableException;
import dev.milonga.log.server.EmbeddedLog;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Serves an embedded log to other processes, over gRPC.
 *
 * <pre>{@code
 * try (EmbeddedLog log = EmbeddedLog.open(Path.of("data"));
 *     LogServer server = LogServer.builder(log).port(7700).start()) {
 *   ...
 * }
 * }</pre>
 *
 * <p>The log stays its owner's, who may go on to use it, and closes it after the server.
 */
public final class LogServer implements AutoCloseable {

  private final EventLoops loops;
  private final Feed feed;
  private final LogService service;
  private final Server server;
  private final Duration drainTime;
  private final AtomicBoolean closing = new AtomicBoolean();

  private LogServer(Builder options) {
    this.drainTime = options.drainTime;
    this.loops = new EventLoops(options.threads);
    this.feed = new Feed(options.log);
    this.service = new LogService(options.log, feed, options.limits(), loops::current);
    this.server =
        NettyServerBuilder.forAddress(new InetSocketAddress(options.address, options.port))
            .bossEventLoopGroup(loops.accepting())
            .workerEventLoopGroup(loops.serving())
            .channelType(loops.channelType())
            .directExecutor()
            .maxInboundMessageSize(options.messageBytesMax())
            .addService(service)
            .build();
  }

  /** A builder of a server of that log. */
  public static Builder builder(EmbeddedLog log) {
    return new Builder(log);
  }

  private LogServer started() {
    try {
      server.start();
      return this;
    } catch (IOException e) {
      feed.close();
      loops.close();
      throw new LogUnavailableException(
          "cannot listen on " + server.getListenSockets() + ": " + e.getMessage(), e);
    }
  }

  /** The port on which it listens. */
  public int port() {
    return server.getPort();
  }

  /**
   * Stops. Appends under way are answered; clients are told to go, and get the drain time to do so.
   * The log stays open. Closing twice does nothing.
   */
  @Override
  public void close() {
    if (!closing.compareAndSet(false, true)) {
      return;
    }
    server.shutdown();
    service.drain();
    if (!awaitEnd(drainTime.toMillis())) {
      service.endConversations();
      awaitEnd(drainTime.toMillis());
    }
    server.shutdownNow();
    feed.close();
    loops.close();
  }

  private boolean awaitEnd(long millis) {
    try {
      return server.awaitTermination(millis, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Collects the options of a server. Not thread-safe. */
  public static final class Builder {

    private static final int MESSAGE_SLACK_BYTES = 4 << 20;

    private final EmbeddedLog log;
    private InetAddress address = InetAddress.getLoopbackAddress();
    private int port;
    private int threads = Runtime.getRuntime().availableProcessors();
    private Duration drainTime = Duration.ofSeconds(2);

    private Builder(EmbeddedLog log) {
      this.log = log;
    }

    /** Listens there. Default: the loopback address. */
    public Builder address(InetAddress address) {
      this.address = address;
      return this;
    }

    /** Listens on that port; 0, the default, for one that is free. */
    public Builder port(int port) {
      this.port = port;
      return this;
    }

    /** Gives clients that long to go when the server stops. Default: 2 seconds. */
    public Builder drainTime(Duration drainTime) {
      this.drainTime = drainTime;
      return this;
    }

    private Limits limits() {
      return Limits.DEFAULT;
    }

    private int messageBytesMax() {
      return (int) Math.min(Integer.MAX_VALUE, (long) log.entryBytesMax() + MESSAGE_SLACK_BYTES);
    }

    /** Starts to serve. */
    public LogServer start() {
      return new LogServer(this).started();
    }
  }
}
