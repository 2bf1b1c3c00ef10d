package dev.milonga.log.server.grpc;

import dev.milonga.log.LogFixture;
import dev.milonga.log.SettableClock;
import dev.milonga.log.SharedLog;
import dev.milonga.log.SharedLogContract;
import dev.milonga.log.StoreClosedException;
import dev.milonga.log.grpc.RemoteLog;
import dev.milonga.log.server.Durability;
import dev.milonga.log.server.EmbeddedLog;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.io.TempDir;

/** The contract over a server, with reads from the client's memory and from the server. */
class RemoteLogContractTest {

  @Nested
  final class FromMemory extends SharedLogContract {

    @TempDir Path directory;

    @Override
    protected LogFixture newLog() {
      return new Fixture(directory.resolve("log"), 16 << 20);
    }
  }

  @Nested
  final class FromTheServer extends SharedLogContract {

    @TempDir Path directory;

    @Override
    protected LogFixture newLog() {
      return new Fixture(directory.resolve("log"), 1);
    }
  }

  /** A server with two clients, which outlive it when it is restarted. */
  private static final class Fixture implements LogFixture {

    private final SettableClock clock = new SettableClock(Instant.parse("2026-01-01T00:00:00Z"));
    private final Path directory;
    private final long bufferBytesMax;
    private EmbeddedLog embedded;
    private LogServer server;
    private RemoteLog log;
    private RemoteLog other;

    Fixture(Path directory, long bufferBytesMax) {
      this.directory = directory;
      this.bufferBytesMax = bufferBytesMax;
      serve(0);
      log = connect();
      other = connect();
    }

    private void serve(int port) {
      embedded =
          EmbeddedLog.builder(directory)
              .durability(Durability.ASYNC) // nothing crashes here
              .clock(clock)
              .entryBytesMax(entryBytesMax())
              .sessionTimeout(sessionTimeout())
              .open();
      server = LogServer.builder(embedded).port(port).start();
    }

    private RemoteLog connect() {
      return RemoteLog.builder("localhost:" + server.port()).bufferBytesMax(bufferBytesMax).open();
    }

    @Override
    public SharedLog log() {
      return log;
    }

    @Override
    public SharedLog otherClient() {
      return other;
    }

    @Override
    public boolean survivesRestart() {
      return true;
    }

    @Override
    public SharedLog restart() {
      int port = server.port();
      server.close();
      embedded.close();
      serve(port);
      try {
        log.tail().join();
      } catch (CompletionException e) {
        if (!(e.getCause() instanceof StoreClosedException)) {
          throw e;
        }
        log = connect();
      }
      return log;
    }

    @Override
    public SettableClock clock() {
      return clock;
    }

    @Override
    public Duration sessionTimeout() {
      return Duration.ofMinutes(10);
    }

    @Override
    public int entryBytesMax() {
      return 64 << 10;
    }

    @Override
    public void close() {
      log.close();
      other.close();
      server.close();
      embedded.close();
    }
  }
}
