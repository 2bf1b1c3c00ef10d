package dev.milonga.log.server.grpc;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A port that leads to another one, until it is cut: then all that is under way is lost. */
final class CutWire implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(CutWire.class);

  private final ServerSocket listener;
  private final int target;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  CutWire(int target) {
    this.target = target;
    try {
      this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    start("accept", this::accept);
  }

  int port() {
    return listener.getLocalPort();
  }

  /** Ends every connection at once, in the middle of whatever is being said. */
  void cut() {
    sockets.forEach(CutWire::end);
  }

  private void accept() {
    while (!closed) {
      try {
        connect(listener.accept());
      } catch (IOException e) {
        LOG.debug("no connection", e); // cut, closed, or nobody listens
      }
    }
  }

  private void connect(Socket near) throws IOException {
    sockets.add(near);
    Socket far;
    try {
      far = new Socket(InetAddress.getLoopbackAddress(), target);
    } catch (IOException e) {
      end(near); // as if the server itself had refused
      sockets.remove(near);
      throw e;
    }
    sockets.add(far);
    near.setTcpNoDelay(true);
    far.setTcpNoDelay(true);
    start("forth", () -> pass(near, far));
    start("back", () -> pass(far, near));
  }

  private void pass(Socket from, Socket to) {
    byte[] bytes = new byte[16 << 10];
    try (InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream()) {
      for (int count = in.read(bytes); count >= 0; count = in.read(bytes)) {
        out.write(bytes, 0, count);
      }
    } catch (IOException e) {
      LOG.debug("cut", e);
    } finally {
      end(from);
      end(to);
      sockets.remove(from);
      sockets.remove(to);
    }
  }

  private static void end(Socket socket) {
    try {
      socket.close();
    } catch (IOException e) {
      LOG.debug("closing failed", e);
    }
  }

  private static void start(String name, Runnable task) {
    Thread thread = new Thread(task, "cut-wire-" + name);
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public void close() {
    closed = true;
    try {
      listener.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    cut();
  }
}
