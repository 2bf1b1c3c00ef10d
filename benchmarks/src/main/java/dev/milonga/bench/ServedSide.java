package dev.milonga.bench;

import dev.milonga.Milonga;
import dev.milonga.log.grpc.RemoteLog;
import java.nio.file.Path;

/** A store served by another process, whose two maps hold every key, and clients of it. */
final class ServedSide {

  private final Bench bench;
  private final ServerProcess server;

  ServedSide(Bench bench) throws Exception {
    this.bench = bench;
    Path directory = bench.newDirectory();
    new StoreSide(directory, bench.pairs()).close();
    this.server = bench.closing(ServerProcess.start(directory, directory.resolveSibling("server")));
  }

  ServerProcess server() {
    return server;
  }

  /** A client with a connection of its own. */
  StoreSide newClient() {
    RemoteLog log = bench.closing(RemoteLog.open(server.target()));
    return bench.closing(new StoreSide(Milonga.over(log), bench.pairs()));
  }

  UnaryCalls newUnaryCalls() {
    return bench.closing(new UnaryCalls(server));
  }
}
