package dev.milonga.log.server;

import static dev.milonga.log.server.LogEngineTest.payload;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.milonga.log.AppendCondition;
import dev.milonga.log.AppendRequest;
import dev.milonga.log.EntryListener;
import dev.milonga.log.LogEntry;
import dev.milonga.log.LogPosition;
import dev.milonga.log.ReadLimit;
import dev.milonga.log.RequestId;
import dev.milonga.log.SessionId;
import dev.milonga.log.StreamId;
import dev.milonga.log.StreamKeys;
import dev.milonga.log.Subscription;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LogStatisticsTest {

  private static final StreamId A = new StreamId(0, 1);
  private static final StreamId B = new StreamId(0, 2);
  private static final int ENTRY_BYTES_MAX = 10_000;

  private final MemoryStorage storage = new MemoryStorage();
  private final AtomicLong nanosPerLook = new AtomicLong(1);
  private final AtomicLong nanos = new AtomicLong();
  private EmbeddedLog log;
  private LogStatistics statistics;

  @BeforeEach
  void open() throws IOException {
    MemorySlots slots = new MemorySlots();
    new HighWaterMark(slots).write(LogStore.create(storage, 1, 2, EngineParameters.DEFAULT));
    log =
        EmbeddedLog.builder(Path.of("memory"))
            .nanoTime(() -> nanos.addAndGet(nanosPerLook.get()))
            .entryBytesMax(ENTRY_BYTES_MAX)
            .over("memory", storage, LogStore.open("memory", storage, new HighWaterMark(slots)));
    statistics = log.statistics();
  }

  @AfterEach
  void close() {
    log.close();
  }

  @Test
  void whatWasAppended_isCountedWithItsBatchesAndTheirTime() {
    for (int i = 0; i < 3; i++) {
      log.append(AppendRequest.of(i == 0 ? A : B, payload("0123456789"))).join();
    }

    assertThat(statistics.appends()).isEqualTo(3);
    assertThat(statistics.appendedBytes()).isBetween(30L, 3_000L);
    assertThat(statistics.requests()).isEqualTo(3);
    assertThat(statistics.batches()).isEqualTo(3);
    assertThat(statistics.commitNanos()).isEqualTo(3);
    assertThat(statistics.tail()).isEqualTo(3);
    assertThat(statistics.streams()).isEqualTo(2);
    assertThat(statistics.waiting()).isZero();
    assertThat(statistics.waitingBytes()).isZero();
  }

  @Test
  void slowCommits_areCountedByTheTimesTheyExceed() {
    for (Duration took :
        List.of(Duration.ofMillis(9), Duration.ofMillis(11), Duration.ofSeconds(2))) {
      nanosPerLook.set(took.toNanos());
      log.append(AppendRequest.of(A, payload("x"))).join();
    }

    assertThat(LogStatistics.slow().stream().map(statistics::commitsOver))
        .containsExactly(2L, 1L, 1L);
    assertThatThrownBy(() -> statistics.commitsOver(Duration.ofMillis(11)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("PT0.011S");
  }

  @Test
  void refusals_areCountedByReason() {
    SessionId session = log.openSession().join();
    log.append(AppendRequest.of(A, payload("x"))).join();

    refused(
        AppendRequest.builder(payload("conflict"))
            .write(StreamKeys.whole(A))
            .condition(new AppendCondition(LogPosition.FIRST, List.of(StreamKeys.whole(A)))));
    refused(
        AppendRequest.builder(payload("from the future"))
            .write(StreamKeys.whole(A))
            .condition(new AppendCondition(new LogPosition(9), List.of(StreamKeys.whole(A)))));
    refused(
        AppendRequest.builder(payload("no session"))
            .write(StreamKeys.whole(A))
            .requestId(new RequestId(new SessionId(99), 0, 0)));
    log.append(numbered("first", session)).join();
    assertThatThrownBy(() -> log.append(numbered("second", session)).join());
    log.append(numbered("first", session)).join(); // sent again: neither appended nor refused
    refused(AppendRequest.builder(payload("x".repeat(ENTRY_BYTES_MAX))).write(StreamKeys.whole(A)));

    assertThat(statistics.conflicts()).isEqualTo(1);
    assertThat(statistics.invalid()).isEqualTo(1);
    assertThat(statistics.sessionsExpired()).isEqualTo(1);
    assertThat(statistics.mismatches()).isEqualTo(1);
    assertThat(statistics.tooLarge()).isEqualTo(1);
    assertThat(statistics.overloaded()).isZero();
    assertThat(statistics.unavailable()).isZero();
    assertThat(statistics.appends()).isEqualTo(2);
    assertThat(statistics.sessions()).isEqualTo(1);
  }

  private static AppendRequest numbered(String text, SessionId session) {
    return AppendRequest.builder(payload(text))
        .write(StreamKeys.whole(A))
        .requestId(new RequestId(session, 0, 0))
        .build();
  }

  private void refused(AppendRequest.Builder request) {
    assertThatThrownBy(() -> log.append(request.build()).join());
  }

  @Test
  void readsSubscriptionsAndTheTrimMark_areSeen() {
    log.append(AppendRequest.of(A, payload("x"))).join();
    log.append(AppendRequest.of(A, payload("y"))).join();
    log.read(A, LogPosition.FIRST, ReadLimit.DEFAULT).join();
    log.trim(new LogPosition(1)).join();
    Subscription subscription =
        log.subscribe(
            Set.of(A),
            new LogPosition(2),
            new EntryListener() {
              @Override
              public void onEntries(List<LogEntry> entries) {}

              @Override
              public void onEnd(Throwable cause) {}
            });

    assertThat(statistics.readsFromMemory()).isPositive();
    assertThat(statistics.readsFromStore()).isZero();
    assertThat(statistics.trimMark()).isEqualTo(1);
    assertThat(statistics.subscriptions()).isEqualTo(1);
    subscription.close();
    await().until(() -> statistics.subscriptions() == 0);
  }

  @Test
  void fullDisk_isSeenUntilThereIsRoom_andTheLogsOwnAttemptsAreNotCounted() {
    log.append(AppendRequest.of(A, payload("x"))).join();
    storage.fillDisk(false);

    assertThatThrownBy(() -> log.append(AppendRequest.of(A, payload("y"))).join());

    assertThat(statistics.isDiskFull()).isTrue();
    assertThat(statistics.isBroken()).isFalse();
    int attempts = storage.reopenings() + 2;
    await().until(() -> storage.reopenings() >= attempts);
    assertThat(statistics.unavailable()).isEqualTo(1);
    storage.healWrites();
    await().until(() -> !statistics.isDiskFull());
    assertThat(statistics.tail()).isEqualTo(1);
  }

  @Test
  void closedLog_stillTellsItsNumbers() {
    log.append(AppendRequest.of(A, payload("x"))).join();

    log.close();

    assertThat(statistics.tail()).isEqualTo(1);
    assertThat(statistics.appends()).isEqualTo(1);
    assertThat(statistics.isBroken()).isFalse();
  }
}
