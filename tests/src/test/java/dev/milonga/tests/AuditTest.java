package dev.milonga.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milonga.Milonga;
import dev.milonga.collections.ReplicatedMap;
import dev.milonga.log.AppendRequest;
import dev.milonga.log.InMemoryLog;
import dev.milonga.log.LogPosition;
import dev.milonga.log.SharedLog;
import dev.milonga.log.StreamId;
import dev.milonga.runtime.AuditReport;
import dev.milonga.runtime.LogInspector;
import dev.milonga.tests.history.History;
import dev.milonga.txn.Isolation;
import dev.milonga.txn.TransactionOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Whether the decisions of a log can be checked afterwards, and a wrong one is found. */
class AuditTest {

  private final InMemoryLog log = InMemoryLog.create();
  private final LenientLog lenient = new LenientLog(log);
  private final Milonga here = Milonga.over(lenient);
  private final ReplicatedMap<String, Integer> mine = here.map("map", String.class, Integer.class);
  private final Milonga there = Milonga.over(log);
  private final ReplicatedMap<String, Integer> theirs =
      there.map("map", String.class, Integer.class);

  @AfterEach
  void close() {
    here.close();
    there.close();
    log.close();
  }

  @EveryLog
  void randomTransactions_eachWasRightlyAccepted(LogKind kind) throws Exception {
    try (Logs logs = Logs.openWithoutSync(kind)) {
      History history = new History();
      AtomicLong unique = new AtomicLong();
      List<Callable<Void>> threads = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        Milonga store = logs.client();
        RandomTransactions transactions =
            new RandomTransactions(store, new Cells(store, 0), history, new Random(i), unique);
        threads.add(
            () -> {
              for (int n = 0; n < 100; n++) {
                transactions.run();
              }
              return null;
            });
      }

      Together.call(threads);

      AuditReport report = LogInspector.of(logs.log()).audit();
      assertThat(report.violations()).isEmpty();
      assertThat(report.violating()).isZero();
      assertThat(report.undecided()).isZero();
      assertThat(report.checked()).isGreaterThan(20);
    }
  }

  @Test
  void keyReadWasWritten_forgedCommitIsFound() {
    LogPosition winner = commitDespite(() -> mine.get("k"), () -> theirs.put("k", 2));

    AuditReport report = audit();

    assertThat(report.violating()).isEqualTo(1);
    assertThat(report.violations().get(0))
        .isEqualTo(
            new AuditReport.Violation(
                winner.next(),
                StreamId.named("map"),
                report.violations().get(0).keyHash(),
                winner.value(),
                Optional.of(winner)));
    assertThat(report.violations().get(0).keyHash()).isPresent();
    assertThat(LogInspector.of(log).nameOf(report.violations().get(0).stream())).isEqualTo("map");
  }

  @Test
  void wholeObjectReadWasWritten_forgedCommitIsFound() {
    commitDespite(() -> mine.getOrDefault("k", mine.size()), () -> theirs.put("n", 2));

    assertThat(audit().violations())
        .singleElement()
        .satisfies(violation -> assertThat(violation.keyHash()).isEmpty());
  }

  @Test
  void keyReadWasClearedWithTheWholeObject_forgedCommitIsFound() {
    commitDespite(() -> mine.get("k"), theirs::clear);

    assertThat(audit().violating()).isEqualTo(1);
  }

  @Test
  void anotherKeyWasWritten_nothingIsFound() {
    commitDespite(() -> mine.get("k"), () -> theirs.put("j", 2));

    assertThat(audit().violating()).isZero();
    assertThat(audit().checked()).isEqualTo(1);
  }

  @Test
  void snapshotIsolation_onlyWhatIsWrittenIsDecided() {
    lenient.forgets = true;
    TransactionOptions snapshot = TransactionOptions.DEFAULT.withIsolation(Isolation.SNAPSHOT);

    here.transact(
        snapshot,
        () -> {
          mine.get("k");
          elsewhere(() -> theirs.put("k", 2));
          mine.set("j", 1);
        });
    assertThat(audit().violating()).isZero();
    here.transact(
        snapshot,
        () -> {
          mine.get("k");
          elsewhere(() -> theirs.put("j", 2));
          mine.set("j", 1);
        });

    assertThat(audit().violating()).isEqualTo(1);
  }

  @Test
  void moreKeysReadThanAreRecorded_decidedInPart() {
    commitDespite(
        () -> {
          for (int i = 0; i < 5_000; i++) {
            mine.get("key-" + i);
          }
        },
        () -> theirs.put("key-7", 2));

    assertThat(audit().violating()).isZero();
    assertThat(audit().undecided()).isEqualTo(1);
  }

  @Test
  void moreKeysReadThanAreRecorded_writeOfTheWholeObjectIsFound() {
    commitDespite(
        () -> {
          for (int i = 0; i < 5_000; i++) {
            mine.get("key-" + i);
          }
        },
        theirs::clear);

    assertThat(audit().violating()).isEqualTo(1);
  }

  // A block that reads, and commits although something was written meanwhile. Returns where that
  // something stands.
  private LogPosition commitDespite(Runnable read, Runnable write) {
    lenient.forgets = true;
    here.transact(
        () -> {
          read.run();
          elsewhere(write);
          mine.set("written", 1);
        });
    return new LogPosition(log.tail().join().value() - 2);
  }

  private AuditReport audit() {
    return LogInspector.of(log).audit();
  }

  private static void elsewhere(Runnable action) {
    CompletableFuture.runAsync(action).join();
  }

  /** A log that can forget to check conditions. */
  private static final class LenientLog extends DelegatingLog {

    volatile boolean forgets;

    LenientLog(SharedLog behind) {
      super(behind);
    }

    @Override
    public CompletableFuture<LogPosition> append(AppendRequest request) {
      if (!forgets || request.condition().isEmpty()) {
        return super.append(request);
      }
      AppendRequest.Builder unconditional = AppendRequest.builder(request.payload());
      request.writes().forEach(unconditional::write);
      request.requestId().ifPresent(unconditional::requestId);
      return super.append(unconditional.build());
    }
  }
}
