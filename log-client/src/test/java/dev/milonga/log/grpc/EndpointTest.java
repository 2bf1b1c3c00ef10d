package dev.milonga.log.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Targets, pauses, and what is said of secrets. */
class EndpointTest {

  @Test
  void targetOfSeveralServers_isTakenApart() {
    assertThat(Endpoint.parse("log-1:7700, 10.0.0.2:1,[::1]:65535"))
        .containsExactly(
            new Endpoint("log-1", 7700), new Endpoint("10.0.0.2", 1), new Endpoint("::1", 65535));
  }

  @Test
  void targetOfAnotherForm_isRefusedWithAnExample() {
    for (String wrong :
        List.of("", "a", "a:", ":1", "a:0", "a:65536", "a:x", "a:1,", "::1:5", "http://a:1")) {
      assertThatThrownBy(() -> RemoteLog.builder(wrong))
          .as(wrong)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("log-1:7700");
    }
  }

  @Test
  void loopback_isToldByTheName() {
    assertThat(Endpoint.parse("localhost:1,LocalHost:1,127.0.0.1:1,127.9.9.9:1,[::1]:1"))
        .allMatch(Endpoint::isLoopback);
    assertThat(Endpoint.parse("10.0.0.1:1,127.example.org:1,localhost.example.org:1"))
        .noneMatch(Endpoint::isLoopback);
  }

  @Test
  void pauses_growUpToABoundAndAreNeverTheSameForAll() {
    Backoff backoff = new Backoff(100, 1_000, new Random(5));
    for (long most : List.of(100L, 200L, 400L, 800L, 1_000L, 1_000L)) {
      assertThat(backoff.next()).isBetween(most / 2, most);
    }
    backoff.reset();
    assertThat(backoff.next()).isLessThanOrEqualTo(100);
    assertThat(new Backoff(1 << 20, 1 << 20, new Random(1)).next())
        .isNotEqualTo(new Backoff(1 << 20, 1 << 20, new Random(2)).next());
  }

  @Test
  void token_isInNoToString() {
    RemoteLog.Builder builder = RemoteLog.builder("localhost:1").token("secret-token");
    GrpcDialer.Security security =
        new GrpcDialer.Security(
            GrpcDialer.Security.Tls.ALWAYS, Path.of("ca.pem"), null, null, "secret-token", null);

    assertThat(builder.toString()).doesNotContain("secret");
    assertThat(security.toString()).doesNotContain("secret");
    assertThatThrownBy(() -> RemoteLog.builder("localhost:1").token("two words"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageNotContaining("two");
  }

  @Test
  void tls_isUsedBeyondLoopbackUnlessInsecure() {
    Endpoint near = new Endpoint("localhost", 1);
    Endpoint far = new Endpoint("log-1", 1);

    assertThat(security(GrpcDialer.Security.Tls.BEYOND_LOOPBACK).usesTls(near)).isFalse();
    assertThat(security(GrpcDialer.Security.Tls.BEYOND_LOOPBACK).usesTls(far)).isTrue();
    assertThat(security(GrpcDialer.Security.Tls.ALWAYS).usesTls(near)).isTrue();
    assertThat(security(GrpcDialer.Security.Tls.NEVER).usesTls(far)).isFalse();
    assertThatThrownBy(() -> RemoteLog.builder("localhost:1").tls().insecure().open())
        .isInstanceOf(IllegalStateException.class);
  }

  private static GrpcDialer.Security security(GrpcDialer.Security.Tls tls) {
    return new GrpcDialer.Security(tls, null, null, null, null, null);
  }
}
