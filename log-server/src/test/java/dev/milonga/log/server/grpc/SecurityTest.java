package dev.milonga.log.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.milonga.log.AppendRequest;
import dev.milonga.log.LogEntry;
import dev.milonga.log.LogPosition;
import dev.milonga.log.Payload;
import dev.milonga.log.ReadLimit;
import dev.milonga.log.StreamId;
import dev.milonga.log.server.EmbeddedLog;
import dev.milonga.log.server.LogInMemory;
import dev.milonga.log.wire.ClientFrame;
import dev.milonga.log.wire.DescribeRequest;
import dev.milonga.log.wire.Entry;
import dev.milonga.log.wire.Failure.Kind;
import dev.milonga.log.wire.LogDescription;
import dev.milonga.log.wire.LogGrpc;
import dev.milonga.log.wire.OpenSessionRequest;
import dev.milonga.log.wire.Outcome;
import dev.milonga.log.wire.TrimRequest;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.SslContextBuilder;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who is let in, and who may do what (CONFORMANCE S1, S2, S3, S7, S8). */
final class SecurityTest {

  private static final StreamId A = StreamId.named("a");
  private static final Duration DAY = Duration.ofDays(1);
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration OFTEN = Duration.ofMillis(20);

  private static final String READER = "reader-0123456789abcdef";
  private static final String WRITER = "writer-0123456789abcdef";
  private static final String ADMIN = "admin-0123456789abcdef";

  @TempDir private Path directory;
  private final EmbeddedLog log = new LogInMemory(builder -> builder).log();
  private final List<AutoCloseable> opened = new ArrayList<>();

  @AfterEach
  void closeAll() throws Exception {
    for (AutoCloseable each : opened) {
      each.close();
    }
    log.close();
  }

  private LogServer serve(UnaryOperator<LogServer.Builder> options) {
    LogServer server = options.apply(LogServer.builder(log)).start();
    opened.add(server);
    return server;
  }

  private Channel plaintext(LogServer server) {
    return opened(NettyChannelBuilder.forAddress("localhost", server.port()).usePlaintext());
  }

  private Channel tls(LogServer server, Path trusted, Authority.@Nullable Identity client)
      throws SSLException {
    SslContextBuilder context = GrpcSslContexts.forClient().trustManager(trusted.toFile());
    if (client != null) {
      context.keyManager(client.certificate().toFile(), client.key().toFile());
    }
    return opened(
        NettyChannelBuilder.forAddress("localhost", server.port()).sslContext(context.build()));
  }

  private Channel opened(NettyChannelBuilder builder) {
    ManagedChannel channel = builder.disableRetry().build();
    opened.add(0, channel::shutdownNow);
    return channel;
  }

  private static Channel with(Channel channel, String token) {
    Metadata headers = new Metadata();
    headers.put(
        Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + token);
    return ClientInterceptors.intercept(
        channel, MetadataUtils.newAttachHeadersInterceptor(headers));
  }

  private static LogDescription describe(Channel channel) {
    return LogGrpc.newBlockingStub(channel)
        .withDeadlineAfter(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
        .describe(DescribeRequest.getDefaultInstance());
  }

  private static Status refusalOf(Channel channel) {
    StatusRuntimeException refused =
        catchThrowableOfType(StatusRuntimeException.class, () -> describe(channel));
    assertThat(refused).as("the call is refused").isNotNull();
    return refused.getStatus();
  }

  private Path tokens(String... lines) {
    return Authority.secret(directory.resolve("tokens"), String.join("\n", lines) + "\n");
  }

  private Path everyRole() {
    return tokens(
        "# who may do what",
        READER + " read ruth",
        "",
        WRITER + "\twrite  wim",
        ADMIN + " admin ada");
  }

  /** What is written to System.err meanwhile, where the server's log goes in tests. */
  private static final class Errors extends PrintStream {
    private final PrintStream before = System.err;
    private final ByteArrayOutputStream copy;

    Errors() {
      this(new ByteArrayOutputStream());
    }

    private Errors(ByteArrayOutputStream copy) {
      super(copy, true, StandardCharsets.UTF_8);
      this.copy = copy;
      System.setErr(this);
    }

    String text() {
      return copy.toString(StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
      System.setErr(before);
      super.close();
    }
  }

  // ---- S1

  @Test
  void s1_plainStart_listensOnLoopbackOnly_andTakesEverybodyForAnAdministrator() {
    LogServer server = serve(builder -> builder);

    LogDescription description = describe(plaintext(server));

    assertThat(description.getPrincipal()).isEmpty();
    assertThat(description.getRole()).isEqualTo("admin");
    assertThat(server.address().getAddress().isLoopbackAddress()).isTrue();
  }

  @Test
  void s1_anotherAddress_needsTlsAndAuthentication_orInsecure() throws IOException {
    InetAddress everywhere = InetAddress.getByName("0.0.0.0");
    Authority authority = new Authority(directory, "authority");
    Authority.Identity identity = authority.server("localhost");
    Path tokens = everyRole();

    assertThatThrownBy(() -> LogServer.builder(log).address(everywhere).start())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("will not listen on 0.0.0.0")
        .hasMessageContaining("give a certificate and key")
        .hasMessageContaining("insecure");
    assertThatThrownBy(() -> LogServer.builder(log).address(everywhere).tokens(tokens).start())
        .hasMessageContaining("give a certificate and key");
    assertThatThrownBy(
            () ->
                LogServer.builder(log)
                    .address(everywhere)
                    .tls(identity.certificate(), identity.key())
                    .start())
        .hasMessageContaining("give a token file");

    try (Errors errors = new Errors()) {
      LogServer insecure = serve(builder -> builder.address(everywhere).insecure(true));
      assertThat(errors.text()).contains("WARN").contains("listens on 0.0.0.0 all the same");
      assertThat(describe(plaintext(insecure)).getRole()).isEqualTo("admin");
    }
    LogServer secure =
        serve(
            builder ->
                builder
                    .address(everywhere)
                    .tls(identity.certificate(), identity.key())
                    .tokens(tokens));
    assertThat(describe(with(tls(secure, authority.certificate(), null), READER)).getPrincipal())
        .isEqualTo("ruth");
  }

  // ---- S2

  private void refusedInTheHandshake(
      Authority.Identity server, Path trusted, Authority.@Nullable Identity client, String told)
      throws SSLException {
    Authority authority = new Authority(directory, "clients");
    LogServer served =
        serve(
            builder ->
                builder
                    .tls(server.certificate(), server.key())
                    .clientCertificates(authority.certificate(), Role.READ));
    try (Errors errors = new Errors()) {
      Status refusal = refusalOf(tls(served, trusted, client));

      assertThat(refusal.getCode()).isEqualTo(Code.UNAVAILABLE);
      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () ->
                  assertThat(errors.text())
                      .contains("refused a connection from")
                      .containsIgnoringCase(told));
    }
  }

  @Test
  void s2_plaintext_isRefused() {
    Authority authority = new Authority(directory, "authority");
    Authority.Identity identity = authority.server("localhost");
    LogServer served = serve(builder -> builder.tls(identity.certificate(), identity.key()));
    try (Errors errors = new Errors()) {
      assertThat(refusalOf(plaintext(served)).getCode()).isEqualTo(Code.UNAVAILABLE);
      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () ->
                  assertThat(errors.text())
                      .contains("refused a connection from")
                      .contains("not an SSL/TLS record"));
    }
  }

  @Test
  void s2_noCertificate_isRefused() throws SSLException {
    Authority authority = new Authority(directory, "authority");
    refusedInTheHandshake(
        authority.server("localhost"),
        authority.certificate(),
        null,
        "did_not_return_a_certificate");
  }

  @Test
  void s2_certificateOfAnotherAuthority_isRefused() throws SSLException {
    Authority authority = new Authority(directory, "authority");
    refusedInTheHandshake(
        authority.server("localhost"),
        authority.certificate(),
        authority.client("stranger", DAY),
        "unable to find valid certification path");
  }

  @Test
  void s2_expiredCertificate_isRefused() throws SSLException {
    Authority authority = new Authority(directory, "authority");
    Authority.Identity server = authority.server("localhost");
    LogServer served =
        serve(
            builder ->
                builder
                    .tls(server.certificate(), server.key())
                    .clientCertificates(authority.certificate(), Role.READ));
    try (Errors errors = new Errors()) {
      Channel late = tls(served, authority.certificate(), authority.client("late", DAY.negated()));

      assertThat(refusalOf(late).getCode()).isEqualTo(Code.UNAVAILABLE);
      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () -> assertThat(errors.text()).contains("TLS failed").contains("NotAfter"));
    }
    Channel inTime = tls(served, authority.certificate(), authority.client("in time", DAY));
    assertThat(describe(inTime).getPrincipal()).isEqualTo("in time");
  }

  @Test
  void s2_serverOfAnotherHost_isRefusedByTheClient() throws SSLException {
    Authority authority = new Authority(directory, "authority");
    Authority.Identity elsewhere = authority.server("elsewhere");
    LogServer served = serve(builder -> builder.tls(elsewhere.certificate(), elsewhere.key()));

    Status refusal = refusalOf(tls(served, authority.certificate(), null));

    assertThat(refusal.getCode()).isEqualTo(Code.UNAVAILABLE);
    assertThat(refusal.getCause()).hasStackTraceContaining("localhost");
  }

  // ---- S3

  private static final Map<String, Role> DOCUMENTED =
      Map.of(
          "Describe", Role.READ,
          "OpenSession", Role.WRITE,
          "Converse", Role.READ,
          "Read", Role.READ,
          "Subscribe", Role.READ,
          "Tails", Role.READ,
          "Trim", Role.ADMIN);

  @Test
  void s3_everyCallTimesEveryRole_asDocumented() {
    LogServer server = serve(builder -> builder.tokens(everyRole()));
    Channel channel = plaintext(server);
    log.append(AppendRequest.of(A, Payload.wrap(new byte[1]))).join();
    Map<Role, String> tokenOf = Map.of(Role.READ, READER, Role.WRITE, WRITER, Role.ADMIN, ADMIN);

    assertThat(
            LogGrpc.getServiceDescriptor().getMethods().stream()
                .map(MethodDescriptor::getBareMethodName)
                .collect(Collectors.toSet()))
        .isEqualTo(DOCUMENTED.keySet());
    for (MethodDescriptor<?, ?> method : LogGrpc.getServiceDescriptor().getMethods()) {
      String name = String.valueOf(method.getBareMethodName());
      for (Role role : Role.values()) {
        boolean allowed = role.compareTo(DOCUMENTED.get(name)) >= 0;
        Status status = call(with(channel, tokenOf.get(role)), method);
        assertThat(status.getCode() == Code.PERMISSION_DENIED)
            .as("%s by %s: %s", name, role, status)
            .isNotEqualTo(allowed);
        assertThat(status.getCode()).isNotEqualTo(Code.UNAUTHENTICATED);
        if (!allowed) {
          assertThat(status.getDescription()).contains(name).contains("needs the role");
        }
      }
      assertThat(call(channel, method).getCode()).isEqualTo(Code.UNAUTHENTICATED);
      assertThat(call(with(channel, "nobody's-token-0123456789"), method).getCode())
          .isEqualTo(Code.UNAUTHENTICATED);
    }
  }

  /** How a call with an empty request ends, or OK when it is answered. */
  private static <Q, A> Status call(Channel channel, MethodDescriptor<Q, A> method) {
    CompletableFuture<Status> ended = new CompletableFuture<>();
    ClientCall<Q, A> call = channel.newCall(method, CallOptions.DEFAULT);
    call.start(
        new ClientCall.Listener<>() {
          @Override
          public void onMessage(A message) {
            ended.complete(Status.OK);
          }

          @Override
          public void onClose(Status status, Metadata trailers) {
            ended.complete(status);
          }
        },
        new Metadata());
    call.request(1);
    call.sendMessage(method.parseRequest(new ByteArrayInputStream(new byte[0])));
    call.halfClose();
    Status status = ended.orTimeout(PATIENCE.toMillis(), TimeUnit.MILLISECONDS).join();
    call.cancel("seen", null);
    return status;
  }

  @Test
  void s3_readerMayConverse_butNotAppend() {
    LogServer server = serve(builder -> builder.tokens(everyRole()));
    try (Talk talk = new Talk(with(plaintext(server), READER))) {
      talk.open(A);

      Outcome outcome = talk.appended(talk.append("not allowed", A));

      assertThat(outcome.getFailure().getKind()).isEqualTo(Kind.FORBIDDEN);
      assertThat(outcome.getFailure().getMessage())
          .isEqualTo("append needs the role write; ruth has read");
      assertThat(talk.tail(1).getNext()).isZero();
    }
  }

  @Test
  void s3_forbiddenCall_carriesItsFailure() {
    LogServer server = serve(builder -> builder.tokens(everyRole()));
    StatusRuntimeException refused =
        catchThrowableOfType(
            StatusRuntimeException.class,
            () ->
                LogGrpc.newBlockingStub(with(plaintext(server), WRITER))
                    .trim(TrimRequest.getDefaultInstance()));

    assertThat(Served.failure(refused).getKind()).isEqualTo(Kind.FORBIDDEN);
    assertThat(refused.getStatus().getDescription()).contains("wim has write");
  }

  @Test
  void s3_health_isForEverybody_reflectionForThoseWhoAreKnown() {
    LogServer server = serve(builder -> builder.tokens(everyRole()));
    Channel stranger = plaintext(server);
    HealthCheckRequest question =
        HealthCheckRequest.newBuilder().setService(LogGrpc.SERVICE_NAME).build();

    HealthCheckResponse answer = HealthGrpc.newBlockingStub(stranger).check(question);
    HealthCheckResponse known = HealthGrpc.newBlockingStub(with(stranger, READER)).check(question);

    assertThat(answer.getStatus()).isEqualTo(ServingStatus.SERVING);
    assertThat(known.getStatus()).isEqualTo(ServingStatus.SERVING);
    assertThatThrownBy(
            () -> HealthGrpc.newBlockingStub(stranger).watch(question).forEachRemaining(x -> {}))
        .hasMessageStartingWith("UNAUTHENTICATED");
    assertThatThrownBy(() -> services(stranger)).hasStackTraceContaining("UNAUTHENTICATED");
    assertThat(services(with(stranger, READER))).contains(LogGrpc.SERVICE_NAME);
  }

  private static List<String> services(Channel channel) {
    CompletableFuture<List<String>> names = new CompletableFuture<>();
    StreamObserver<ServerReflectionRequest> asking =
        ServerReflectionGrpc.newStub(channel)
            .serverReflectionInfo(
                new StreamObserver<>() {
                  @Override
                  public void onNext(ServerReflectionResponse response) {
                    names.complete(
                        response.getListServicesResponse().getServiceList().stream()
                            .map(service -> service.getName())
                            .toList());
                  }

                  @Override
                  public void onError(Throwable error) {
                    names.completeExceptionally(error);
                  }

                  @Override
                  public void onCompleted() {
                    names.completeExceptionally(new AssertionError("no answer"));
                  }
                });
    asking.onNext(ServerReflectionRequest.newBuilder().setListServices("").build());
    List<String> found = names.orTimeout(PATIENCE.toMillis(), TimeUnit.MILLISECONDS).join();
    asking.onCompleted();
    return found;
  }

  @Test
  void certificateName_isThePrincipal_andItsRoleMayStandInTheTokenFile() throws SSLException {
    Authority authority = new Authority(directory, "authority");
    Authority.Identity server = authority.server("localhost");
    Path tokens = tokens("certificate admin Ada Lovelace", READER + " read ruth");
    LogServer served =
        serve(
            builder ->
                builder
                    .tls(server.certificate(), server.key())
                    .clientCertificates(authority.certificate(), Role.READ)
                    .tokens(tokens));

    Channel ada = tls(served, authority.certificate(), authority.client("Ada Lovelace", DAY));
    Channel bob = tls(served, authority.certificate(), authority.client("bob", DAY));

    assertThat(describe(ada).getPrincipal()).isEqualTo("Ada Lovelace");
    assertThat(describe(ada).getRole()).isEqualTo("admin");
    assertThat(describe(bob).getPrincipal()).isEqualTo("bob");
    assertThat(describe(bob).getRole()).isEqualTo("read");
    assertThat(describe(with(ada, READER)).getPrincipal()).isEqualTo("ruth");
    assertThat(refusalOf(with(ada, "nobody's-token-0123456789")).getCode())
        .isEqualTo(Code.UNAUTHENTICATED);
  }

  // ---- Rotation

  @Test
  void tokenThatIsTakenOut_isRefused_andANewOneKnown_withoutARestart() {
    LogServer server = serve(builder -> builder.tokens(everyRole()).reloadInterval(OFTEN));
    Channel channel = plaintext(server);
    describe(with(channel, READER));

    tokens("fresh-0123456789abcdef write fritz");

    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(describe(with(channel, "fresh-0123456789abcdef")).getPrincipal())
                    .isEqualTo("fritz"));
    assertThat(refusalOf(with(channel, READER)).getCode()).isEqualTo(Code.UNAUTHENTICATED);
  }

  @Test
  void tokenFileThatBreaks_leavesWhatWasInForce_andIsTold() {
    LogServer server = serve(builder -> builder.tokens(everyRole()).reloadInterval(OFTEN));
    Channel channel = plaintext(server);
    try (Errors errors = new Errors()) {
      tokens("broken");

      await()
          .atMost(PATIENCE)
          .untilAsserted(() -> assertThat(errors.text()).contains("line 1: has 1 words"));
      assertThat(describe(with(channel, READER)).getPrincipal()).isEqualTo("ruth");
    }
  }

  @Test
  void certificatesThatAreRotated_areUsedForNewConnections() throws Exception {
    Authority before = new Authority(directory, "before");
    Authority after = new Authority(directory, "after");
    Authority.Identity old = before.server("localhost");
    Authority.Identity fresh = after.server("localhost");
    Path trusted = directory.resolve("trusted.pem");
    Files.copy(before.certificate(), trusted);
    LogServer server =
        serve(
            builder ->
                builder
                    .tls(old.certificate(), old.key())
                    .clientCertificates(trusted, Role.READ)
                    .reloadInterval(OFTEN));
    describe(tls(server, before.certificate(), before.client("c", DAY)));

    Files.move(fresh.certificate(), old.certificate(), StandardCopyOption.REPLACE_EXISTING);
    Files.move(fresh.key(), old.key(), StandardCopyOption.REPLACE_EXISTING);
    Files.move(after.certificate(), trusted, StandardCopyOption.REPLACE_EXISTING);

    Path newTrust = after.certificate();
    Authority.Identity client = after.client("c", DAY);
    await()
        .atMost(PATIENCE)
        .ignoreExceptions()
        .untilAsserted(
            () ->
                assertThat(describe(tls(server, newTrust, client)).getPrincipal()).isEqualTo("c"));
    assertThat(refusalOf(tls(server, newTrust, before.client("c", DAY))).getCode())
        .isEqualTo(Code.UNAVAILABLE);
  }

  @Test
  void keyOfAnotherCertificate_isRefusedAtTheStart() {
    Authority authority = new Authority(directory, "authority");
    Authority.Identity one = authority.server("localhost");
    Authority.Identity other = authority.server("localhost");

    assertThatThrownBy(() -> LogServer.builder(log).tls(one.certificate(), other.key()).start())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("is not that of the certificate");
  }

  // ---- S7

  @Test
  void s7_secretsOpenToOthers_areRefused() throws IOException {
    Path tokens = everyRole();
    Authority authority = new Authority(directory, "authority");
    Authority.Identity identity = authority.server("localhost");
    Files.setPosixFilePermissions(tokens, PosixFilePermissions.fromString("rw-r-----"));
    Files.setPosixFilePermissions(identity.key(), PosixFilePermissions.fromString("rw----r--"));

    assertThatThrownBy(() -> LogServer.builder(log).tokens(tokens).start())
        .hasMessageContaining("open to others than its owner (rw-r-----)")
        .hasMessageContaining("chmod 600 " + tokens);
    assertThatThrownBy(
            () -> LogServer.builder(log).tls(identity.certificate(), identity.key()).start())
        .hasMessageContaining("chmod 600 " + identity.key());
  }

  @Test
  void s7_tokens_areInNoMessageAndNoString() {
    String secret = "secret-0123456789abcdef";
    List<String> broken =
        List.of(
            "write " + secret + " name",
            secret + " " + secret + " name",
            secret + " write",
            secret + " write name\n" + secret + " read other",
            secret + " write na\u0007me",
            "short write name",
            secret.repeat(100) + " write name");
    for (String content : broken) {
      Path file = tokens(content);
      assertThatThrownBy(() -> LogServer.builder(log).tokens(file).start())
          .as(content)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("tokens, line ")
          .satisfies(
              error ->
                  assertThat(error.toString()).doesNotContain("secret").doesNotContain("short"));
    }
    TokenFile parsed =
        TokenFile.parse(directory, (secret + " write name").getBytes(StandardCharsets.UTF_8));
    assertThat(parsed.toString()).isEqualTo("1 tokens and 0 certificates");
    assertThat(parsed.caller(secret).orElseThrow().toString()).doesNotContain(secret);
  }

  // ---- S8

  @Test
  void s8_session_isBoundToWhoOpenedIt_andEntriesCarryWhoWroteThem() {
    Path tokens = tokens(WRITER + " write wim", ADMIN + " admin ada");
    LogServer server = serve(builder -> builder.tokens(tokens));
    Channel channel = plaintext(server);
    long session =
        LogGrpc.newBlockingStub(with(channel, WRITER))
            .openSession(OpenSessionRequest.getDefaultInstance())
            .getSession();
    try (Talk wim = new Talk(with(channel, WRITER));
        Talk ada = new Talk(with(channel, ADMIN))) {
      wim.open();
      ada.open(A);

      Outcome stolen = ada.appended(ada.append("stolen", A).setSession(session).setSequence(0));
      Outcome own = wim.appended(wim.append("own", A).setSession(session).setSequence(0));
      Outcome hers = ada.appended(ada.append("hers", A));

      assertThat(stolen.getFailure().getKind()).isEqualTo(Kind.SESSION_EXPIRED);
      assertThat(own.getPosition()).isZero();
      assertThat(hers.getPosition()).isEqualTo(1);
      List<LogEntry> entries = log.readAll(LogPosition.FIRST, ReadLimit.DEFAULT).join().entries();
      assertThat(entries)
          .extracting(entry -> entry.principal().orElseThrow())
          .containsExactly("wim", "ada");
      assertThat(ada.entries())
          .extracting((Entry entry) -> Talk.decoded(entry).principal().orElseThrow())
          .containsExactly("wim", "ada");
    }
  }

  @Test
  void unknownCaller_isRefusedByItsHeadersAlone() {
    LogServer server = serve(builder -> builder.tokens(everyRole()));
    // What comes after the headers would be refused for its size if it was looked at.
    Talk talk = new Talk(plaintext(server));
    talk.say(ClientFrame.newBuilder().addAppends(talk.append("x".repeat(24 << 20), A)));

    assertThat(talk.end().getCode()).isEqualTo(Code.UNAUTHENTICATED);
  }
}
