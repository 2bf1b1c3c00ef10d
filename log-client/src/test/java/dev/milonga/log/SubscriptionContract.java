package dev.milonga.log;

import static dev.milonga.log.ContractPart.at;
import static dev.milonga.log.ContractPart.payload;
import static dev.milonga.log.ContractPart.positions;
import static dev.milonga.log.ContractPart.together;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** What subscribers are told, and when no longer. */
@SuppressWarnings("try") // a subscription in a try block is there to be closed
interface SubscriptionContract extends ContractPart {

  StreamId D = StreamId.named("d");
  StreamId E = StreamId.named("e");

  @Test
  default void subscriber_getsWhatIsThereAndWhatFollows() {
    appendMany(A, 3);
    RecordingListener listener = new RecordingListener();

    try (Subscription subscription = log().subscribe(Set.of(A), LogPosition.FIRST, listener)) {
      listener.awaitPositions(positions(0, 3));
      appendMany(A, 2);
      listener.awaitPositions(positions(0, 5));
      fixture().otherClient().append(AppendRequest.of(A, payload(9)));
      listener.awaitPositions(positions(0, 6));
    }

    assertThat(listener.entries())
        .usingRecursiveFieldByFieldElementComparator()
        .isEqualTo(readAll(0).entries());
  }

  @Test
  @DisplayName("L11 an entry in five streams, a client with all five open: once, as one")
  default void entryInFiveStreams_isDeliveredOnceToASubscriberOfAllFive() {
    RecordingListener listener = new RecordingListener();

    try (Subscription subscription =
        log().subscribe(Set.of(A, B, C, D, E), LogPosition.FIRST, listener)) {
      appendTo(A, B, C, D, E);
      appendTo(E, A);
      appendTo(StreamId.named("other"));
      appendTo(C);
      listener.awaitPositions(List.of(at(0), at(1), at(3)));
    }

    RecordingListener late = new RecordingListener();
    try (Subscription subscription =
        log().subscribe(Set.of(A, B, C, D, E), LogPosition.FIRST, late)) {
      late.awaitPositions(List.of(at(0), at(1), at(3)));
    }
    assertThat(late.entries().get(0).writes()).hasSize(5);
  }

  @Test
  default void subscriber_getsItsStreamsOnly() {
    RecordingListener one = new RecordingListener();
    RecordingListener two = new RecordingListener();
    RecordingListener all = new RecordingListener();

    try (Subscription ofOne = log().subscribe(Set.of(A), LogPosition.FIRST, one);
        Subscription ofTwo = log().subscribe(Set.of(A, B), LogPosition.FIRST, two);
        Subscription ofAll = log().subscribeAll(LogPosition.FIRST, all)) {
      for (int i = 0; i < 30; i++) {
        appendTo(List.of(A, B, C).get(i % 3));
      }
      appendTo(A, B, C);
      all.awaitPositions(positions(0, 31));
      two.awaitPositions(positions(0, 31).stream().filter(p -> p.value() % 3 != 2).toList());
      one.awaitPositions(positions(0, 31).stream().filter(p -> p.value() % 3 == 0).toList());
    }
  }

  @Test
  default void waitingSubscriber_isWokenByAnyOfAnEntrysStreams() {
    RecordingListener ofStream = new RecordingListener();
    RecordingListener ofStreams = new RecordingListener();

    try (Subscription first = log().subscribe(Set.of(A), LogPosition.FIRST, ofStream);
        Subscription second = log().subscribe(Set.of(A, E), LogPosition.FIRST, ofStreams)) {
      for (int i = 0; i < 20; i++) {
        appendTo(B, C, A);
        ofStream.awaitPositions(positions(0, i + 1));
        ofStreams.awaitPositions(positions(0, i + 1));
      }
    }
  }

  @Test
  @DisplayName("L10 subscribe beyond the tail: waits, and misses nothing from there on")
  default void subscriptionFromBeyondTheTail_startsThere() {
    appendMany(A, 2);
    RecordingListener ofStream = new RecordingListener();
    RecordingListener ofAll = new RecordingListener();

    try (Subscription first = log().subscribe(Set.of(A), at(5), ofStream);
        Subscription second = log().subscribeAll(at(5), ofAll)) {
      appendMany(A, 6);
      ofStream.awaitPositions(positions(5, 8));
      ofAll.awaitPositions(positions(5, 8));
    }
  }

  @Test
  @DisplayName("L10 subscribe at the trim mark and at the tail")
  default void subscriptionAtTheEdges_startsThere() {
    appendMany(A, 4);
    trim(2);
    RecordingListener atMark = new RecordingListener();
    RecordingListener atTail = new RecordingListener();

    try (Subscription first = log().subscribe(Set.of(A), at(2), atMark);
        Subscription second = log().subscribe(Set.of(A), at(4), atTail)) {
      atMark.awaitPositions(positions(2, 4));
      appendTo(A);
      atMark.awaitPositions(positions(2, 5));
      atTail.awaitPositions(positions(4, 5));
    }
  }

  @Test
  @DisplayName("L10 subscribe below the trim mark: the trimmed error")
  default void subscriptionFromBelowTheTrimMark_ends() {
    appendMany(A, 4);
    trim(2);
    RecordingListener ofStream = new RecordingListener();
    RecordingListener ofAll = new RecordingListener();

    try (Subscription first = log().subscribe(Set.of(A), at(1), ofStream);
        Subscription second = log().subscribeAll(LogPosition.FIRST, ofAll)) {
      for (RecordingListener listener : List.of(ofStream, ofAll)) {
        assertThat(listener.awaitEnd())
            .isInstanceOfSatisfying(
                TrimmedException.class, e -> assertThat(e.trimMark()).isEqualTo(at(2)));
        assertThat(listener.entries()).isEmpty();
      }
    }
  }

  @Test
  default void subscriptionResumedAfterTheLastEntry_hasNoGapAndNoRepetition() {
    appendMany(A, 10);
    List<LogPosition> seen = new ArrayList<>();

    for (int round = 0; round < 10; round++) {
      LogPosition from = seen.isEmpty() ? LogPosition.FIRST : seen.get(seen.size() - 1).next();
      RecordingListener listener = new RecordingListener();
      try (Subscription subscription = log().subscribe(Set.of(A, B), from, listener)) {
        appendTo(A, B);
        listener.awaitEntries(1);
      }
      listener.entries().forEach(entry -> seen.add(entry.position()));
    }

    assertThat(seen).isEqualTo(positions(0, seen.size()));
  }

  @Test
  default void entriesOfManyWriters_areDeliveredInOrderOnceEach() {
    int writers = 4;
    int appendsEach = 250;
    RecordingListener ofStream = new RecordingListener();
    RecordingListener ofAll = new RecordingListener();

    try (Subscription first = log().subscribe(Set.of(A), LogPosition.FIRST, ofStream);
        Subscription second = log().subscribeAll(LogPosition.FIRST, ofAll)) {
      together(writers, writer -> appendMany(A, appendsEach));
      ofStream.awaitPositions(positions(0, writers * appendsEach));
      ofAll.awaitPositions(positions(0, writers * appendsEach));
    }
  }

  @Test
  default void manyEntries_comeInBatchesWithoutGaps() {
    int count = 10_000;
    appendMany(A, count);
    RecordingListener listener = new RecordingListener();

    try (Subscription subscription = log().subscribe(Set.of(A, B), at(1), listener)) {
      listener.awaitPositions(positions(1, count));
    }
  }

  @Test
  default void rarelyWrittenStreams_areDeliveredAmongManyOthers() {
    appendTo(A);
    appendMany(C, 9_000);
    appendTo(B);
    RecordingListener listener = new RecordingListener();

    try (Subscription subscription = log().subscribe(Set.of(A, B), LogPosition.FIRST, listener)) {
      listener.awaitPositions(List.of(at(0), at(9_001)));
      appendMany(C, 9_000);
      appendTo(A);
      listener.awaitPositions(List.of(at(0), at(9_001), at(18_002)));
    }
  }

  @Test
  default void closedSubscription_tellsNothingMore() {
    RecordingListener closed = new RecordingListener();
    RecordingListener open = new RecordingListener();
    Subscription subscription = log().subscribe(Set.of(A), LogPosition.FIRST, closed);
    try (Subscription other = log().subscribe(Set.of(A), LogPosition.FIRST, open)) {
      appendTo(A);
      closed.awaitEntries(1);

      subscription.close();
      subscription.close();
      appendTo(A);
      open.awaitEntries(2);
      trim(2);
      appendTo(A);
      open.awaitEntries(3);
    }

    assertThat(closed.entries()).hasSize(1);
    assertThat(closed.hasEnded()).isFalse();
  }

  @Test
  default void afterCloseHasReturned_noCallBegins() {
    for (int round = 0; round < 60; round++) {
      AtomicBoolean closed = new AtomicBoolean();
      AtomicInteger late = new AtomicInteger();
      CountDownLatch delivering = new CountDownLatch(1);
      Subscription subscription =
          log()
              .subscribeAll(
                  tail(),
                  new EntryListener() {
                    @Override
                    public void onEntries(List<LogEntry> entries) {
                      count();
                    }

                    @Override
                    public void onEnd(Throwable cause) {
                      count();
                    }

                    private void count() {
                      if (closed.get()) {
                        late.incrementAndGet();
                      }
                      delivering.countDown();
                    }
                  });

      together(
          2,
          thread -> {
            if (thread == 0) {
              return appendMany(A, 40).size();
            }
            delivering.await();
            subscription.close();
            closed.set(true);
            return 0;
          });

      assertThat(late).hasValue(0);
    }
  }

  @Test
  default void closeFromAnotherThread_waitsForTheCallUnderWay() {
    CountDownLatch entered = new CountDownLatch(1);
    CountDownLatch gate = new CountDownLatch(1);
    AtomicBoolean returned = new AtomicBoolean();
    Subscription subscription =
        log()
            .subscribeAll(
                LogPosition.FIRST,
                new RecordingListener(
                    batch -> {
                      entered.countDown();
                      awaitOpen(gate);
                      returned.set(true);
                    }));
    appendTo(A);
    awaitOpen(entered);

    FutureTask<Boolean> closing =
        new FutureTask<>(
            () -> {
              subscription.close();
              return returned.get();
            });
    Thread closer = new Thread(closing, "closer");
    closer.start();
    while (closer.getState() == Thread.State.NEW || closer.getState() == Thread.State.RUNNABLE) {
      Thread.onSpinWait();
    }
    gate.countDown();

    assertThat(Outcome.of(closing)).isTrue();
  }

  @Test
  default void closeFromWithinTheListener_letsThatCallFinishAndNoOtherBegin() {
    CompletableFuture<Subscription> handle = new CompletableFuture<>();
    CompletableFuture<Integer> finished = new CompletableFuture<>();
    RecordingListener listener =
        new RecordingListener(
            batch -> {
              handle.join().close();
              finished.complete(batch.size());
            });
    RecordingListener other = new RecordingListener();

    try (Subscription still = log().subscribeAll(LogPosition.FIRST, other)) {
      handle.complete(log().subscribeAll(LogPosition.FIRST, listener));
      appendTo(A);
      Outcome.of(finished);
      appendMany(A, 5);
      other.awaitPositions(positions(0, 6));
    }

    assertThat(listener.entries()).hasSize(1);
    assertThat(listener.hasEnded()).isFalse();
  }

  @Test
  default void listenerThatThrows_learnsItAndGetsNothingMore() {
    IllegalStateException thrown = new IllegalStateException("the listener's own");
    RecordingListener listener =
        new RecordingListener(
            batch -> {
              throw thrown;
            });
    RecordingListener other = new RecordingListener();

    try (Subscription subscription = log().subscribe(Set.of(A), LogPosition.FIRST, listener);
        Subscription still = log().subscribe(Set.of(A), LogPosition.FIRST, other)) {
      appendTo(A);
      assertThat(listener.awaitEnd()).isSameAs(thrown);
      appendTo(A);
      other.awaitPositions(positions(0, 2));
    }

    assertThat(listener.entries()).hasSize(1);
  }

  @Test
  default void slowListener_slowsNobodyElseDown() {
    CountDownLatch gate = new CountDownLatch(1);
    RecordingListener slow = RecordingListener.blockedBy(gate);
    RecordingListener fast = new RecordingListener();

    try (Subscription first = log().subscribe(Set.of(A), LogPosition.FIRST, slow);
        Subscription second = log().subscribe(Set.of(A), LogPosition.FIRST, fast)) {
      appendTo(A);
      slow.awaitEntries(1);
      appendMany(A, 99);
      fast.awaitPositions(positions(0, 100));
      assertThat(slow.entries()).hasSizeLessThan(100);
      gate.countDown();
      slow.awaitPositions(positions(0, 100));
    }
  }

  @Test
  @DisplayName("L12 a trim overtakes a slow subscriber: the trimmed error, not a gap")
  default void trimBeyondASlowSubscriber_endsIt() {
    CountDownLatch gate = new CountDownLatch(1);
    RecordingListener ofStream = RecordingListener.blockedBy(gate);
    RecordingListener ofStreams = RecordingListener.blockedBy(gate);
    RecordingListener ofAll = RecordingListener.blockedBy(gate);
    List<RecordingListener> listeners = List.of(ofStream, ofStreams, ofAll);

    try (Subscription first = log().subscribe(Set.of(A), LogPosition.FIRST, ofStream);
        Subscription second = log().subscribe(Set.of(A, B), LogPosition.FIRST, ofStreams);
        Subscription third = log().subscribeAll(LogPosition.FIRST, ofAll)) {
      appendTo(A);
      listeners.forEach(listener -> listener.awaitEntries(1));
      appendMany(A, 4);
      trim(3);
      gate.countDown();

      for (RecordingListener listener : listeners) {
        assertThat(listener.awaitEnd())
            .isInstanceOfSatisfying(
                TrimmedException.class, e -> assertThat(e.trimMark()).isEqualTo(at(3)));
        assertThat(listener.entries()).extracting(LogEntry::position).containsExactly(at(0));
      }
    }
  }

  @Test
  @DisplayName("L12 a trim that drops nothing of a subscriber's streams: it goes on")
  default void trimOfOtherStreams_doesNotEndAnIdleSubscription() {
    RecordingListener ofStream = new RecordingListener();
    RecordingListener ofStreams = new RecordingListener();

    try (Subscription first = log().subscribe(Set.of(A), LogPosition.FIRST, ofStream);
        Subscription second = log().subscribe(Set.of(A, B), LogPosition.FIRST, ofStreams)) {
      appendTo(A);
      ofStream.awaitEntries(1);
      ofStreams.awaitEntries(1);
      appendMany(C, 20);
      trim(15);
      appendTo(A);
      ofStream.awaitPositions(List.of(at(0), at(21)));
      ofStreams.awaitPositions(List.of(at(0), at(21)));
    }
  }

  @Test
  @DisplayName("L12 trim while subscribers are at every position: each goes on or is told")
  default void trimWhileSubscribersAreAtEveryPosition_eachGoesOnOrIsTold() {
    int count = 300;
    List<RecordingListener> listeners = new ArrayList<>();
    List<Subscription> subscriptions = new ArrayList<>();
    together(
        2,
        thread -> {
          for (int i = 0; i < count; i++) {
            if (thread == 0) {
              LogPosition position = appendTo(A);
              trim(Math.max(0, position.value() - 2));
            } else {
              RecordingListener listener = new RecordingListener();
              listeners.add(listener);
              subscriptions.add(log().subscribe(Set.of(A), at(i), listener));
            }
          }
          return true;
        });
    LogPosition last = appendTo(A);

    for (RecordingListener listener : listeners) {
      listener.awaitEntryOrEnd(entry -> entry.position().equals(last));
      List<LogEntry> got = listener.entries();
      for (int i = 1; i < got.size(); i++) {
        assertThat(got.get(i).position()).isEqualTo(got.get(i - 1).position().next());
      }
      if (listener.hasEnded()) {
        assertThat(listener.awaitEnd()).isInstanceOf(TrimmedException.class);
      } else {
        assertThat(got.get(got.size() - 1).position()).isEqualTo(last);
      }
    }
    subscriptions.forEach(Subscription::close);
  }

  @Test
  default void listener_mayAppend() {
    Consumer<List<LogEntry>> echo =
        batch -> {
          for (LogEntry entry : batch) {
            if (entry.position().value() < 50) {
              log().append(AppendRequest.of(A, entry.payload()));
            }
          }
        };
    RecordingListener listener = new RecordingListener(echo);

    try (Subscription subscription = log().subscribe(Set.of(A), LogPosition.FIRST, listener)) {
      append(AppendRequest.of(A, payload(42)));
      listener.awaitPositions(positions(0, 51));
    }

    assertThat(listener.entries()).allMatch(entry -> entry.payload().equals(payload(42)));
  }

  @Test
  default void subscriptionToNoStream_isRefused() {
    assertThatThrownBy(() -> log().subscribe(Set.of(), LogPosition.FIRST, new RecordingListener()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static void awaitOpen(CountDownLatch latch) {
    try {
      assertThat(latch.await(Outcome.PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
