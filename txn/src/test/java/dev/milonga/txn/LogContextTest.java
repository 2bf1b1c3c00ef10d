package dev.milonga.txn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.milonga.annotations.Accessor;
import dev.milonga.annotations.Mutator;
import dev.milonga.log.AppendRequest;
import dev.milonga.log.InMemoryLog;
import dev.milonga.log.LogEntry;
import dev.milonga.log.LogPosition;
import dev.milonga.log.Payload;
import dev.milonga.log.ReadLimit;
import dev.milonga.log.RequestId;
import dev.milonga.log.SessionId;
import dev.milonga.log.SharedLog;
import dev.milonga.log.StreamId;
import dev.milonga.log.StreamKeys;
import dev.milonga.log.Subscription;
import dev.milonga.runtime.Change;
import dev.milonga.runtime.ChangeListener;
import dev.milonga.runtime.LogContext;
import dev.milonga.runtime.ObjectRuntime;
import dev.milonga.runtime.TypeToken;
import dev.milonga.runtime.ViewHaltedException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.MDC;
import org.slf4j.event.Level;

/** What the log lines of a store, and of its users' listeners, say that they are about. */
@Timeout(60)
class LogContextTest {

  /** A number that can be set. */
  static class Cell {
    private int value;

    @Mutator
    public void set(int to) {
      value = to;
    }

    @Accessor
    public int value() {
      return value;
    }
  }

  private final SharedLog log = InMemoryLog.create();
  private final ObjectRuntime here = ObjectRuntime.builder(log).build();
  private final ObjectRuntime there = ObjectRuntime.builder(log).build();

  @AfterEach
  void close() {
    here.close();
    there.close();
    log.close();
    MDC.clear();
  }

  @Test
  void viewThatHalts_saysSoOnce_withObjectPositionAndSession() {
    Cell cell = here.open(TypeToken.of(Cell.class), "halting");
    cell.set(1);
    SessionId session = log.openSession().join();
    LogPosition position =
        log.append(
                AppendRequest.builder(Payload.wrap(new byte[] {1, 2, 3}))
                    .write(StreamKeys.whole(StreamId.named("halting")))
                    .requestId(new RequestId(session, 0, 0))
                    .build())
            .join();

    for (int i = 0; i < 3; i++) {
      assertThatThrownBy(cell::value).isInstanceOf(ViewHaltedException.class);
    }

    assertThat(RecordedLines.with("\"halting\" stands still before position " + position))
        .singleElement()
        .satisfies(
            line -> {
              assertThat(line.level()).isEqualTo(Level.WARN);
              assertThat(line.context())
                  .containsExactlyInAnyOrderEntriesOf(
                      Map.of(
                          LogContext.OBJECT,
                          "halting",
                          LogContext.POSITION,
                          position.toString(),
                          LogContext.SESSION,
                          session.toString()));
            });
    assertThat(MDC.get(LogContext.OBJECT)).isNull();
  }

  @Test
  void attemptThatIsLost_saysSo_withTheObjectAndThePositionThatWon() {
    Cell mine = here.open(TypeToken.of(Cell.class), "contended");
    Cell theirs = there.open(TypeToken.of(Cell.class), "contended");
    Transactions transactions = new Transactions(here);
    MDC.put("request", "r-1");

    AtomicInteger attempts = new AtomicInteger();
    LogPosition[] won = new LogPosition[1];
    transactions.transact(
        TransactionOptions.DEFAULT,
        () -> {
          int value = mine.value();
          if (attempts.incrementAndGet() == 1) {
            CompletableFuture.runAsync(() -> theirs.set(7)).join();
            won[0] = lastEntry("contended").position();
          }
          mine.set(value + 1);
          return null;
        });

    assertThat(RecordedLines.with("\"contended\""))
        .singleElement()
        .satisfies(
            line ->
                assertThat(line.context())
                    .containsEntry(LogContext.OBJECT, "contended")
                    .containsEntry(LogContext.POSITION, won[0].toString())
                    .containsEntry("request", "r-1"));
    assertThat(MDC.getCopyOfContextMap()).containsExactly(Map.entry("request", "r-1"));
  }

  @Test
  void listener_isCalledInTheContextOfTheEntry() throws InterruptedException {
    BlockingQueue<Map<String, String>> contexts = new LinkedBlockingQueue<>();
    Cell cell = here.open(TypeToken.of(Cell.class), "listened to");
    Subscription subscription =
        here.onChange(
            cell,
            LogPosition.FIRST,
            new ChangeListener() {
              @Override
              public void onChange(Change change) {
                contexts.add(MDC.getCopyOfContextMap());
                throw new IllegalStateException("ends the subscription");
              }

              @Override
              public void onEnd(Throwable cause) {
                contexts.add(MDC.getCopyOfContextMap());
              }
            });

    cell.set(1);

    LogEntry entry = lastEntry("listened to");
    assertThat(contexts.poll(30, TimeUnit.SECONDS))
        .containsExactlyInAnyOrderEntriesOf(
            Map.of(
                LogContext.OBJECT,
                "listened to",
                LogContext.POSITION,
                entry.position().toString(),
                LogContext.SESSION,
                entry.requestId().orElseThrow().session().toString()));
    assertThat(contexts.poll(30, TimeUnit.SECONDS))
        .containsExactly(Map.entry(LogContext.OBJECT, "listened to"));
    subscription.close();
  }

  @Test
  void contextWithinAnother_hidesAllOfIt_andGivesItBack() {
    LogContext outer =
        new LogContext("outer", LogContext.of("x").at(new LogPosition(1)).position(), session(2));

    outer.run(
        () -> {
          assertThatThrownBy(
                  () ->
                      LogContext.of("inner")
                          .run(
                              () -> {
                                assertThat(MDC.getCopyOfContextMap())
                                    .containsExactly(Map.entry(LogContext.OBJECT, "inner"));
                                throw new IllegalStateException("leaves it");
                              }))
              .hasMessage("leaves it");
          assertThat(MDC.getCopyOfContextMap())
              .containsEntry(LogContext.OBJECT, "outer")
              .containsEntry(LogContext.POSITION, "1")
              .containsEntry(LogContext.SESSION, "2");
        });

    assertThat(MDC.getCopyOfContextMap()).isNullOrEmpty();
  }

  private static Optional<SessionId> session(long number) {
    return Optional.of(new SessionId(number));
  }

  private LogEntry lastEntry(String name) {
    var entries =
        log.read(StreamId.named(name), LogPosition.FIRST, ReadLimit.DEFAULT).join().entries();
    return entries.get(entries.size() - 1);
  }
}
