package dev.milonga.tests;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The network between clients and a server: clients connect to it, and it passes on what they and
 * the server say, until it is told otherwise. It loses, alters and reorders nothing within a
 * connection, which TCP does not either; what a connection can do is to be slow, to stall, one way
 * or both, and to break with an unknown part of what was said not delivered.
 *
 * <p>Each connection has a thread each way, and no more under way than one buffer of it and what
 * the system buffers. Thread-safe.
 */
final class Relay implements AutoCloseable {

  private static final int CONNECTIONS_MAX = 256;
  private static final int BUFFER_BYTES = 16 << 10;
  private static final int CONNECT_MILLIS_MAX = 10_000;

  /** Which way something goes. */
  enum Direction {
    TO_SERVER,
    TO_CLIENT
  }

  private final ServerSocket listening;
  private final Thread accepting;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  // All guarded by lock.
  private final List<Connection> connections = new ArrayList<>();
  private final boolean[] heldBack = new boolean[Direction.values().length];
  private final Random random;
  private InetSocketAddress server;
  private boolean refusing;
  private boolean closed;
  private long delayNanos;
  private long breakAfterBytesMean; // 0 for never
  private long accepted;
  private long broken;

  private Relay(InetSocketAddress server, long seed) throws IOException {
    this.server = server;
    this.random = new Random(seed);
    this.listening = new ServerSocket(0, 128, InetAddress.getLoopbackAddress());
    this.accepting = new Thread(this::accept, "relay-" + listening.getLocalPort());
    accepting.setDaemon(true);
    accepting.start();
  }

  /** A relay to a port of this machine, where nothing needs to listen yet. */
  static Relay to(int serverPort, long seed) {
    try {
      return new Relay(new InetSocketAddress(InetAddress.getLoopbackAddress(), serverPort), seed);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Where clients connect to. */
  int port() {
    return listening.getLocalPort();
  }

  /** Host and port of {@link #port()}. */
  String address() {
    return listening.getInetAddress().getHostAddress() + ":" + port();
  }

  /** Connections that begin from now on go to that port. */
  void pointTo(int serverPort) {
    lock.lock();
    try {
      server = new InetSocketAddress(InetAddress.getLoopbackAddress(), serverPort);
    } finally {
      lock.unlock();
    }
  }

  /** Breaks every connection, with whatever was not delivered; new ones work. */
  void cut() {
    List<Connection> all;
    lock.lock();
    try {
      all = List.copyOf(connections);
    } finally {
      lock.unlock();
    }
    all.forEach(Connection::close);
  }

  /** Breaks every connection, and each new one at once, until {@link #heal}. */
  void refuse() {
    set(() -> refusing = true);
    cut();
  }

  /** Nothing that is said goes through, either way, and no connection breaks. */
  void partition() {
    set(
        () -> {
          heldBack[0] = true;
          heldBack[1] = true;
        });
  }

  /** What is said that way waits, until {@link #heal}; the other way goes on. */
  void holdBack(Direction direction) {
    set(() -> heldBack[direction.ordinal()] = true);
  }

  /** Whatever is said takes that much longer, each way. */
  void delay(Duration delay) {
    set(() -> delayNanos = delay.toNanos());
  }

  /**
   * Each connection that begins from now on breaks after about so many bytes, of both ways
   * together: what was said last on it is lost, and its answers are.
   */
  void breakAfter(long bytesMean) {
    set(() -> breakAfterBytesMean = bytesMean);
  }

  /** Everything goes through again, and what was held back is delivered. */
  void heal() {
    set(
        () -> {
          heldBack[0] = false;
          heldBack[1] = false;
          refusing = false;
          delayNanos = 0;
          breakAfterBytesMean = 0;
          connections.forEach(each -> each.bytesLeft = Long.MAX_VALUE);
        });
  }

  private void set(Runnable change) {
    lock.lock();
    try {
      change.run();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** How many connections there have been. */
  long accepted() {
    lock.lock();
    try {
      return accepted;
    } finally {
      lock.unlock();
    }
  }

  /** How many of them the relay has broken. */
  long broken() {
    lock.lock();
    try {
      return broken;
    } finally {
      lock.unlock();
    }
  }

  /** How many there are. */
  int connections() {
    lock.lock();
    try {
      return connections.size();
    } finally {
      lock.unlock();
    }
  }

  private void accept() {
    while (true) {
      try {
        begin(listening.accept());
      } catch (SocketException e) {
        return; // closed
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private void begin(Socket client) {
    Connection connection = new Connection(client);
    lock.lock();
    try {
      accepted++;
      if (!refusing && !closed && connections.size() < CONNECTIONS_MAX) {
        connection.bytesLeft =
            breakAfterBytesMean == 0
                ? Long.MAX_VALUE
                : 1 + (long) (2 * breakAfterBytesMean * random.nextDouble());
        connections.add(connection);
        connection.start();
        return;
      }
    } finally {
      lock.unlock();
    }
    connection.close();
  }

  @Override
  public void close() {
    set(() -> closed = true);
    try {
      listening.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    cut();
  }

  /** One connection of a client, and its counterpart to the server. */
  private final class Connection {

    private final Socket client;
    private final Socket upstream = new Socket();
    private long bytesLeft; // before it breaks; guarded by lock
    private boolean ended; // guarded by lock

    Connection(Socket client) {
      this.client = client;
    }

    private void start() {
      thread("up", this::connectAndPass).start();
    }

    private Thread thread(String name, Runnable body) {
      Thread thread = new Thread(body, "relay-" + port() + "-" + name);
      thread.setDaemon(true);
      return thread;
    }

    private void connectAndPass() {
      InetSocketAddress to;
      lock.lock();
      try {
        to = server;
      } finally {
        lock.unlock();
      }
      try {
        client.setTcpNoDelay(true);
        upstream.setTcpNoDelay(true);
        upstream.connect(to, CONNECT_MILLIS_MAX);
      } catch (IOException e) {
        close(); // as the client would see it: nobody listens there
        return;
      }
      thread("down", () -> pass(upstream, client, Direction.TO_CLIENT)).start();
      pass(client, upstream, Direction.TO_SERVER);
    }

    private void pass(Socket from, Socket to, Direction direction) {
      byte[] buffer = new byte[BUFFER_BYTES];
      try {
        int read;
        while ((read = from.getInputStream().read(buffer)) >= 0) {
          int through = await(direction, read);
          if (through > 0) {
            to.getOutputStream().write(buffer, 0, through);
          }
          if (through < read) {
            break;
          }
        }
      } catch (IOException e) {
        // Broken by either end, or by us: the other end is to see that as well.
      }
      close();
    }

    /** Waits until bytes may go that way. Returns how many of them get through before it breaks. */
    private int await(Direction direction, int bytes) {
      lock.lock();
      try {
        long due = System.nanoTime() + delayNanos;
        while (!ended && (heldBack[direction.ordinal()] || due - System.nanoTime() > 0)) {
          if (heldBack[direction.ordinal()]) {
            changed.await();
          } else {
            changed.await(due - System.nanoTime(), TimeUnit.NANOSECONDS);
          }
        }
        int through = ended ? 0 : (int) Math.min(bytes, bytesLeft);
        bytesLeft -= through;
        return through;
      } catch (InterruptedException e) {
        throw new AssertionError("nobody interrupts a thread of a relay", e);
      } finally {
        lock.unlock();
      }
    }

    /** Resets both ends. Closing twice does nothing. */
    private void close() {
      lock.lock();
      try {
        if (ended) {
          return;
        }
        ended = true;
        broken++;
        connections.remove(this);
        changed.signalAll();
      } finally {
        lock.unlock();
      }
      reset(client);
      reset(upstream);
    }

    private void reset(Socket socket) {
      try {
        socket.setSoLinger(true, 0);
      } catch (SocketException e) {
        // Closed by its peer before.
      }
      try {
        socket.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
