package dev.milonga.testkit;

import dev.milonga.Milonga;
import dev.milonga.log.grpc.RemoteLog;
import java.time.Duration;

/** A store that is connected to a log server on this machine. */
record Connected(RemoteLog log, Milonga store) implements AutoCloseable {

  static Connected to(int port, Duration callTimeout) {
    RemoteLog log = RemoteLog.builder("localhost:" + port).timeout(callTimeout).open();
    return new Connected(log, Milonga.builder().log(log).callTimeout(callTimeout).open());
  }

  @Override
  public void close() {
    store.close();
    log.close();
  }
}
