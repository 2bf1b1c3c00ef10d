package dev.milonga.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.milonga.tests.Relay.Direction;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RelayTest {

  private static final int SHORT_MILLIS = 100; // in which nothing must come
  private static final int LONG_MILLIS = 60_000;

  private final AtomicLong heard = new AtomicLong(); // bytes, by the server
  private ServerSocket server;
  private Relay relay;

  @BeforeEach
  void startEcho() throws IOException {
    server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread accepting = new Thread(this::accept, "echo");
    accepting.setDaemon(true);
    accepting.start();
    relay = Relay.to(server.getLocalPort(), 1);
  }

  @AfterEach
  void stop() throws IOException {
    relay.close();
    server.close();
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        Thread echo = new Thread(() -> echo(socket), "echo");
        echo.setDaemon(true);
        echo.start();
      } catch (IOException e) {
        return; // closed
      }
    }
  }

  private void echo(Socket socket) {
    try (socket) {
      byte[] buffer = new byte[1_024];
      for (int n; (n = socket.getInputStream().read(buffer)) >= 0; ) {
        heard.addAndGet(n);
        socket.getOutputStream().write(buffer, 0, n);
      }
    } catch (IOException e) {
      // The connection was broken: so it is meant.
    }
  }

  private Socket connect() throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), relay.port());
    socket.setSoTimeout(LONG_MILLIS);
    return socket;
  }

  private static void say(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
  }

  private static String hear(Socket socket, int count) throws IOException {
    return new String(socket.getInputStream().readNBytes(count), StandardCharsets.US_ASCII);
  }

  @Test
  void whatIsSaid_goesThroughBothWays_andAfterACutOnNewConnections() throws IOException {
    Socket first = connect();
    say(first, "one");
    assertThat(hear(first, 3)).isEqualTo("one");

    relay.cut();

    assertThatThrownBy(
            () -> {
              hear(first, 1);
              throw new IOException("the end is a break as well");
            })
        .isInstanceOf(IOException.class);
    try (Socket second = connect()) {
      say(second, "two");
      assertThat(hear(second, 3)).isEqualTo("two");
    }
    assertThat(relay.accepted()).isEqualTo(2);
  }

  @Test
  void wayThatIsHeldBack_deliversNothingUntilItHeals_theOtherDoes() throws IOException {
    try (Socket socket = connect()) {
      say(socket, "a");
      hear(socket, 1);
      relay.holdBack(Direction.TO_CLIENT);
      say(socket, "b");

      await().until(() -> heard.get() == 2);
      socket.setSoTimeout(SHORT_MILLIS);
      assertThatThrownBy(() -> hear(socket, 1)).isInstanceOf(SocketTimeoutException.class);

      relay.heal();
      socket.setSoTimeout(LONG_MILLIS);
      assertThat(hear(socket, 1)).isEqualTo("b");
    }
  }

  @Test
  void partition_holdsBackBothWays_andHealsWithoutLoss() throws IOException {
    try (Socket socket = connect()) {
      relay.partition();
      say(socket, "waiting");
      socket.setSoTimeout(SHORT_MILLIS);
      assertThatThrownBy(() -> hear(socket, 1)).isInstanceOf(SocketTimeoutException.class);
      assertThat(heard.get()).isZero();

      relay.heal();
      socket.setSoTimeout(LONG_MILLIS);
      assertThat(hear(socket, 7)).isEqualTo("waiting");
    }
  }

  @Test
  void delay_isAddedEachWay() throws IOException {
    try (Socket socket = connect()) {
      relay.delay(Duration.ofMillis(50));
      long began = System.nanoTime();
      say(socket, "slow");
      hear(socket, 4);

      assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThan(Duration.ofMillis(99));
    }
  }

  @Test
  void connectionsThatBreakAfterSomeBytes_deliverAPart() throws IOException {
    relay.breakAfter(1_000);
    long echoed = 0;
    try (Socket socket = connect()) {
      for (int i = 0; i < 100_000; i++) {
        say(socket, "x");
        echoed += hear(socket, 1).length();
      }
    } catch (IOException e) {
      // As it is meant.
    }

    assertThat(echoed).isLessThan(2_000);
    assertThat(heard.get()).isLessThan(2_000);
    await().until(() -> relay.connections() == 0);
    assertThat(relay.broken()).isEqualTo(1);
  }

  @Test
  void refusing_breaksNewConnectionsUntilItHeals() throws IOException {
    relay.refuse();
    assertThatThrownBy(
            () -> {
              try (Socket socket = connect()) {
                say(socket, "x");
                if (hear(socket, 1).isEmpty()) {
                  throw new IOException("ended");
                }
              }
            })
        .isInstanceOf(IOException.class);

    relay.heal();
    try (Socket socket = connect()) {
      say(socket, "y");
      assertThat(hear(socket, 1)).isEqualTo("y");
    }
  }
}
