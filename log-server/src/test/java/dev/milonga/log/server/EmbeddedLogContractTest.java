package dev.milonga.log.server;

import dev.milonga.log.LogFixture;
import dev.milonga.log.SettableClock;
import dev.milonga.log.SharedLog;
import dev.milonga.log.SharedLogContract;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.io.TempDir;

/** The contract, with entries served from memory; and from the store, for a principal. */
class EmbeddedLogContractTest {

  @Nested
  final class FromMemory extends SharedLogContract {

    @TempDir Path directory;

    @Override
    protected LogFixture newLog() {
      return new Fixture(directory.resolve("log"), 32 << 20);
    }
  }

  @Nested
  final class FromTheStoreForAPrincipal extends SharedLogContract {

    @TempDir Path directory;

    @Override
    protected LogFixture newLog() {
      return new Fixture(directory.resolve("log"), 1) {

        private SharedLog acting = open();

        private SharedLog open() {
          return ((EmbeddedLog) super.log()).actingFor("ann");
        }

        @Override
        public SharedLog log() {
          return acting;
        }

        @Override
        public SharedLog otherClient() {
          return open();
        }

        @Override
        public SharedLog restart() {
          super.restart();
          acting = open();
          return acting;
        }
      };
    }
  }

  private static class Fixture implements LogFixture {

    private final SettableClock clock = new SettableClock(Instant.parse("2026-01-01T00:00:00Z"));
    private final Path directory;
    private final long cacheBytesMax;
    private EmbeddedLog log;

    Fixture(Path directory, long cacheBytesMax) {
      this.directory = directory;
      this.cacheBytesMax = cacheBytesMax;
      this.log = open();
    }

    private EmbeddedLog open() {
      return EmbeddedLog.builder(directory)
          .clock(clock)
          .entryBytesMax(entryBytesMax())
          .sessionTimeout(sessionTimeout())
          .cacheBytesMax(cacheBytesMax)
          .open();
    }

    @Override
    public SharedLog log() {
      return log;
    }

    @Override
    public boolean survivesRestart() {
      return true;
    }

    @Override
    public SharedLog restart() {
      log.close();
      log = open();
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
    }
  }
}
