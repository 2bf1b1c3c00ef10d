package dev.milonga.log.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.milonga.log.AppendRequest;
import dev.milonga.log.LogEntry;
import dev.milonga.log.LogPosition;
import dev.milonga.log.LogRefusedException;
import dev.milonga.log.LogUnavailableException;
import dev.milonga.log.Payload;
import dev.milonga.log.ReadLimit;
import dev.milonga.log.RequestId;
import dev.milonga.log.SharedLog;
import dev.milonga.log.StreamId;
import dev.milonga.log.StreamKeys;
import dev.milonga.log.grpc.RemoteLog;
import dev.milonga.log.server.EmbeddedLog;
import dev.milonga.log.server.LogInMemory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a client shows to servers, and what it says of those that do not let it in. */
@Timeout(120)
final class RemoteLogSecurityTest {

  private static final StreamId A = StreamId.named("a");
  private static final Duration DAY = Duration.ofDays(1);
  private static final String READER = "reader-0123456789abcdef";
  private static final String WRITER = "writer-0123456789abcdef";

  @TempDir private Path directory;
  private final EmbeddedLog log = new LogInMemory(builder -> builder).log();
  private LogServer server;

  @AfterEach
  void end() {
    server.close();
    log.close();
  }

  private void serve(int port, UnaryOperator<LogServer.Builder> options) {
    server = options.apply(LogServer.builder(log).port(port)).start();
  }

  private RemoteLog.Builder client() {
    return RemoteLog.builder("localhost:" + server.port()).connectTimeout(Duration.ofSeconds(30));
  }

  private Path tokens(String... lines) {
    return Authority.secret(directory.resolve("tokens"), String.join("\n", lines) + "\n");
  }

  private static LogPosition append(SharedLog client) {
    return client
        .append(
            AppendRequest.builder(Payload.wrap(new byte[] {1}))
                .write(StreamKeys.whole(A))
                .requestId(new RequestId(client.openSession().join(), 0, 0))
                .build())
        .join();
  }

  private static LogEntry read(SharedLog client, LogPosition position) {
    return client.read(A, position, ReadLimit.DEFAULT).join().entries().get(0);
  }

  @Test
  void token_isShownWithEveryCall() {
    Path tokens = tokens(READER + " read ruth", WRITER + " write wim");
    serve(0, builder -> builder.tokens(tokens));

    try (RemoteLog wim = client().token(WRITER).open();
        RemoteLog ruth = client().token(READER).open()) {
      wim.read(A, append(wim).next(), ReadLimit.DEFAULT).join(); // so that it is watched
      LogPosition position = append(wim);

      assertThat(read(wim, position).principal()).as("of an own entry").contains("wim");
      assertThat(read(ruth, position).principal()).contains("wim");
      assertThat(ruth.append(AppendRequest.of(A, Payload.wrap(new byte[0]))))
          .failsWithin(Duration.ofSeconds(60))
          .withThrowableThat()
          .havingCause()
          .isInstanceOf(LogRefusedException.class)
          .withMessageContaining("write");
      assertThat(ruth.openSession())
          .failsWithin(Duration.ofSeconds(60))
          .withThrowableThat()
          .havingCause()
          .isInstanceOf(LogRefusedException.class);
    }
  }

  @Test
  void unknownToken_isRefusedAtOnceAndNotRepeated() {
    Path tokens = tokens(READER + " read ruth");
    serve(0, builder -> builder.tokens(tokens));

    for (RemoteLog.Builder stranger : new RemoteLog.Builder[] {client(), client().token(WRITER)}) {
      assertThatThrownBy(stranger::open)
          .isInstanceOf(LogRefusedException.class)
          .hasMessageContaining("localhost:" + server.port())
          .hasMessageNotContaining(WRITER);
    }
  }

  @Test
  void serverThatIsNotTrusted_isToldOf() {
    Authority authority = new Authority(directory, "authority");
    Authority other = new Authority(directory, "other");
    Authority.Identity identity = authority.server("localhost");
    serve(0, builder -> builder.tls(identity.certificate(), identity.key()));

    assertThatThrownBy(() -> client().trust(other.certificate()).open())
        .isInstanceOf(LogRefusedException.class)
        .hasMessageContaining("certificat");
    assertThatThrownBy(() -> client().connectTimeout(Duration.ofMillis(500)).open())
        .as("in the clear")
        .isInstanceOf(LogUnavailableException.class);
    try (RemoteLog client = client().trust(authority.certificate()).open()) {
      assertThat(client.tail().join()).isEqualTo(LogPosition.FIRST);
    }
  }

  @Test
  void missingFile_isNamed() {
    serve(0, builder -> builder);

    assertThatThrownBy(() -> client().trust(directory.resolve("nowhere.pem")).open())
        .isInstanceOf(LogRefusedException.class)
        .hasMessageContaining("nowhere.pem");
  }

  @Test
  void certificateThatIsRotated_isShownInTheNextConversation() throws IOException {
    Authority authority = new Authority(directory, "authority");
    Authority.Identity identity = authority.server("localhost");
    Authority.Identity before = authority.client("before", DAY);
    Authority.Identity after = authority.client("after", DAY);
    Path trusted = authority.certificate();
    UnaryOperator<LogServer.Builder> options =
        builder ->
            builder
                .tls(identity.certificate(), identity.key())
                .clientCertificates(trusted, Role.WRITE);
    serve(0, options);

    try (RemoteLog client =
        client().trust(trusted).certificate(before.certificate(), before.key()).open()) {
      assertThat(read(client, append(client)).principal()).contains("before");

      Files.move(after.certificate(), before.certificate(), StandardCopyOption.REPLACE_EXISTING);
      Files.move(after.key(), before.key(), StandardCopyOption.REPLACE_EXISTING);
      int port = server.port();
      server.close();
      serve(port, options);

      assertThat(read(client, append(client)).principal()).contains("after");
    }
  }
}
