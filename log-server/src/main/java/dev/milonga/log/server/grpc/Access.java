package dev.milonga.log.server.grpc;

import dev.milonga.log.wire.Failure.Kind;
import dev.milonga.log.wire.LogGrpc;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthGrpc;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * Lets calls through to who may make them. Whoever is refused is so by the headers of the call:
 * nothing of what else it sends is taken in.
 *
 * <p>Who is not known is told so ({@code UNAUTHENTICATED}), who lacks the role too ({@code
 * PERMISSION_DENIED}). Anybody may ask whether the server serves, for those who balance load cannot
 * all show a token; the question itself is not read then.
 */
final class Access implements ServerInterceptor {

  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
  private static final String BEARER = "Bearer ";

  // What is not here needs the highest role.
  private static final Map<String, Role> NEEDED =
      Map.of(
          LogGrpc.getDescribeMethod().getFullMethodName(), Role.READ,
          LogGrpc.getOpenSessionMethod().getFullMethodName(), Role.WRITE,
          LogGrpc.getConverseMethod().getFullMethodName(), Role.READ,
          LogGrpc.getReadMethod().getFullMethodName(), Role.READ,
          LogGrpc.getSubscribeMethod().getFullMethodName(), Role.READ,
          LogGrpc.getTailsMethod().getFullMethodName(), Role.READ,
          LogGrpc.getTrimMethod().getFullMethodName(), Role.ADMIN);

  private final Supplier<TokenFile> tokens; // that in force
  private final @Nullable Role ofCertificates; // null if no certificates are required
  private final BooleanSupplier serves;

  Access(Supplier<TokenFile> tokens, @Nullable Role ofCertificates, BooleanSupplier serves) {
    this.tokens = tokens;
    this.ofCertificates = ofCertificates;
    this.serves = serves;
  }

  @Override
  public <Q, A> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
    String method = call.getMethodDescriptor().getFullMethodName();
    try {
      Caller caller = caller(call, headers);
      Role needed = needed(call);
      if (!caller.may(needed)) {
        throw Failures.status(Kind.FORBIDDEN, caller.lacks(method, needed));
      }
      return Contexts.interceptCall(
          Context.current().withValue(Caller.KEY, caller), call, headers, next);
    } catch (StatusRuntimeException e) {
      if (method.equals(HealthGrpc.getCheckMethod().getFullMethodName())) {
        answerHealth(call);
      } else {
        call.close(e.getStatus(), e.getTrailers() == null ? new Metadata() : e.getTrailers());
      }
      return new ServerCall.Listener<>() {};
    }
  }

  private static Role needed(ServerCall<?, ?> call) {
    String service = String.valueOf(call.getMethodDescriptor().getServiceName());
    if (!service.equals(LogGrpc.SERVICE_NAME)) {
      return Role.READ; // health and reflection: whoever is known
    }
    return NEEDED.getOrDefault(call.getMethodDescriptor().getFullMethodName(), Role.ADMIN);
  }

  @SuppressWarnings("unchecked") // the method is that of the health service
  private <A> void answerHealth(ServerCall<?, A> call) {
    HealthCheckResponse.ServingStatus status =
        serves.getAsBoolean()
            ? HealthCheckResponse.ServingStatus.SERVING
            : HealthCheckResponse.ServingStatus.NOT_SERVING;
    call.sendHeaders(new Metadata());
    call.sendMessage((A) HealthCheckResponse.newBuilder().setStatus(status).build());
    call.close(Status.OK, new Metadata());
  }

  private Caller caller(ServerCall<?, ?> call, Metadata headers) {
    String authorization = headers.get(AUTHORIZATION);
    TokenFile known = tokens.get();
    if (authorization != null) {
      return bearer(known, authorization);
    }
    return certified(call, known)
        .orElseThrow(
            () ->
                unauthenticated(
                    "this server knows its callers by token: send \"authorization: Bearer TOKEN\""
                        + " with a token of its token file"));
  }

  private static Caller bearer(TokenFile known, String authorization) {
    if (!authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
      throw unauthenticated("the authorization of the call is not a bearer token");
    }
    return known
        .caller(authorization.substring(BEARER.length()).strip())
        .orElseThrow(
            () ->
                unauthenticated(
                    "the server does not know the token; it may have been withdrawn from its token"
                        + " file"));
  }

  private Optional<Caller> certified(ServerCall<?, ?> call, TokenFile known) {
    if (ofCertificates == null) {
      return Optional.empty();
    }
    SSLSession session = call.getAttributes().get(Grpc.TRANSPORT_ATTR_SSL_SESSION);
    if (session == null) {
      return Optional.empty();
    }
    try {
      Certificate[] chain = session.getPeerCertificates();
      if (chain.length == 0 || !(chain[0] instanceof X509Certificate certificate)) {
        return Optional.empty();
      }
      String name =
          Certificates.commonName(certificate)
              .orElseThrow(
                  () ->
                      unauthenticated(
                          "the subject of the client's certificate, "
                              + certificate.getSubjectX500Principal()
                              + ", has no common name that can be a principal's"));
      return Optional.of(new Caller(name, known.roleOfCertificate(name).orElse(ofCertificates)));
    } catch (SSLPeerUnverifiedException e) {
      return Optional.empty();
    }
  }

  private static StatusRuntimeException unauthenticated(String why) {
    return Status.UNAUTHENTICATED.withDescription(why).asRuntimeException();
  }
}
