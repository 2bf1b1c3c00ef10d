package dev.milonga.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milonga.Milonga;
import dev.milonga.collections.ReplicatedMap;
import dev.milonga.log.InMemoryLog;
import dev.milonga.log.LocalTails;
import dev.milonga.log.LogPosition;
import dev.milonga.log.ReadBatch;
import dev.milonga.log.ReadLimit;
import dev.milonga.log.SharedLog;
import dev.milonga.log.StreamId;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** How often a log that is far away is asked. */
class DistantOpensTest {

  private static final int OBJECTS = 20;

  /** Shows no tails for nothing, and counts what it is asked. */
  private static final class CountingLog extends DelegatingLog {

    private final AtomicInteger asked = new AtomicInteger();

    CountingLog(SharedLog behind) {
      super(behind);
    }

    int askedSince(int before) {
      return asked.get() - before;
    }

    @Override
    public CompletableFuture<LogPosition> tail() {
      asked.incrementAndGet();
      return super.tail();
    }

    @Override
    public CompletableFuture<Map<StreamId, LogPosition>> tail(Collection<StreamId> streams) {
      asked.incrementAndGet();
      return super.tail(streams);
    }

    @Override
    public CompletableFuture<ReadBatch> read(StreamId stream, LogPosition from, ReadLimit limit) {
      asked.incrementAndGet();
      return super.read(stream, from, limit);
    }

    @Override
    public CompletableFuture<LogPosition> trimMark() {
      asked.incrementAndGet();
      return super.trimMark();
    }

    @Override
    public Optional<LocalTails> localTails() {
      return Optional.empty();
    }
  }

  @Test
  void openingWhatIsThere_asksForTheDirectoryOnceAndForEachObjectThreeTimes() {
    try (SharedLog log = InMemoryLog.create();
        Milonga writer = Milonga.over(log)) {
      for (int i = 0; i < OBJECTS; i++) {
        writer.map("map " + i, String.class, Integer.class).put("k", i);
      }
      CountingLog distant = new CountingLog(log);
      try (Milonga reader = Milonga.over(distant)) {
        assertThat(reader.map("map 0", String.class, Integer.class).get("k")).isZero();
        int before = distant.asked.get();

        for (int i = 1; i < OBJECTS; i++) {
          ReplicatedMap<String, Integer> map = reader.map("map " + i, String.class, Integer.class);
          assertThat(map.get("k")).isEqualTo(i);
        }
        assertThat(distant.askedSince(before)).isEqualTo(3 * (OBJECTS - 1));

        int opened = distant.asked.get();
        assertThat(reader.map("map 7", String.class, Integer.class).get("k")).isEqualTo(7);
        assertThat(distant.askedSince(opened)).as("nothing was written since").isEqualTo(1);
      }
    }
  }
}
