package dev.milonga.tests;

import dev.milonga.log.SharedLog;
import dev.milonga.log.grpc.RemoteLog;
import dev.milonga.log.server.EmbeddedLog;
import dev.milonga.log.server.grpc.LogServer;

/** A log behind a server, as a client sees it; all three end with it. */
final class ServedLog extends DelegatingLog {

  private final SharedLog client;
  private final LogServer server;
  private final EmbeddedLog log;

  ServedLog(EmbeddedLog log) {
    this(log, LogServer.builder(log).start());
  }

  private ServedLog(EmbeddedLog log, LogServer server) {
    this(log, server, RemoteLog.open("localhost:" + server.port()));
  }

  private ServedLog(EmbeddedLog log, LogServer server, SharedLog client) {
    super(client);
    this.client = client;
    this.server = server;
    this.log = log;
  }

  @Override
  public void close() {
    client.close();
    server.close();
    log.close();
  }
}
