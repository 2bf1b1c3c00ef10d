package dev.milonga.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class MetricsEndpointTest {

  private final AtomicReference<Optional<String>> dead = new AtomicReference<>(Optional.empty());
  private final AtomicReference<Optional<String>> unready = new AtomicReference<>(Optional.empty());
  private final HttpClient client = HttpClient.newHttpClient();
  private final MetricsEndpoint endpoint =
      MetricsEndpoint.start(
          new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
          new MetricsEndpoint.Source() {
            @Override
            public String metrics() {
              return "up 1\n";
            }

            @Override
            public Optional<String> dead() {
              return dead.get();
            }

            @Override
            public Optional<String> unready() {
              return unready.get();
            }
          });

  @AfterEach
  void close() {
    endpoint.close();
  }

  @Test
  void metrics_areText() throws Exception {
    HttpResponse<String> answer = get("/metrics");

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).isEqualTo("up 1\n");
    assertThat(answer.headers().firstValue("Content-Type"))
        .hasValue("text/plain; version=0.0.4; charset=utf-8");
  }

  @Test
  void healthIsYesOrTheReasonWhyNot() throws Exception {
    assertThat(get("/live").statusCode()).isEqualTo(200);
    assertThat(get("/ready").statusCode()).isEqualTo(200);

    unready.set(Optional.of("it is stopping"));

    assertThat(get("/live").statusCode()).isEqualTo(200);
    assertThat(get("/ready").statusCode()).isEqualTo(503);
    assertThat(get("/ready").body()).isEqualTo("it is stopping\n");

    dead.set(Optional.of("it is broken"));

    assertThat(get("/live").statusCode()).isEqualTo(503);
    assertThat(get("/live").body()).isEqualTo("it is broken\n");
  }

  @Test
  void otherPathsAndMethods_areRefused() throws Exception {
    assertThat(get("/").statusCode()).isEqualTo(404);
    assertThat(get("/metrics/more").statusCode()).isEqualTo(404);
    assertThat(send(request("/metrics").POST(BodyPublishers.ofString("x"))).statusCode())
        .isEqualTo(405);
    HttpResponse<String> head = send(request("/metrics").method("HEAD", BodyPublishers.noBody()));
    assertThat(head.statusCode()).isEqualTo(200);
    assertThat(head.body()).isEmpty();
  }

  @Test
  void headersWithoutEnd_areCutOff_andOthersAreAnsweredMeanwhile() throws Exception {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), endpoint.port())) {
      OutputStream out = socket.getOutputStream();
      out.write("GET /metrics HTTP/1.1\r\n".getBytes(StandardCharsets.US_ASCII));
      out.flush();

      assertThat(get("/metrics").statusCode()).isEqualTo(200);
      byte[] header = ("X-Long: " + "x".repeat(1_000) + "\r\n").getBytes(StandardCharsets.US_ASCII);
      assertThatThrownBy(
              () -> {
                while (socket.getInputStream().available() == 0) {
                  out.write(header); // until the other side has closed
                }
                assertThat(
                        new String(
                            socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII))
                    .startsWith("HTTP/1.1 4");
                throw new SocketException("refused");
              })
          .isInstanceOf(SocketException.class);
    }
    assertThat(get("/metrics").statusCode()).isEqualTo(200);
  }

  @Test
  void requestWithoutEnd_isCutOff_andOthersAreAnsweredMeanwhile() throws Exception {
    List<Socket> stuck = new ArrayList<>();
    try {
      for (int i = 0; i < 4; i++) {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), endpoint.port());
        stuck.add(socket);
        socket.setSoTimeout(100_000);
        socket.getOutputStream().write("GET /met".getBytes(StandardCharsets.US_ASCII));
        socket.getOutputStream().flush();
      }

      assertThat(get("/metrics").statusCode()).isEqualTo(200);
      for (Socket socket : stuck) {
        assertThat(end(socket)).isEqualTo(-1);
      }
    } finally {
      for (Socket socket : stuck) {
        socket.close();
      }
    }
  }

  private static int end(Socket socket) throws IOException {
    try {
      return socket.getInputStream().read();
    } catch (SocketException e) {
      return -1; // cut off harder
    }
  }

  @Test
  void addressInUse_isSaidWithTheRemedy() {
    assertThatThrownBy(
            () ->
                MetricsEndpoint.start(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), endpoint.port()), null))
        .isInstanceOf(CommandFailedException.class)
        .hasMessageContaining(":" + endpoint.port())
        .hasMessageContaining("--metrics-address");
  }

  private HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return send(request(path).GET());
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + endpoint.port() + path));
  }

  private HttpResponse<String> send(HttpRequest.Builder request)
      throws IOException, InterruptedException {
    return client.send(request.build(), BodyHandlers.ofString());
  }
}
