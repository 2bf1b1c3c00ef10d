package dev.milonga.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Tells over HTTP how a server does, to whoever can reach it:
 *
 * <ul>
 *   <li>{@code /metrics}: what it counts, in the text format of Prometheus.
 *   <li>{@code /live}: 200 as long as it makes sense to let the process go on, else 503.
 *   <li>{@code /ready}: 200 if it takes requests, else 503.
 * </ul>
 *
 * A 503 says why in its body. Slow, large, idle and too many callers are cut off: nobody here can
 * use more than a few threads and some kilobytes.
 */
final class MetricsEndpoint implements AutoCloseable {

  private static final String PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";
  private static final String PLAIN = "text/plain; charset=utf-8";
  private static final int THREADS = 8;
  private static final int WAITING_MAX = 64;
  private static final int CONNECTIONS_MAX = 64; // of which each waits once at most

  private final HttpServer server;
  private final ThreadPoolExecutor threads;

  /** What there is to be told. All may be asked by several threads at once. */
  interface Source {

    /** All meters, in the text format of Prometheus. */
    String metrics();

    /** Why the process should be started anew; empty if it should not. */
    Optional<String> dead();

    /** Why no requests should be sent to it now; empty if they may. */
    Optional<String> unready();
  }

  private MetricsEndpoint(HttpServer server, Source source) {
    this.server = server;
    this.threads =
        new ThreadPoolExecutor(
            THREADS,
            THREADS,
            10,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(WAITING_MAX),
            task -> {
              Thread thread = new Thread(task, "metrics");
              thread.setDaemon(true);
              return thread;
            },
            new ThreadPoolExecutor.DiscardPolicy()); // only where there is no limit of connections
    threads.allowCoreThreadTimeOut(true);
    server.setExecutor(threads);
    server.createContext("/", exchange -> answer(exchange, source));
  }

  /**
   * Begins to answer.
   *
   * @throws CommandFailedException if that address cannot be listened on
   */
  static MetricsEndpoint start(InetSocketAddress address, Source source) {
    limitCallers();
    HttpServer server;
    try {
      server = HttpServer.create(address, WAITING_MAX);
    } catch (IOException e) {
      throw new CommandFailedException(
          "metrics cannot be served on "
              + address.getAddress().getHostAddress()
              + ":"
              + address.getPort()
              + " ("
              + e.getMessage()
              + "); choose another --metrics-address, or none",
          e);
    }
    MetricsEndpoint endpoint = new MetricsEndpoint(server, source);
    server.start();
    return endpoint;
  }

  // The JDK's server takes its limits from system properties, when its first one is made. Seconds.
  private static void limitCallers() {
    setUnlessSet("sun.net.httpserver.maxReqTime", 5);
    setUnlessSet("sun.net.httpserver.maxRspTime", 30);
    setUnlessSet("sun.net.httpserver.idleInterval", 30);
    setUnlessSet("sun.net.httpserver.maxIdleConnections", 16);
    setUnlessSet("sun.net.httpserver.maxReqHeaders", 50);
    setUnlessSet("sun.net.httpserver.maxReqHeaderSize", 16 << 10); // bytes
    // Bytes of a body that nobody reads. Without any, a caller may find itself cut off where its
    // answer was to be.
    setUnlessSet("sun.net.httpserver.drainAmount", 4 << 10);
    setUnlessSet("jdk.httpserver.maxConnections", CONNECTIONS_MAX);
  }

  private static void setUnlessSet(String property, int value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, Integer.toString(value));
    }
  }

  /** The port on which it listens. */
  int port() {
    return server.getAddress().getPort();
  }

  private static void answer(HttpExchange exchange, Source source) throws IOException {
    try (exchange) {
      String method = exchange.getRequestMethod();
      if (!method.equals("GET") && !method.equals("HEAD")) {
        exchange.getResponseHeaders().set("Allow", "GET, HEAD");
        exchange.getResponseHeaders().set("Connection", "close"); // what follows may be a body
        send(exchange, 405, PLAIN, () -> "only GET and HEAD are answered\n");
        return;
      }
      switch (exchange.getRequestURI().getPath()) {
        case "/metrics" -> send(exchange, 200, PROMETHEUS, source::metrics);
        case "/live" -> send(exchange, source.dead(), "live");
        case "/ready" -> send(exchange, source.unready(), "ready");
        default -> send(exchange, 404, PLAIN, () -> "there are /metrics, /live and /ready\n");
      }
    }
  }

  private static void send(HttpExchange exchange, Optional<String> problem, String otherwise)
      throws IOException {
    send(exchange, problem.isPresent() ? 503 : 200, PLAIN, () -> problem.orElse(otherwise) + "\n");
  }

  private static void send(HttpExchange exchange, int status, String type, Supplier<String> text)
      throws IOException {
    byte[] body = text.get().getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", type);
    if (exchange.getRequestMethod().equals("HEAD")) {
      exchange.sendResponseHeaders(status, -1);
      return;
    }
    exchange.sendResponseHeaders(status, body.length);
    exchange.getResponseBody().write(body);
  }

  /** Stops to answer. */
  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
