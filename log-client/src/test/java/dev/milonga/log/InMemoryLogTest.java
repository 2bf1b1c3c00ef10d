package dev.milonga.log;

import java.time.Duration;
import java.time.Instant;

final class InMemoryLogTest extends SharedLogContract {

  @Override
  protected LogFixture newLog() {
    return new Fixture();
  }

  private static final class Fixture implements LogFixture {

    private final SettableClock clock = new SettableClock(Instant.parse("2026-01-01T00:00:00Z"));
    private final InMemoryLog log =
        InMemoryLog.builder()
            .clock(clock)
            .entryBytesMax(entryBytesMax())
            .sessionTimeout(sessionTimeout())
            .build();

    @Override
    public SharedLog log() {
      return log;
    }

    @Override
    public boolean survivesRestart() {
      return false;
    }

    @Override
    public SharedLog restart() {
      throw new UnsupportedOperationException("an in-memory log is gone when it is closed");
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
