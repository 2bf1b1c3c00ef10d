package dev.milonga.log.server;

import static dev.milonga.log.server.LogEngineTest.payload;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.milonga.log.AppendRequest;
import dev.milonga.log.LogEntry;
import dev.milonga.log.LogPosition;
import dev.milonga.log.ReadLimit;
import dev.milonga.log.RequestId;
import dev.milonga.log.SessionId;
import dev.milonga.log.StreamId;
import dev.milonga.log.StreamKeys;
import dev.milonga.log.server.RecordedStorage.Image;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A crash between any two steps of a trim: of its write, its marks, and what it drops. */
@Timeout(60)
class TrimCrashTest {

  private static final int STREAMS = 3;
  private static final int POWER_LOSSES = 5; // after each step
  private static final long SEED = Long.getLong("milonga.seed", 1L);

  private final Map<Integer, Long> acknowledged = new TreeMap<>(); // mark by number of steps
  private final List<AppendRequest> requests = new ArrayList<>(); // by position
  private RecordedStorage storage;

  @ParameterizedTest
  @EnumSource
  @DisplayName("C6: a crash between any two steps of a trim")
  void c6_crashBetweenAnyTwoSteps_markNeverGoesBackAndNothingAboveItIsLost(Durability durability)
      throws Exception {
    trimTwiceWhileAppending(durability);

    Random random = new Random(SEED);
    for (int steps = 0; steps <= storage.steps(); steps++) {
      assertWhole(storage.afterKill(steps, random), acknowledgedAfter(steps));
      for (int i = 0; i < POWER_LOSSES; i++) {
        // What is acknowledged before it is durable may be lost, but nothing may be half there.
        boolean promised = durability == Durability.SYNC;
        assertWhole(storage.afterPowerLoss(steps, random), promised ? acknowledgedAfter(steps) : 0);
      }
    }
  }

  private void trimTwiceWhileAppending(Durability durability) throws Exception {
    MemoryStorage rows = new MemoryStorage();
    MemorySlots slots = new MemorySlots();
    new HighWaterMark(slots).write(LogStore.create(rows, 1, 2, new EngineParameters(7, 1L << 40)));
    storage = new RecordedStorage(rows, slots);
    LogStore store = LogStore.open("memory", storage, new HighWaterMark(storage.marks()));
    try (EmbeddedLog log =
        EmbeddedLog.builder(Path.of("unused"))
            .durability(durability)
            .over("memory", store, store)) {
      SessionId session = log.openSession().join();
      append(log, session, 20);
      trim(log, 9);
      append(log, session, 10);
      storage.awaitDrop();
      trim(log, 25);
      append(log, session, 3);
    }
  }

  private void append(EmbeddedLog log, SessionId session, int count) {
    for (int i = 0; i < count; i++) {
      int number = requests.size();
      AppendRequest request =
          AppendRequest.builder(payload("" + number))
              .write(StreamKeys.whole(new StreamId(0, number % STREAMS)))
              .requestId(new RequestId(session, number, Math.max(0, number - 4)))
              .build();
      requests.add(request);
      assertThat(log.append(request).join()).isEqualTo(new LogPosition(number));
    }
  }

  private void trim(EmbeddedLog log, long before) {
    log.trim(new LogPosition(before)).join();
    acknowledged.put(storage.steps(), before);
  }

  private long acknowledgedAfter(int steps) {
    long mark = 0;
    for (Map.Entry<Integer, Long> trim : acknowledged.entrySet()) {
      mark = steps >= trim.getKey() ? trim.getValue() : mark;
    }
    return mark;
  }

  private void assertWhole(Image image, long markMin) throws IOException {
    LogStore[] opened = new LogStore[1];
    assertThatCode(
            () ->
                opened[0] =
                    LogStore.open("image", image.storage(), new HighWaterMark(image.slots())))
        .as(image.how())
        .doesNotThrowAnyException();
    LogStore store = opened[0];
    long mark = store.state().trimMark();
    long tail = store.state().tail();
    assertThat(mark).as(image.how()).isGreaterThanOrEqualTo(markMin).isIn(0L, 9L, 25L);

    List<LogEntry> entries = store.readAll(mark, tail, ReadLimit.DEFAULT).entries();
    assertThat(entries).as(image.how()).hasSize((int) (tail - mark));
    List<List<Long>> ofStreams = List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    for (LogEntry entry : entries) {
      long position = entry.position().value();
      assertThat(entry.payload()).isEqualTo(requests.get((int) position).payload());
      ofStreams.get((int) position % STREAMS).add(position);
    }
    LogEngine engine = LogEngine.open(store);
    for (int stream = 0; stream < STREAMS; stream++) {
      assertThat(store.read(new StreamId(0, stream), mark, tail, ReadLimit.DEFAULT).entries())
          .extracting(entry -> entry.position().value())
          .as(image.how())
          .isEqualTo(ofStreams.get(stream));
    }
    if (tail > 0) {
      LogCommand again = new LogCommand.Append(requests.get((int) tail - 1));
      assertThat(engine.apply(1, List.of(again)).outcomes())
          .as(image.how())
          .containsExactly(new Outcome.Appended(new LogPosition(tail - 1)));
    }
  }
}
