package dev.milonga.log;

import static dev.milonga.log.ContractPart.at;
import static dev.milonga.log.ContractPart.payload;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** What closing a log ends. */
interface CloseContract extends ContractPart {

  @Test
  default void closedLog_refusesEveryCall() {
    appendTo(A);
    SessionId session = openSession();
    SharedLog log = log();

    log.close();
    log.close();

    List<Callable<CompletableFuture<?>>> calls =
        List.of(
            log::openSession,
            () -> log.append(AppendRequest.of(A, payload(1))),
            () ->
                log.append(
                    ContractPart.request(StreamKeys.whole(A))
                        .requestId(new RequestId(session, 0, 0))
                        .build()),
            log::tail,
            () -> log.tail(List.of(A)),
            () -> log.read(A, at(0), UNLIMITED),
            () -> log.readAll(at(0), UNLIMITED),
            () -> log.trim(at(1)),
            log::trimMark);
    for (Callable<CompletableFuture<?>> call : calls) {
      StoreClosedException refused = Outcome.failure(StoreClosedException.class, call);
      assertThat(refused.durable()).isEqualTo(StoreException.Durable.NOTHING);
    }
    RecordingListener listener = new RecordingListener();
    assertThatThrownBy(() -> log.subscribe(Set.of(A), at(0), listener))
        .isInstanceOf(StoreClosedException.class);
    assertThatThrownBy(() -> log.subscribeAll(at(0), listener))
        .isInstanceOf(StoreClosedException.class);
  }

  @Test
  default void subscriptionsOfAClosedLog_end() {
    CountDownLatch gate = new CountDownLatch(1);
    RecordingListener idle = new RecordingListener();
    RecordingListener waiting = new RecordingListener();
    RecordingListener busy = RecordingListener.blockedBy(gate);
    RecordingListener closedBefore = new RecordingListener();
    log().subscribe(Set.of(A), at(0), idle);
    log().subscribeAll(at(100), waiting);
    log().subscribeAll(at(0), busy);
    Subscription closed = log().subscribeAll(at(0), closedBefore);
    appendTo(A);
    idle.awaitEntries(1);
    busy.awaitEntries(1);
    closedBefore.awaitEntries(1);
    closed.close();

    CompletableFuture<Void> closing = CompletableFuture.runAsync(log()::close);
    gate.countDown();
    Outcome.of(closing);

    for (RecordingListener listener : List.of(idle, waiting, busy)) {
      assertThat(listener.awaitEnd()).isInstanceOf(StoreClosedException.class);
    }
    assertThat(idle.entries()).hasSize(1);
    assertThat(closedBefore.hasEnded()).isFalse();
  }

  @Test
  default void closeFromWithinAListener_endsItsSubscription() {
    SharedLog log = log();
    RecordingListener listener = new RecordingListener(batch -> log.close());
    log.subscribeAll(at(0), listener);

    log.append(AppendRequest.of(A, payload(1)));

    assertThat(listener.awaitEnd()).isInstanceOf(StoreClosedException.class);
    assertThat(listener.entries()).hasSize(1);
  }

  @Test
  default void appendsUnderWayAtClose_areAllAnswered() {
    SharedLog log = log();
    List<CompletableFuture<LogPosition>> appends = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      appends.add(log.append(AppendRequest.of(A, payload(i))));
    }

    log.close();

    List<Optional<LogPosition>> outcomes =
        appends.stream().map(CloseContract::positionUnlessUnknown).toList();
    if (fixture().survivesRestart()) {
      fixture().restart();
      for (int i = 0; i < outcomes.size(); i++) {
        Payload expected = payload(i);
        outcomes
            .get(i)
            .ifPresent(position -> assertThat(entryAt(position).payload()).isEqualTo(expected));
      }
    }
  }

  private static Optional<LogPosition> positionUnlessUnknown(
      CompletableFuture<LogPosition> append) {
    try {
      return Optional.of(Outcome.of(append));
    } catch (AssertionError e) {
      if (e.getCause() instanceof LogUnavailableException) {
        return Optional.empty();
      }
      throw e;
    }
  }
}
