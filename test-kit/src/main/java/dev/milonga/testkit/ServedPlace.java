package dev.milonga.testkit;

import dev.milonga.Milonga;
import dev.milonga.log.LocalTails;
import dev.milonga.log.server.EmbeddedLog;
import dev.milonga.log.server.grpc.LogServer;
import java.time.Duration;

/** A durable log behind a server in the process of the test; its clients are connected to that. */
final class ServedPlace implements Place {

  private static final Duration CALL_TIMEOUT = Duration.ofSeconds(30);
  private static final Duration CONNECT_TIMEOUT = Duration.ofMinutes(1); // of a busy machine
  private static final Duration DRAIN_TIME = Duration.ofMillis(200); // clients keep connections

  private final TemporaryDirectory directory = TemporaryDirectory.make();
  private final Clients clients = new Clients();
  private final Milonga store;
  private final int port;

  private LogServer server;
  private EmbeddedLog log;
  private volatile LocalTails tails; // of the log; read by relays

  ServedPlace() {
    clients.add(directory);
    clients.add(this::stop);
    serve(0);
    this.port = server.port();
    this.store = connected();
  }

  private void serve(int port) {
    log = EmbeddedLog.builder(directory.path().resolve("store")).open();
    tails = log.localTails().orElseThrow();
    server = LogServer.builder(log).port(port).drainTime(DRAIN_TIME).start();
  }

  private void stop() {
    server.close();
    log.close();
  }

  private Milonga connected() {
    return clients.add(connect(port, CALL_TIMEOUT));
  }

  /** A store that is connected to that port of this machine. */
  static Milonga connect(int port, Duration callTimeout) {
    return Milonga.builder()
        .connect("localhost:" + port)
        .connectTimeout(CONNECT_TIMEOUT)
        .callTimeout(callTimeout)
        .open();
  }

  @Override
  public Milonga store() {
    return store;
  }

  @Override
  public Milonga client() {
    return connected();
  }

  @Override
  public Link link(Duration callTimeout) {
    return clients.add(new RelayedLink(new Relay(port, () -> tails.tail()), callTimeout));
  }

  @Override
  public void restart() {
    stop();
    serve(port);
  }

  @Override
  public void close() {
    clients.close();
  }
}
