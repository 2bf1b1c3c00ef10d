package dev.milonga.tests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import dev.milonga.Milonga;
import dev.milonga.annotations.Accessor;
import dev.milonga.annotations.Mutator;
import dev.milonga.log.AppendRequest;
import dev.milonga.log.LogPosition;
import dev.milonga.log.LogUnavailableException;
import dev.milonga.log.Payload;
import dev.milonga.log.RequestId;
import dev.milonga.log.SharedLog;
import dev.milonga.log.StoreClosedException;
import dev.milonga.log.StoreException;
import dev.milonga.log.StoreException.Durable;
import dev.milonga.log.StreamId;
import dev.milonga.log.server.EmbeddedLog;
import dev.milonga.runtime.Consistency;
import dev.milonga.runtime.ViewHaltedException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What calls of objects do when the log does not answer, or not as hoped. */
class RuntimeFaultsTest {

  private static final Duration TIMEOUT = Duration.ofMillis(600);
  // A tenth more than the time-out is what may be promised; what the machine adds is not ours. So
  // one of a few attempts has to end by then.
  private static final Duration PATIENCE = TIMEOUT.multipliedBy(11).dividedBy(10).plusMillis(250);
  private static final int ATTEMPTS_MAX = 20;

  /** Returns how often it was called. */
  private static int endsInTime(ThrowingCallable call) {
    Duration shortest = null;
    int attempts = 0;
    while (attempts < ATTEMPTS_MAX && (shortest == null || shortest.compareTo(PATIENCE) > 0)) {
      attempts++;
      long began = System.nanoTime();

      assertThatThrownBy(call)
          .isInstanceOf(LogUnavailableException.class)
          .hasMessageContaining("within");

      Duration took = Duration.ofNanos(System.nanoTime() - began);
      assertThat(took).isGreaterThanOrEqualTo(TIMEOUT);
      shortest = shortest == null || took.compareTo(shortest) < 0 ? took : shortest;
    }
    assertThat(shortest).isLessThanOrEqualTo(PATIENCE);
    return attempts;
  }

  private static Milonga impatient(Logs logs) {
    return logs.client(builder -> builder.callTimeout(TIMEOUT));
  }

  // Deadlines.

  @EveryLog
  void logThatNeverAnswersAnAppend_mutatorEndsInTime(LogKind kind) {
    try (Logs logs = Logs.open(kind)) {
      Ledger ledger = impatient(logs).object(Ledger.class, "ledger");
      logs.faults().holdAppends();

      int added = endsInTime(() -> ledger.add(1));

      logs.faults().heal();
      assertThat(ledger.total()).isEqualTo(added);
    }
  }

  @EveryLog
  void logThatNeverAnswersARead_callsEndInTime(LogKind kind) {
    try (Logs logs = Logs.open(kind)) {
      Ledger ledger = impatient(logs).object(Ledger.class, "ledger");
      logs.client().object(Ledger.class, "ledger").add(1);
      logs.faults().holdReads();

      endsInTime(ledger::total);
      int added = endsInTime(() -> ledger.add(1));

      logs.faults().heal();
      assertThat(ledger.total()).isEqualTo(1 + added);
    }
  }

  @EveryLog
  void logThatNeverAnswersARead_callsThatQueueForOneViewEndInTimeToo(LogKind kind)
      throws Exception {
    try (Logs logs = Logs.open(kind)) {
      Ledger ledger = impatient(logs).object(Ledger.class, "ledger");
      logs.client().object(Ledger.class, "ledger").add(1);
      logs.faults().holdReads();

      Together.call(
          Collections.nCopies(
              6,
              () -> {
                endsInTime(ledger::total);
                return null;
              }));
    }
  }

  @EveryLog
  void logThatNeverAnswers_asyncCallsEndInTime(LogKind kind) {
    try (Logs logs = Logs.open(kind)) {
      Milonga store = impatient(logs);
      Ledger ledger = store.object(Ledger.class, "ledger");
      logs.faults().holdAppends();

      int added =
          endsInTime(
              () -> {
                throw failsWith(
                    store.async(() -> ledger.add(1)).toCompletableFuture(),
                    LogUnavailableException.class);
              });
      logs.faults().heal();
      assertThat(ledger.add(1)).isEqualTo(1 + added);
      logs.faults().holdReads();
      failsWith(
          store.async(() -> ledger.add(1)).toCompletableFuture(), LogUnavailableException.class);
    }
  }

  private static <X extends Throwable> X failsWith(CompletableFuture<?> future, Class<X> type) {
    Throwable failure = catchThrowable(() -> future.get(60, TimeUnit.SECONDS));
    assertThat(failure).as("left hanging").isNotInstanceOf(TimeoutException.class);
    assertThat(failure).isInstanceOf(ExecutionException.class);
    assertThat(failure).hasCauseInstanceOf(type);
    return type.cast(failure.getCause());
  }

  // Sessions.

  @EveryLog
  void sessionExpiredAtTheFirstAppend_mutatorGoesOnInANewOne(LogKind kind) throws Exception {
    try (Logs logs = Logs.open(kind)) {
      Milonga store = logs.client();
      Ledger ledger = store.object(Ledger.class, "ledger");
      logs.faults().recordRequests();
      logs.faults().expireSessionOfNextAppends(1);

      assertThat(ledger.add(1)).isEqualTo(1);
      logs.faults().expireSessionOfNextAppends(1);
      assertThat(store.async(() -> ledger.add(1)).toCompletableFuture().get(60, TimeUnit.SECONDS))
          .isEqualTo(2);

      List<RequestId> requests = logs.faults().requests();
      assertThat(requests)
          .extracting(request -> request.session() + "/" + request.sequence())
          .doesNotHaveDuplicates();
      assertThat(requests.get(1).session()).isNotEqualTo(requests.get(0).session());
      assertThat(ledger.total()).isEqualTo(2);
    }
  }

  @EveryLog
  void sessionReallyExpired_callsGoOn(LogKind kind) throws Exception {
    try (Logs logs = Logs.open(kind)) {
      Milonga store = logs.client();
      Ledger ledger = store.object(Ledger.class, "ledger");
      ledger.add(1);
      logs.clock().advance(LogKind.SESSION_TIMEOUT.multipliedBy(2));

      assertThat(ledger.add(1)).isEqualTo(2);
      logs.clock().advance(LogKind.SESSION_TIMEOUT.multipliedBy(2));
      assertThat(store.async(() -> ledger.add(1)).toCompletableFuture().get(60, TimeUnit.SECONDS))
          .isEqualTo(3);
    }
  }

  @EveryLog
  void asyncCallsIntoAnExpiredSession_keepTheirOrder(LogKind kind) throws Exception {
    try (Logs logs = Logs.open(kind)) {
      Milonga store = logs.client();
      List<Integer> list = store.list("list", Integer.class);
      List<Integer> expected = new ArrayList<>();
      for (int round = 0; round < 20; round++) {
        logs.clock().advance(LogKind.SESSION_TIMEOUT.multipliedBy(2));
        List<CompletableFuture<Boolean>> added = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
          int element = round * 50 + i;
          expected.add(element);
          if (i == 30) {
            list.add(element);
          } else {
            added.add(store.async(() -> list.add(element)).toCompletableFuture());
          }
        }
        for (CompletableFuture<Boolean> each : added) {
          each.get(60, TimeUnit.SECONDS);
        }
      }

      assertThat(List.copyOf(list)).isEqualTo(expected);
    }
  }

  static class Trail {
    private final List<Integer> marks = new ArrayList<>();

    @Mutator
    public void mark(int n) {
      marks.add(n);
    }

    @Accessor
    public List<Integer> marks() {
      return marks;
    }
  }

  @EveryLog
  void transactionInAnExpiredSession_commitsBehindTheAsyncCallsBefore(LogKind kind)
      throws Exception {
    try (Logs logs = Logs.open(kind)) {
      Milonga store = logs.client();
      Trail trail = store.object(Trail.class, "trail");
      List<Integer> expected = new ArrayList<>();
      List<CompletableFuture<Void>> marked = new ArrayList<>();
      for (int round = 0; round < 20; round++) {
        logs.clock().advance(LogKind.SESSION_TIMEOUT.multipliedBy(2));
        for (int i = 0; i < 10; i++) {
          int n = round * 10 + i;
          expected.add(n);
          if (i == 5 || i == 9) {
            store.transact(() -> trail.mark(n));
          } else {
            marked.add(store.async(() -> trail.mark(n)).toCompletableFuture());
          }
        }
      }
      for (CompletableFuture<Void> each : marked) {
        each.get(60, TimeUnit.SECONDS);
      }

      assertThat(trail.marks()).isEqualTo(expected);
    }
  }

  @EveryLog
  void transactionInAnExpiredSession_andNoneToBeHad_saysSoAndLaterOnesGoOn(LogKind kind) {
    try (Logs logs = Logs.open(kind)) {
      Milonga store = logs.client();
      Trail trail = store.object(Trail.class, "trail");
      logs.faults().failSessions(new LogUnavailableException("no session", null));
      logs.faults().expireSessionOfNextAppends(1);

      assertThatThrownBy(() -> store.transact(() -> trail.mark(1)))
          .isInstanceOf(LogUnavailableException.class)
          .hasMessageContaining("no session");

      logs.faults().heal();
      store.transact(() -> trail.mark(2));
      assertThat(trail.marks()).containsExactly(2);
    }
  }

  @EveryLog
  void sessionExpiredAndNoneToBeHad_callSaysSoAndLaterOnesGoOn(LogKind kind) {
    try (Logs logs = Logs.open(kind)) {
      Milonga store = logs.client();
      Ledger ledger = store.object(Ledger.class, "ledger");
      logs.faults().expireSessionOfNextAppends(2);
      logs.faults().failSessions(new LogUnavailableException("no session today", null));

      assertThatThrownBy(() -> ledger.add(1))
          .isInstanceOf(LogUnavailableException.class)
          .hasMessage("no session today");
      failsWith(
          store.async(() -> ledger.add(1)).toCompletableFuture(), LogUnavailableException.class);

      logs.faults().heal();
      assertThat(ledger.add(1)).isEqualTo(1);
      assertThat(ledger.add(1)).isEqualTo(2);
    }
  }

  // Futures.

  @EveryLog
  void readsThatFail_failTheFuturesAndNothingSpins(LogKind kind) throws Exception {
    try (Logs logs = Logs.open(kind)) {
      Milonga store = logs.client();
      Ledger ledger = store.object(Ledger.class, "ledger");
      ledger.total();
      logs.faults().failReads(new LogUnavailableException("no reads today", null));

      for (int i = 0; i < 50; i++) {
        assertThat(
                failsWith(
                    store.async(() -> ledger.add(1)).toCompletableFuture(),
                    LogUnavailableException.class))
            .hasMessage("no reads today");
      }

      logs.faults().heal();
      assertThat(store.async(() -> ledger.add(1)).toCompletableFuture().get(60, TimeUnit.SECONDS))
          .isEqualTo(51);
    }
  }

  @EveryLog
  void errorInTheBackground_failsTheFutures(LogKind kind) {
    try (Logs logs = Logs.open(kind)) {
      Milonga store = logs.client();
      Ledger ledger = store.object(Ledger.class, "ledger");
      logs.faults()
          .failReads(
              new RuntimeException("a bug") {
                @Override
                public synchronized Throwable fillInStackTrace() {
                  return this;
                }
              });

      assertThat(
              failsWith(
                  store.async(() -> ledger.add(1)).toCompletableFuture(), RuntimeException.class))
          .hasMessageContaining("a bug");
    }
  }

  @EveryLog
  void haltedView_failsTheFuturesOfWhatIsInTheLog(LogKind kind) throws Exception {
    try (Logs logs = Logs.open(kind)) {
      Milonga store = logs.client();
      for (int round = 0; round < 50; round++) {
        String name = "ledger-" + round;
        Ledger ledger = store.object(Ledger.class, name);
        Payload garbage = Payload.wrap("nonsense".getBytes(UTF_8));
        List<CompletableFuture<Long>> added = new ArrayList<>();
        added.add(store.async(() -> ledger.add(1)).toCompletableFuture());
        store.log().append(AppendRequest.of(StreamId.named(name), garbage)).join();
        try {
          for (int i = 0; i < 10; i++) {
            added.add(store.async(() -> ledger.add(1)).toCompletableFuture());
          }
        } catch (ViewHaltedException noticed) {
          assertThat(noticed.durable()).isEqualTo(Durable.NOTHING);
        }

        assertThat(added.get(0).get(60, TimeUnit.SECONDS)).isEqualTo(1);
        for (CompletableFuture<Long> each : added.subList(1, added.size())) {
          assertThat(failsWith(each, ViewHaltedException.class).durable()).isEqualTo(Durable.ALL);
        }
      }
    }
  }

  @EveryLog
  void closingTheStore_leavesNoFutureHanging(LogKind kind) {
    try (Logs logs = Logs.open(kind)) {
      Milonga store = logs.client();
      Ledger ledger = store.object(Ledger.class, "ledger");
      Ledger other = store.object(Ledger.class, "other");
      ledger.add(1);
      logs.faults().holdReads();
      CompletableFuture<Long> unapplied = store.async(() -> ledger.add(1)).toCompletableFuture();
      CompletableFuture<Long> reading = store.async(ledger::total).toCompletableFuture();
      await().until(() -> logs.faults().held() > 0);
      logs.faults().holdAppends();
      CompletableFuture<Long> unanswered = store.async(() -> other.add(1)).toCompletableFuture();

      store.close();

      for (CompletableFuture<Long> each : List.of(unapplied, unanswered)) {
        assertThat(failsWith(each, LogUnavailableException.class)).hasMessageContaining("closed");
      }
      assertThatThrownBy(() -> store.async(ledger::total)).isInstanceOf(StoreClosedException.class);
      logs.faults().heal();
      await().until(reading::isDone);
    }
  }

  @EveryLog
  void closingWhileAsyncCallsAreMade_leavesNoFutureHanging(LogKind kind) throws Exception {
    try (Logs logs = Logs.openWithoutSync(kind)) {
      for (int round = 0; round < 20; round++) {
        Milonga store = logs.client();
        Ledger ledger = store.object(Ledger.class, "ledger");
        List<CompletableFuture<Long>> made = new ArrayList<>();
        Together.call(
            () -> {
              try {
                // Not without end: a slow log would never come to the end of them.
                while (made.size() < 10_000) {
                  made.add(store.async(() -> ledger.add(1)).toCompletableFuture());
                  made.add(store.async(ledger::total).toCompletableFuture());
                }
              } catch (StoreClosedException e) {
                // as it was to be
              }
              return null;
            },
            () -> {
              ledger.total();
              store.close();
              return null;
            });

        for (CompletableFuture<Long> each : made) {
          Throwable failure = catchThrowable(() -> each.get(60, TimeUnit.SECONDS));
          if (failure != null) {
            assertThat(failure).hasCauseInstanceOf(StoreException.class);
          }
        }
      }
    }
  }

  @EveryLog
  void failedAsyncRead_handsItsHandlersWhatTheCallWouldHaveThrown(LogKind kind) throws Exception {
    try (Logs logs = Logs.open(kind)) {
      Milonga store = logs.client();
      Ledger ledger = store.object(Ledger.class, "ledger");
      logs.client().object(Ledger.class, "ledger").add(1);
      logs.faults().failReads(new LogUnavailableException("no reads today", null));
      AtomicReference<Throwable> handed = new AtomicReference<>();

      store
          .async(ledger::total)
          .handle(
              (total, failure) -> {
                handed.set(failure);
                return null;
              })
          .toCompletableFuture()
          .get(60, TimeUnit.SECONDS);

      assertThat(handed.get())
          .isNotInstanceOf(CompletionException.class)
          .hasMessage("no reads today");
    }
  }

  @EveryLog
  void continuationOfAnAsyncCall_runsInNobodyElsesBlock(LogKind kind) throws Exception {
    try (Logs logs = Logs.open(kind)) {
      Milonga store = logs.client();
      Ledger ledger = store.object(Ledger.class, "ledger");
      Ledger other = store.object(Ledger.class, "other");
      logs.faults().holdAppends();
      CompletableFuture<Throwable> seen =
          store
              .async(() -> ledger.add(1))
              .handle((total, failure) -> catchThrowable(() -> store.async(() -> other.add(1))))
              .toCompletableFuture();
      // The block's read applies the entry, before the log has acknowledged it to the caller.
      await().until(() -> logs.tail().value() > 2);

      store.read(Consistency.linearizable(), ledger::total);
      logs.faults().heal();

      assertThat(seen.get(60, TimeUnit.SECONDS)).isNull();
      await().untilAsserted(() -> assertThat(other.total()).isEqualTo(1));
    }
  }

  // Interrupts.

  @EveryLog
  void interruptOfAWaitingCaller_endsTheCallAndIsKept(LogKind kind) throws Exception {
    try (Logs logs = Logs.open(kind)) {
      Ledger ledger = logs.client().object(Ledger.class, "ledger");
      ledger.add(1);
      logs.faults().holdAppends();
      AtomicReference<Throwable> thrown = new AtomicReference<>();
      AtomicReference<Boolean> stillInterrupted = new AtomicReference<>();
      Thread caller =
          new Thread(
              () -> {
                thrown.set(catchThrowable(() -> ledger.add(1)));
                stillInterrupted.set(Thread.currentThread().isInterrupted());
              });
      caller.start();
      await().until(() -> logs.faults().held() == 1);

      caller.interrupt();
      caller.join(10_000);

      assertThat(thrown.get())
          .isInstanceOfSatisfying(
              LogUnavailableException.class,
              e -> assertThat(e.durable()).isEqualTo(Durable.UNKNOWN))
          .hasMessageContaining("interrupted");
      assertThat(stillInterrupted.get()).isTrue();
      logs.faults().heal();
      assertThat(ledger.add(1)).isEqualTo(3);
    }
  }

  @Test
  void interruptedThread_canStillReadWhatIsUpToDate() {
    try (Logs logs = Logs.open(LogKind.IN_MEMORY)) {
      Ledger ledger = logs.client().object(Ledger.class, "ledger");
      ledger.add(1);

      Thread.currentThread().interrupt();
      long total = ledger.total();

      assertThat(Thread.interrupted()).isTrue();
      assertThat(total).isEqualTo(1);
    }
  }

  // Failures of this process in the middle of an entry.

  static class Deep {
    private final List<Integer> levels = new ArrayList<>();

    @Mutator
    public int descend(int depth) {
      levels.add(depth);
      return levels.size() + deeper(depth);
    }

    private int deeper(int depth) {
      return depth == 0 ? 0 : 1 + deeper(depth - 1);
    }

    @Accessor
    public List<Integer> levels() {
      return levels;
    }
  }

  @EveryLog
  void stackThatEndsInAMutator_haltsTheObjectAndNobodySeesHalfOfIt(LogKind kind) {
    try (Logs logs = Logs.open(kind)) {
      Milonga store = logs.client();
      Deep deep = store.object(Deep.class, "deep");
      Ledger ledger = store.object(Ledger.class, "ledger");
      deep.descend(3);
      LogPosition whole = store.position().orElseThrow();

      assertThatThrownBy(() -> deep.descend(100_000_000))
          .isInstanceOfSatisfying(
              ViewHaltedException.class, e -> assertThat(e.durable()).isEqualTo(Durable.ALL))
          .hasMessageContainingAll("StackOverflowError", "Reopen the store");

      for (Consistency consistency :
          List.of(Consistency.local(), Consistency.linearizable(), Consistency.atLeast(whole))) {
        assertThatThrownBy(() -> store.read(consistency, deep::levels))
            .as("%s", consistency)
            .isInstanceOf(ViewHaltedException.class);
      }
      assertThat(ledger.add(1)).isEqualTo(1);
    }
  }

  @EveryLog
  void stackThatEndsInAMutator_hidesHalfOfItFromBlocksAtAnEarlierSnapshotToo(LogKind kind) {
    try (Logs logs = Logs.open(kind)) {
      Milonga store = logs.client();
      Deep deep = store.object(Deep.class, "deep");
      deep.descend(3);
      Runnable fails =
          () ->
              CompletableFuture.runAsync(() -> deep.descend(100_000_000))
                  .exceptionally(e -> null)
                  .join();

      assertThatThrownBy(
              () ->
                  store.<List<Integer>>snapshot(
                      () -> {
                        deep.levels();
                        fails.run();
                        return deep.levels();
                      }))
          .isInstanceOf(ViewHaltedException.class);
      assertThatThrownBy(() -> store.<Integer>transact(() -> deep.descend(1)))
          .isInstanceOf(ViewHaltedException.class);
    }
  }

  @EveryLog
  void stackThatEndsInABlindMutator_transactionSaysWhatIsDurable(LogKind kind) {
    try (Logs logs = Logs.open(kind)) {
      Milonga store = logs.client();
      Chasm chasm = store.object(Chasm.class, "chasm");
      Ledger ledger = store.object(Ledger.class, "ledger");
      Runnable block =
          () -> {
            chasm.fall(100_000_000);
            ledger.add(1);
          };

      assertThatThrownBy(() -> store.transact(block))
          .isInstanceOfSatisfying(
              ViewHaltedException.class, e -> assertThat(e.durable()).isEqualTo(Durable.ALL));
      assertThat(ledger.total()).isEqualTo(1);

      assertThatThrownBy(() -> store.transact(block))
          .isInstanceOfSatisfying(
              ViewHaltedException.class, e -> assertThat(e.durable()).isEqualTo(Durable.NOTHING));
      assertThat(ledger.total()).isEqualTo(1);
    }
  }

  static class Chasm {
    private long depth;

    @Mutator
    public void fall(int levels) {
      depth++;
      if (levels > 0) {
        fall(levels - 1);
      }
    }

    @Accessor
    public long depth() {
      return depth;
    }
  }

  // A store that is closed.

  @EveryLog
  void closedStore_runsNoBlock(LogKind kind) {
    try (Logs logs = Logs.open(kind)) {
      Milonga store = logs.client();
      Ledger ledger = store.object(Ledger.class, "ledger");
      ledger.add(1);
      store.close();
      logs.client().object(Ledger.class, "ledger").add(1);

      for (ThrowingCallable call :
          List.<ThrowingCallable>of(
              () -> store.<Long>snapshot(ledger::total),
              () -> store.<Long>transact(ledger::total),
              () -> store.<Long>transact(() -> ledger.add(1)))) {
        assertThatThrownBy(call).isInstanceOf(StoreClosedException.class);
      }
    }
  }

  @Test
  void closedLog_thatAnotherOneGoesOnWith_isNotReadAnyMore(@TempDir Path directory) {
    SharedLog log = EmbeddedLog.open(directory);
    Milonga store = Milonga.over(log);
    Ledger versioned = store.object(Ledger.class, "versioned");
    Trail plain = store.object(Trail.class, "plain");
    versioned.add(1);
    plain.mark(1);
    log.close();

    try (Milonga later = Milonga.open(directory)) {
      later.object(Ledger.class, "versioned").add(1);
      later.object(Trail.class, "plain").mark(2);

      for (ThrowingCallable call :
          List.<ThrowingCallable>of(
              versioned::total,
              plain::marks,
              () -> store.<Long>snapshot(versioned::total),
              () -> store.<List<Integer>>transact(plain::marks))) {
        assertThatThrownBy(call).isInstanceOf(StoreClosedException.class);
      }
    }
  }

  // Reads of a consistency of their own.

  @EveryLog
  void readAtLeastAtAPosition_ofAnObjectNeverWritten(LogKind kind) {
    try (Logs logs = Logs.open(kind)) {
      Milonga store = logs.client();
      Ledger ledger = store.object(Ledger.class, "ledger");
      Ledger other = store.object(Ledger.class, "other");
      ledger.add(1);

      assertThat(
              store.<Long>read(
                  Consistency.atLeast(store.position().orElseThrow()), () -> other.total()))
          .isZero();
    }
  }
}
