package dev.milonga.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

/** What is the in-memory log's own: its options, and where its listeners are called. */
final class InMemoryLogDeliveryTest {

  private static final StreamId A = StreamId.named("a");
  private static final StreamId B = StreamId.named("b");

  @Test
  void listeners_areCalledOnDaemonThreadsOfTheLog() {
    CompletableFuture<Thread> caller = new CompletableFuture<>();
    try (InMemoryLog log = InMemoryLog.create()) {
      log.subscribeAll(
          LogPosition.FIRST,
          new RecordingListener(batch -> caller.complete(Thread.currentThread())));
      log.append(AppendRequest.of(A, Payload.wrap(new byte[0])));

      assertThat(Outcome.of(caller).isDaemon()).isTrue();
      assertThat(Outcome.of(caller).getName()).isEqualTo("in-memory-log-delivery");
    }
  }

  @Test
  void executor_getsOneTaskPerWakeUp_andNoneForOtherStreams() {
    Queue<Runnable> tasks = new ArrayDeque<>();
    InMemoryLog log = InMemoryLog.builder().deliverOn(tasks::add).build();
    RecordingListener listener = new RecordingListener();
    log.subscribe(Set.of(A), LogPosition.FIRST, listener);
    tasks.remove().run();

    log.append(AppendRequest.of(B, Payload.wrap(new byte[0])));
    assertThat(tasks).isEmpty();
    log.append(AppendRequest.of(A, Payload.wrap(new byte[0])));
    log.append(AppendRequest.of(A, Payload.wrap(new byte[0])));
    assertThat(tasks).hasSize(1);
    tasks.remove().run();

    assertThat(listener.entries()).hasSize(2);
    log.append(AppendRequest.of(A, Payload.wrap(new byte[0])));
    assertThat(tasks).hasSize(1);
  }

  @Test
  void executorThatRefuses_endsTheSubscriptionAndHarmsNoAppend() {
    List<Runnable> accepted = new ArrayList<>();
    InMemoryLog log =
        InMemoryLog.builder()
            .deliverOn(
                task -> {
                  if (!accepted.isEmpty()) {
                    throw new RejectedExecutionException("full");
                  }
                  accepted.add(task);
                })
            .build();
    RecordingListener listener = new RecordingListener();
    log.subscribeAll(LogPosition.FIRST, listener);
    accepted.get(0).run();

    LogPosition position = Outcome.of(log.append(AppendRequest.of(A, Payload.wrap(new byte[0]))));

    assertThat(position).isEqualTo(LogPosition.FIRST);
    assertThat(listener.awaitEnd()).isInstanceOf(RejectedExecutionException.class);
    assertThat(Outcome.of(log.append(AppendRequest.of(A, Payload.wrap(new byte[0])))))
        .isEqualTo(new LogPosition(1));
  }

  @Test
  void executorThatRunsAtOnce_deliversBeforeTheAppendReturns() {
    InMemoryLog log = InMemoryLog.builder().deliverOn(Runnable::run).build();
    RecordingListener listener = new RecordingListener();
    log.subscribe(Set.of(A), LogPosition.FIRST, listener);

    log.append(AppendRequest.of(A, Payload.wrap(new byte[0])));
    assertThat(listener.entries()).hasSize(1);
    log.close();

    assertThat(listener.awaitEnd()).isInstanceOf(StoreClosedException.class);
  }

  @Test
  void conditionFarBelowTheTrimMark_isDecidedExactly() {
    InMemoryLog log = InMemoryLog.create();
    log.append(
        AppendRequest.builder(Payload.wrap(new byte[0])).write(StreamKeys.keys(A, 1)).build());
    for (int i = 0; i < 1_000; i++) {
      log.append(AppendRequest.of(B, Payload.wrap(new byte[0])));
    }
    Outcome.of(log.trim(new LogPosition(1_001)));

    AppendRequest.Builder builder =
        AppendRequest.builder(Payload.wrap(new byte[0])).write(StreamKeys.whole(B));
    Outcome.of(
        log.append(
            builder
                .condition(new AppendCondition(LogPosition.FIRST, List.of(StreamKeys.keys(A, 2))))
                .build()));
    ConflictException conflict =
        Outcome.failure(
            ConflictException.class,
            () ->
                log.append(
                    builder
                        .condition(
                            new AppendCondition(LogPosition.FIRST, List.of(StreamKeys.keys(A, 1))))
                        .build()));
    assertThat(conflict.winner()).contains(LogPosition.FIRST);
  }

  @Test
  void optionsOutOfRange_areRefused() {
    InMemoryLog.Builder builder = InMemoryLog.builder();

    assertThatThrownBy(() -> builder.entryBytesMax(0)).hasMessageContaining("entryBytesMax");
    assertThatThrownBy(() -> builder.sessionTimeout(Duration.ofNanos(999)))
        .hasMessageContaining("sessionTimeout");
    assertThat(builder.sessionTimeout(Duration.ofSeconds(Long.MAX_VALUE)).build()).isNotNull();
  }
}
