package dev.milonga.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A relay between a client and a server that answers when the test says so. */
@Timeout(60)
class RelayTest {

  private final AtomicLong tail = new AtomicLong();
  private ServerSocket server;
  private Relay relay;

  @BeforeEach
  void open() throws IOException {
    server = new ServerSocket(0, 0, InetAddress.getLoopbackAddress());
    relay = new Relay(server.getLocalPort(), tail::get);
  }

  @AfterEach
  void close() throws IOException {
    relay.close();
    server.close();
  }

  private Socket client() throws IOException {
    return new Socket(InetAddress.getLoopbackAddress(), relay.port());
  }

  // A connection that was reset has ended, too.
  private static int next(Socket socket) throws IOException {
    try {
      return socket.getInputStream().read();
    } catch (SocketException e) {
      return -1;
    }
  }

  @Test
  void bytes_arriveInBothDirections_andTheEndDoes() throws IOException {
    try (Socket client = client();
        Socket served = server.accept()) {
      client.getOutputStream().write(new byte[] {1, 2});
      assertThat(served.getInputStream().readNBytes(2)).containsExactly(1, 2);
      served.getOutputStream().write(3);
      assertThat(next(client)).isEqualTo(3);

      served.shutdownOutput();
      assertThat(next(client)).isEqualTo(-1);
    }
  }

  @Test
  void acknowledgementToLose_isTheFirstThingReadAfterTheLogHasGrown() throws IOException {
    tail.set(7);
    try (Socket client = client();
        Socket served = server.accept()) {
      relay.loseNextAcknowledgement();
      served.getOutputStream().write(1);
      assertThat(next(client)).isEqualTo(1);

      tail.set(8);
      served.getOutputStream().write(2);
      assertThat(next(client)).isEqualTo(-1);
    }

    try (Socket again = client();
        Socket served = server.accept()) {
      served.getOutputStream().write(3);
      assertThat(next(again)).isEqualTo(3);
    }
  }

  @Test
  void cutRelay_breaksConnections_untilItHeals() throws IOException {
    try (Socket client = client();
        Socket served = server.accept()) {
      relay.cut();
      assertThat(next(client)).isEqualTo(-1);
      assertThat(next(served)).isEqualTo(-1);
      try (Socket refused = client()) {
        assertThat(next(refused)).isEqualTo(-1);
      }
    }
    relay.heal();

    int heard = 0;
    while (heard != 5) { // past the connections that were broken before they were accepted
      try (Socket client = client();
          Socket served = server.accept()) {
        client.getOutputStream().write(5);
        heard = next(served);
      }
    }
    assertThat(heard).isEqualTo(5);
  }

  @Test
  void serverThatIsGone_breaksTheConnection() throws IOException {
    server.close();
    try (Socket client = client()) {
      assertThat(next(client)).isEqualTo(-1);
    }
  }

  @Test
  void closedRelay_takesNoConnections() {
    relay.close();

    assertThatThrownBy(this::client).isInstanceOf(IOException.class);
  }
}
