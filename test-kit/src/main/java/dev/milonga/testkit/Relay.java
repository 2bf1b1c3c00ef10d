package dev.milonga.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * Passes TCP connections on to a server on this machine, byte by byte, over two {@link Direction}s
 * that all of its connections share. Thread-safe.
 */
final class Relay implements AutoCloseable {

  private static final int CHUNK_BYTES = 16 << 10;
  private static final long NONE = -1;

  private final int serverPort;
  private final LongSupplier tail;
  private final ServerSocket listening;
  private final Thread accepting;
  private final Direction requests = new Direction("relay-requests");
  private final Direction answers = new Direction("relay-answers");
  private final Set<Connection> connections = ConcurrentHashMap.newKeySet();
  private volatile boolean cut; // a connection that is made meanwhile is closed by who makes it
  private volatile boolean closed; // set once

  // The tail that the log had when it was told to lose the acknowledgement of what comes then.
  private final AtomicLong losesFrom = new AtomicLong(NONE);

  /**
   * A relay to that port of this machine.
   *
   * @param tail the tail of the server's log, at any time
   */
  Relay(int serverPort, LongSupplier tail) {
    this.serverPort = serverPort;
    this.tail = tail;
    try {
      this.listening = new ServerSocket(0, 0, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException("no port is free for a link", e);
    }
    this.accepting = start("relay-accept", this::accept);
  }

  private static Thread start(String name, Runnable task) {
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    thread.start();
    return thread;
  }

  /** The port to connect to. */
  int port() {
    return listening.getLocalPort();
  }

  Direction requests() {
    return requests;
  }

  Direction answers() {
    return answers;
  }

  /** Breaks the connections as soon as the log has grown, before the client learns of that. */
  void loseNextAcknowledgement() {
    losesFrom.set(tail.getAsLong());
  }

  /** Breaks all connections, and every new one, until {@link #heal}. */
  void cut() {
    cut = true;
    connections.forEach(Connection::close);
  }

  void heal() {
    cut = false;
    requests.heal();
    answers.heal();
  }

  @Override
  public void close() {
    closed = true;
    try {
      listening.close();
    } catch (IOException e) {
      throw new UncheckedIOException("the port of a link cannot be closed", e);
    } finally {
      connections.forEach(Connection::close);
      requests.close();
      answers.close();
    }
    try {
      accepting.join(); // as long as it is in its call, the system goes on to take connections
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void accept() {
    while (!closed) {
      try {
        connect(listening.accept());
      } catch (IOException e) {
        // The port was closed, or a client has gone at once; the loop tells which.
      }
    }
  }

  private void connect(Socket client) throws IOException {
    Socket server;
    try {
      server = new Socket(InetAddress.getLoopbackAddress(), serverPort);
    } catch (IOException e) {
      client.close(); // as the server itself would have refused it
      return;
    }
    client.setTcpNoDelay(true);
    server.setTcpNoDelay(true);
    Connection connection = new Connection(client, server);
    connections.add(connection);
    if (cut || closed) {
      connection.close();
      return;
    }
    start("relay-requests-in", () -> connection.pass(client, requests, server, false));
    start("relay-answers-in", () -> connection.pass(server, answers, client, true));
  }

  // Whoever reads a byte from the server before the log has grown has read no acknowledgement.
  private boolean mayAcknowledge() {
    long from = losesFrom.get();
    return from != NONE && tail.getAsLong() > from && losesFrom.compareAndSet(from, NONE);
  }

  /** One connection of a client, and the one to the server that stands for it. */
  private final class Connection {

    private final Socket client;
    private final Socket server;

    Connection(Socket client, Socket server) {
      this.client = client;
      this.server = server;
    }

    /** Reads one side until it ends, and sends what is read the other way. */
    void pass(Socket from, Direction way, Socket to, boolean answers) {
      byte[] chunk = new byte[CHUNK_BYTES];
      try {
        InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream();
        for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
          if (answers && mayAcknowledge()) {
            close();
            return;
          }
          byte[] bytes = Arrays.copyOf(chunk, read);
          way.send(() -> write(out, bytes));
        }
      } catch (IOException e) {
        // The connection is broken: what was read before still arrives, unless that is broken too.
      }
      way.send(this::close);
    }

    private void write(OutputStream out, byte[] bytes) {
      try {
        out.write(bytes);
      } catch (IOException e) {
        close();
      }
    }

    void close() {
      connections.remove(this);
      try (client;
          server) {
        return;
      } catch (IOException e) {
        throw new UncheckedIOException("a connection of a link cannot be closed", e);
      }
    }
  }
}
