package dev.milonga.log.server.grpc;

import dev.milonga.log.LogUnavailableException;
import dev.milonga.log.grpc.TransportLogs;
import dev.milonga.log.server.EmbeddedLog;
import dev.milonga.log.wire.LogGrpc;
import io.grpc.Codec;
import io.grpc.DecompressorRegistry;
import io.grpc.InsecureServerCredentials;
import io.grpc.Server;
import io.grpc.ServerCredentials;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.ChannelOption;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

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
 * <p>The log stays its owner's, who may go on to use it, and closes it after the server. Beside the
 * log's own protocol, the server answers the usual health checks, as a whole and for {@code
 * milonga.log.v1.Log}, and reflection.
 *
 * <p><b>Who may call.</b> By default it listens on the loopback address and takes every caller for
 * an administrator. It refuses to listen elsewhere without TLS and without knowing its callers, by
 * bearer tokens or by certificates.
 *
 * <p><b>Threads.</b> It has a few of its own, whatever the number of clients. All methods may be
 * called from any thread.
 */
public final class LogServer implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(LogServer.class);

  private final EventLoops loops;
  private final Rotated rotated;
  private final Feed feed;
  private final LogService service;
  private final HealthStatusManager health = new HealthStatusManager();
  private final Connections connections;
  private final Server server;
  private final Duration drainTime;
  private final InetAddress address;
  private volatile int port; // set once it listens
  private final AtomicBoolean closing = new AtomicBoolean();
  private final CountDownLatch closed = new CountDownLatch(1);

  private LogServer(Builder options, Rotated rotated, ServerCredentials credentials) {
    this.rotated = rotated;
    this.drainTime = options.drainTime;
    this.address = options.address;
    this.connections = new Connections(options.connectionsMax, System::nanoTime);
    AtomicReference<TokenFile> tokens = new AtomicReference<>(TokenFile.none());
    if (options.tokens != null) {
      Path file = options.tokens;
      rotated.follow(
          List.of(file),
          SecretFile::read,
          contents -> tokens.set(TokenFile.parse(file, contents.get(0))));
      if (tokens.get().isEmpty()) {
        LOG.warn("{} names nobody: who has no certificate cannot call", file);
      }
    }
    TransportLogs.restrain();
    this.loops = new EventLoops(options.threads);
    this.feed = new Feed(options.log);
    this.service = new LogService(options.log, feed, options.limits(), loops::current);
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(
                new InetSocketAddress(options.address, options.port), credentials)
            .bossEventLoopGroup(loops.accepting())
            .workerEventLoopGroup(loops.serving())
            .channelFactory(() -> loops.listening(connections))
            .withChildOption(ChannelOption.RECVBUF_ALLOCATOR, EventLoops.oneReadAtATime())
            .directExecutor()
            .addService(service)
            .addService(health.getHealthService())
            .addService(ProtoReflectionServiceV1.newInstance());
    options.applyLimits(builder);
    if (options.knowsCallers()) {
      builder.intercept(new Access(tokens::get, options.certificateRole, () -> !closing.get()));
    }
    this.server = builder.build();
  }

  /** A builder of a server of that log. */
  public static Builder builder(EmbeddedLog log) {
    return new Builder(log);
  }

  private LogServer started(InetSocketAddress wanted) {
    try {
      server.start();
      port = server.getPort();
      health.setStatus(HealthStatusManager.SERVICE_NAME_ALL_SERVICES, ServingStatus.SERVING);
      health.setStatus(LogGrpc.SERVICE_NAME, ServingStatus.SERVING);
      return this;
    } catch (IOException e) {
      release();
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new LogUnavailableException(
          "cannot listen on "
              + wanted
              + " ("
              + cause.getMessage()
              + "); stop what listens there, or choose another port",
          e);
    }
  }

  /** The port on which it listens. */
  public int port() {
    return port;
  }

  /** Where it listens. */
  public InetSocketAddress address() {
    return new InetSocketAddress(address, port);
  }

  /** How many connections there are. */
  public int connections() {
    return connections.count();
  }

  /** How many clients are in conversation, in which they append, ask for tails and watch. */
  public int conversations() {
    return service.conversations();
  }

  /** How many calls of clients wait for entries of streams, or of all. */
  public int subscriptions() {
    return service.subscriptions();
  }

  /**
   * Stops. No more appends are taken, and those that were are answered; clients are told to go, and
   * get the drain time to do so; then the rest is cut off. The log stays open. When this returns,
   * all that is done, also if another thread has called it before.
   */
  @Override
  public void close() {
    if (closing.compareAndSet(false, true)) {
      try {
        health.enterTerminalState();
        server.shutdown();
        service.drain();
        if (!awaitEnd(drainTime.toMillis())) {
          service.endConversations();
          awaitEnd(drainTime.toMillis());
        }
        server.shutdownNow();
        awaitEnd(drainTime.toMillis());
      } finally {
        release();
        closed.countDown();
      }
    } else {
      awaitClosed();
    }
  }

  private void release() {
    feed.close();
    rotated.close();
    loops.close();
  }

  private boolean awaitEnd(long millis) {
    try {
      return server.awaitTermination(millis, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the rest is done without waiting
      return false;
    }
  }

  private void awaitClosed() {
    try {
      closed.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Collects the options of a server. Not thread-safe. */
  public static final class Builder {

    private static final int MESSAGE_SLACK_BYTES = 4 << 20;
    private static final int RESET_WINDOW_SECONDS = 10;

    // What is small while compressed may be large.
    private static final DecompressorRegistry UNCOMPRESSED =
        DecompressorRegistry.emptyInstance().with(Codec.Identity.NONE, false);

    private final EmbeddedLog log;
    private InetAddress address = InetAddress.getLoopbackAddress();
    private int port;
    private int threads = Runtime.getRuntime().availableProcessors();
    private Duration drainTime = Duration.ofSeconds(2);
    private Duration reloadInterval = Duration.ofSeconds(10);
    private boolean insecure;
    private @Nullable Path certificate;
    private @Nullable Path key;
    private @Nullable Path authorities;
    private @Nullable Role certificateRole;
    private @Nullable Path tokens;

    private int messageBytesMax; // 0 for what an entry of the log needs
    private int connectionsMax = 10_000;
    private int callsPerConnectionMax = 1_024;
    private int resetsMax = 1_000;
    private int metadataBytesMax = 8 << 10;
    private Duration handshakeTimeout = Duration.ofSeconds(10);
    private Duration connectionIdleMax = Duration.ofMinutes(5);
    private @Nullable Duration connectionAgeMax;
    private int streamsPerEntryMax = Limits.DEFAULT.streamsPerEntryMax();
    private int keysPerEntryMax = Limits.DEFAULT.keysPerEntryMax();
    private int appendsPerFrameMax = Limits.DEFAULT.appendsPerFrameMax();
    private int watchedStreamsMax = Limits.DEFAULT.watchedStreamsMax();
    private long unansweredBytesMax = Limits.DEFAULT.unansweredBytesMax();

    private Builder(EmbeddedLog log) {
      this.log = log;
    }

    /**
     * Listens there. Default: the loopback address. Any other one needs {@link #tls}, and {@link
     * #tokens} or {@link #clientCertificates}, unless it is {@link #insecure}.
     */
    public Builder address(InetAddress address) {
      this.address = address;
      return this;
    }

    /** Listens on that port, at most 65,535; 0, the default, for one that is free. */
    public Builder port(int port) {
      if (port < 0 || port > 0xffff) {
        throw new IllegalArgumentException("port must be in [0, 65535], was " + port);
      }
      this.port = port;
      return this;
    }

    /** Serves with that many threads. At least 1; default: as many as there are processors. */
    public Builder threads(int threads) {
      this.threads = (int) atLeastOne("threads", threads);
      return this;
    }

    /** Gives clients that long to go when the server stops. Default: 2 seconds. */
    public Builder drainTime(Duration drainTime) {
      this.drainTime = positive("drainTime", drainTime);
      return this;
    }

    /** Allows to listen anywhere without TLS and without knowing callers, with a warning. */
    public Builder insecure(boolean insecure) {
      this.insecure = insecure;
      return this;
    }

    /**
     * Serves over TLS. The files are looked at every {@link #reloadInterval}, and taken over when
     * they were changed, for new connections.
     *
     * @param certificate the server's certificate and those that lead to its authority, in PEM form
     * @param key its private key, in PEM form (PKCS#8); nobody but the owner may have access
     */
    public Builder tls(Path certificate, Path key) {
      this.certificate = certificate;
      this.key = key;
      return this;
    }

    /**
     * Requires a certificate of each client, and takes the common name in its subject for the
     * caller's principal. Needs {@link #tls}. A call that shows a token as well is made by the
     * token's principal.
     *
     * @param authorities who may sign clients' certificates, in PEM form; looked at as above
     * @param role of everybody with a certificate whose name is not in the token file
     */
    public Builder clientCertificates(Path authorities, Role role) {
      this.authorities = authorities;
      this.certificateRole = role;
      return this;
    }

    /**
     * Knows callers by bearer tokens. A line of the file is {@code token role principal}, where a
     * token has at least 20 characters and a role is one of {@code read}, {@code write} and {@code
     * admin}; or {@code certificate role name} for a client's certificate; or empty, or a comment
     * after {@code #}. Nobody but the owner may have access to the file. It is looked at every
     * {@link #reloadInterval}; a token that is taken out is refused for new calls from then on.
     */
    public Builder tokens(Path file) {
      this.tokens = file;
      return this;
    }

    /** Looks at the files of certificates and tokens that often. Default: every 10 seconds. */
    public Builder reloadInterval(Duration reloadInterval) {
      this.reloadInterval = positive("reloadInterval", reloadInterval);
      return this;
    }

    /**
     * Refuses messages over that size; what is compressed is refused whatever its size. At least 1;
     * default: 4 MiB more than the log's {@linkplain EmbeddedLog#entryBytesMax largest entry}.
     */
    public Builder messageBytesMax(int messageBytesMax) {
      this.messageBytesMax = (int) atLeastOne("messageBytesMax", messageBytesMax);
      return this;
    }

    /** Closes further connections at once. At least 1; default: 10,000. */
    public Builder connectionsMax(int connectionsMax) {
      this.connectionsMax = (int) atLeastOne("connectionsMax", connectionsMax);
      return this;
    }

    /** Has further calls of a connection wait. At least 1; default: 1,024. */
    public Builder callsPerConnectionMax(int callsPerConnectionMax) {
      this.callsPerConnectionMax = (int) atLeastOne("callsPerConnectionMax", callsPerConnectionMax);
      return this;
    }

    /**
     * Closes a connection whose client gives up more calls than that within 10 seconds. At least 1;
     * default: 1,000.
     */
    public Builder resetsMax(int resetsMax) {
      this.resetsMax = (int) atLeastOne("resetsMax", resetsMax);
      return this;
    }

    /** Refuses calls with more bytes of metadata. At least 1; default: 8 KiB. */
    public Builder metadataBytesMax(int metadataBytesMax) {
      this.metadataBytesMax = (int) atLeastOne("metadataBytesMax", metadataBytesMax);
      return this;
    }

    /** Closes connections that are not set up by then. Default: 10 seconds. */
    public Builder handshakeTimeout(Duration handshakeTimeout) {
      this.handshakeTimeout = positive("handshakeTimeout", handshakeTimeout);
      return this;
    }

    /** Closes connections without a call for that long. Default: 5 minutes. */
    public Builder connectionIdleMax(Duration connectionIdleMax) {
      this.connectionIdleMax = positive("connectionIdleMax", connectionIdleMax);
      return this;
    }

    /**
     * Has clients connect anew after that time, which balances load and ends what credentials that
     * were withdrawn have begun. Default: never.
     */
    public Builder connectionAgeMax(Duration connectionAgeMax) {
      this.connectionAgeMax = positive("connectionAgeMax", connectionAgeMax);
      return this;
    }

    /** Refuses appends that write or read more streams. At least 1; default: 1,024. */
    public Builder streamsPerEntryMax(int streamsPerEntryMax) {
      this.streamsPerEntryMax = (int) atLeastOne("streamsPerEntryMax", streamsPerEntryMax);
      return this;
    }

    /** Refuses appends that write or read more conflict keys. At least 1; default: 65,536. */
    public Builder keysPerEntryMax(int keysPerEntryMax) {
      this.keysPerEntryMax = (int) atLeastOne("keysPerEntryMax", keysPerEntryMax);
      return this;
    }

    /** Refuses messages with more appends. At least 1; default: 16,384. */
    public Builder appendsPerMessageMax(int appendsPerMessageMax) {
      this.appendsPerFrameMax = (int) atLeastOne("appendsPerMessageMax", appendsPerMessageMax);
      return this;
    }

    /**
     * Refuses to watch more streams in a conversation, or to name more in a call. At least 1;
     * default: 65,536.
     */
    public Builder watchedStreamsMax(int watchedStreamsMax) {
      this.watchedStreamsMax = (int) atLeastOne("watchedStreamsMax", watchedStreamsMax);
      return this;
    }

    /**
     * Reads nothing more from a client of which that many bytes of appends are not answered. At
     * least 1; default: 16 MiB.
     */
    public Builder unansweredBytesMax(long unansweredBytesMax) {
      this.unansweredBytesMax = atLeastOne("unansweredBytesMax", unansweredBytesMax);
      return this;
    }

    /**
     * Starts to serve.
     *
     * @throws IllegalArgumentException if a file cannot be used, or the server would be open to
     *     others than it should; the message says which, and what to change
     * @throws LogUnavailableException if it cannot listen there
     */
    public LogServer start() {
      checkSecure();
      Rotated rotated = new Rotated(reloadInterval);
      try {
        return new LogServer(this, rotated, credentials(rotated))
            .started(new InetSocketAddress(address, port));
      } catch (RuntimeException | Error e) {
        rotated.close();
        throw e;
      }
    }

    private void checkSecure() {
      if (authorities != null && certificate == null) {
        throw new IllegalArgumentException(
            "certificates of clients are shown over TLS only; give the server a certificate and"
                + " key");
      }
      if (address.isLoopbackAddress() || (certificate != null && knowsCallers())) {
        return;
      }
      String missing =
          certificate == null
              ? "without TLS everybody on the way could read and change what is said; give a"
                  + " certificate and key"
              : "without tokens or client certificates everybody could connect; give a token file,"
                  + " or the authorities of client certificates";
      if (!insecure) {
        throw new IllegalArgumentException(
            "will not listen on "
                + address.getHostAddress()
                + ", which is not loopback: "
                + missing
                + ", or allow it all the same (insecure)");
      }
      LOG.warn("listens on {} all the same: {}", address.getHostAddress(), missing);
    }

    private boolean knowsCallers() {
      return tokens != null || authorities != null;
    }

    private ServerCredentials credentials(Rotated rotated) {
      return certificate == null || key == null
          ? InsecureServerCredentials.create()
          : Certificates.of(certificate, key, authorities, rotated);
    }

    private Limits limits() {
      long bytes =
          messageBytesMax > 0 ? messageBytesMax : (long) log.entryBytesMax() + MESSAGE_SLACK_BYTES;
      return new Limits(
          (int) Math.min(Integer.MAX_VALUE, bytes),
          streamsPerEntryMax,
          keysPerEntryMax,
          appendsPerFrameMax,
          watchedStreamsMax,
          unansweredBytesMax,
          Limits.DEFAULT.resumeEntriesMax());
    }

    private void applyLimits(NettyServerBuilder builder) {
      builder
          .maxInboundMessageSize(limits().transportBytesMax())
          .decompressorRegistry(UNCOMPRESSED)
          .maxInboundMetadataSize(metadataBytesMax)
          .maxConcurrentCallsPerConnection(callsPerConnectionMax)
          .maxRstFramesPerWindow(resetsMax, RESET_WINDOW_SECONDS)
          .handshakeTimeout(handshakeTimeout.toNanos(), TimeUnit.NANOSECONDS)
          .maxConnectionIdle(connectionIdleMax.toNanos(), TimeUnit.NANOSECONDS)
          .keepAliveTime(1, TimeUnit.MINUTES)
          .keepAliveTimeout(20, TimeUnit.SECONDS)
          .permitKeepAliveTime(5, TimeUnit.SECONDS)
          .permitKeepAliveWithoutCalls(true);
      if (connectionAgeMax != null) {
        builder
            .maxConnectionAge(connectionAgeMax.toNanos(), TimeUnit.NANOSECONDS)
            .maxConnectionAgeGrace(drainTime.toNanos(), TimeUnit.NANOSECONDS);
      }
    }

    private static long atLeastOne(String what, long value) {
      if (value < 1) {
        throw new IllegalArgumentException(what + " must be >= 1, was " + value);
      }
      return value;
    }

    private static Duration positive(String what, Duration value) {
      if (value.isNegative() || value.isZero()) {
        throw new IllegalArgumentException(what + " must be more than zero, was " + value);
      }
      return value;
    }
  }
}
