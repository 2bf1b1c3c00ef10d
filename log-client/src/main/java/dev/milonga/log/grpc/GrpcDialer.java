package dev.milonga.log.grpc;

import dev.milonga.log.LogRefusedException;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * Connects to servers over gRPC. Every connection is made from scratch, so that files that were
 * rotated meanwhile are read again.
 */
final class GrpcDialer implements Link.Dialer {

  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
  private static final int MESSAGE_BYTES_MAX = 256 << 20;

  private final Security security;

  GrpcDialer(Security security) {
    TransportLogs.restrain();
    this.security = security;
  }

  /**
   * How connections are protected.
   *
   * @param tls whether they are made with TLS
   * @param trust certificates of who signs servers' certificates; null for those the system trusts
   * @param certificate of the client, with {@code key}; both or none
   * @param token what the client is known by; a secret
   * @param tokenFile where the token is, if it is not given
   */
  record Security(
      Tls tls,
      @Nullable Path trust,
      @Nullable Path certificate,
      @Nullable Path key,
      @Nullable String token,
      @Nullable Path tokenFile) {

    /** Whether to use TLS. */
    enum Tls {
      ALWAYS,
      BEYOND_LOOPBACK,
      NEVER
    }

    boolean usesTls(Endpoint endpoint) {
      return tls == Tls.ALWAYS || tls == Tls.BEYOND_LOOPBACK && !endpoint.isLoopback();
    }

    @Override
    public String toString() {
      return "security with " + tls + (token == null && tokenFile == null ? "" : ", with a token");
    }
  }

  @Override
  public void dial(Endpoint endpoint, Link.Events events, Consumer<Link> started) {
    ManagedChannel channel;
    try {
      channel = channel(endpoint);
    } catch (IOException | IllegalArgumentException e) {
      // Unless it could not be read: the causes may hold parts of a file, which may be a key.
      Throwable cause = e instanceof FileSystemException ? e : null;
      events.onEnd(
          new LinkProblem(
              false,
              new LogRefusedException(
                  "the files to connect to " + endpoint + " with cannot be used: " + e.getMessage(),
                  cause),
              null));
      return;
    }
    GrpcLink link = new GrpcLink(endpoint, channel);
    started.accept(link);
    link.converse(events);
  }

  private ManagedChannel channel(Endpoint endpoint) throws IOException {
    NettyChannelBuilder builder =
        NettyChannelBuilder.forAddress(endpoint.host(), endpoint.port())
            .directExecutor()
            .disableRetry()
            .disableServiceConfigLookUp()
            .maxInboundMessageSize(MESSAGE_BYTES_MAX);
    String token = token();
    if (token != null) {
      builder.intercept(new Authorization("Bearer " + token));
    }
    return (security.usesTls(endpoint) ? withTls(builder) : builder.usePlaintext()).build();
  }

  private @Nullable String token() throws IOException {
    Path file = security.tokenFile;
    return file == null ? security.token : Files.readString(file).strip();
  }

  private NettyChannelBuilder withTls(NettyChannelBuilder builder) throws SSLException {
    SslContextBuilder context = GrpcSslContexts.forClient();
    if (security.trust != null) {
      context.trustManager(security.trust.toFile());
    }
    if (security.certificate != null && security.key != null) {
      context.keyManager(security.certificate.toFile(), security.key.toFile());
    }
    return builder.useTransportSecurity().sslContext(context.build());
  }

  /** Says with each call who makes it. */
  private static final class Authorization implements ClientInterceptor {

    private final String value;

    Authorization(String value) {
      this.value = value;
    }

    @Override
    public <Q, A> ClientCall<Q, A> interceptCall(
        MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
      return new ForwardingClientCall.SimpleForwardingClientCall<>(next.newCall(method, options)) {
        @Override
        public void start(Listener<A> listener, Metadata headers) {
          headers.put(AUTHORIZATION, value);
          super.start(listener, headers);
        }
      };
    }
  }
}
