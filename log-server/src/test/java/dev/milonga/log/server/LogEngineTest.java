package dev.milonga.log.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milonga.log.AppendCondition;
import dev.milonga.log.AppendRequest;
import dev.milonga.log.ConflictException;
import dev.milonga.log.ConflictException.Reason;
import dev.milonga.log.LogPosition;
import dev.milonga.log.Payload;
import dev.milonga.log.RequestId;
import dev.milonga.log.RequestMismatchException;
import dev.milonga.log.SessionExpiredException;
import dev.milonga.log.SessionId;
import dev.milonga.log.StreamId;
import dev.milonga.log.StreamKeys;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LogEngineTest {

  private static final StreamId A = StreamId.named("a");
  private static final EngineParameters SMALL = new EngineParameters(4, 1_000_000);

  @Test
  void positionsAreDenseFromZero() {
    EngineUnderTest log = new EngineUnderTest();

    List<Outcome> outcomes = log.apply(List.of(append("x"), append("y"), append("z")));

    assertThat(outcomes).containsExactly(at(0), at(1), at(2));
  }

  @Test
  void timeNeverGoesBack() {
    EngineUnderTest log = new EngineUnderTest();
    log.append(write("x"));

    log.passes(-500_000);
    log.append(write("y"));
    log.restart();
    log.append(write("z"));

    try (LogStore.Entries entries = log.store().entries(0, 3)) {
      assertThat(entries.next().timeMicros()).isEqualTo(1_000_000);
      assertThat(entries.next().timeMicros()).isEqualTo(1_000_000);
      assertThat(entries.next().timeMicros()).isEqualTo(1_000_000);
    }
  }

  @Test
  void rejectedAppend_leavesNothing() {
    EngineUnderTest log = new EngineUnderTest();
    log.append(keyed(1));

    Outcome outcome = log.append(conditional(0, 1));

    assertThat(conflict(outcome).winner()).contains(new LogPosition(0));
    assertThat(log.engine().state().tail()).isEqualTo(1);
  }

  @Test
  void conditionalAppendsOfOneBatch_seeEachOther() {
    EngineUnderTest log = new EngineUnderTest();

    List<Outcome> outcomes =
        log.apply(
            List.of(
                new LogCommand.Append(conditional(0, 1)),
                new LogCommand.Append(conditional(0, 1)),
                new LogCommand.Append(conditional(0, 2))));

    assertThat(outcomes.get(0)).isEqualTo(at(0));
    assertThat(conflict(outcomes.get(1)).winner()).contains(new LogPosition(0));
    assertThat(outcomes.get(2)).isEqualTo(at(1));
  }

  @Test
  void snapshotBeyondTheTail_isRefused() {
    EngineUnderTest log = new EngineUnderTest();

    Outcome outcome = log.append(conditional(1, 1));

    assertThat(((Outcome.Refused) outcome).cause())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("beyond the tail 0");
  }

  @Test
  void snapshotOlderThanTheGenerations_isTooOld() {
    EngineUnderTest log = new EngineUnderTest(SMALL);
    for (int i = 0; i < 9; i++) {
      log.append(keyed(100 + i));
    }

    Outcome atHorizon = log.append(conditional(4, 1));
    Outcome below = log.append(conditional(3, 1));

    assertThat(atHorizon).isEqualTo(at(9));
    assertThat(conflict(below).reason()).isEqualTo(Reason.SNAPSHOT_TOO_OLD);
  }

  @Test
  void entryOfManyKeys_endsItsGenerationEarly() {
    EngineUnderTest log = new EngineUnderTest(SMALL);

    log.append(keyed(1, 2, 3, 4, 5));
    log.append(keyed(6, 7, 8, 9));

    assertThat(log.engine().state().generation()).isEqualTo(2);
    assertThat(log.engine().state().previousGeneration()).isEqualTo(1);
  }

  @Test
  void L1_retryAfterRestart_findsTheFirstOutcome() {
    EngineUnderTest log = new EngineUnderTest();
    SessionId session = log.session();
    Outcome first = log.append(write("x", session, 0, 0));

    log.restart();
    Outcome retried = log.append(write("x", session, 0, 0));

    assertThat(retried).isEqualTo(first);
    assertThat(log.engine().state().tail()).isEqualTo(1);
  }

  @Test
  void L1_retryInTheSameBatch_findsTheFirstOutcome() {
    EngineUnderTest log = new EngineUnderTest();
    SessionId session = log.session();

    List<Outcome> outcomes =
        log.apply(
            List.of(
                new LogCommand.Append(write("x", session, 0, 0)),
                new LogCommand.Append(write("x", session, 0, 0))));

    assertThat(outcomes).containsExactly(at(0), at(0));
  }

  @Test
  void L1_retryAfterTrimAndRestart_findsTheFirstOutcome() {
    EngineUnderTest log = new EngineUnderTest();
    SessionId session = log.session();
    log.append(write("x", session, 0, 0));
    log.append(write("y"));

    log.trim(2);
    log.restart();
    log.append(write("z"));
    log.trim(3);
    log.restart();

    assertThat(log.append(write("x", session, 0, 0))).isEqualTo(at(0));
  }

  @Test
  void learntOutcome_isDroppedFromTheStore() {
    EngineUnderTest log = new EngineUnderTest();
    SessionId session = log.session();
    log.append(write("x", session, 0, 0));
    log.trim(1);
    assertThat(log.store().outcomes()).hasSize(1);

    log.append(write("y", session, 1, 1));

    assertThat(log.store().outcomes()).isEmpty();
  }

  @Test
  void acceptedAppends_writeNoRowsForTheirSession() {
    EngineUnderTest log = new EngineUnderTest();
    SessionId session = log.session();
    int rows = log.storage().rows(Storage.Family.SESSIONS).size();
    List<WriteSet.SessionRow> stored = log.store().sessions();

    log.append(write("x", session, 0, 0));
    log.append(write("y", session, 1, 1));

    assertThat(log.storage().rows(Storage.Family.SESSIONS)).hasSize(rows);
    assertThat(log.store().sessions()).isEqualTo(stored);
  }

  @Test
  void L2_sameNumberWithAnotherPayload_isRefused() {
    EngineUnderTest log = new EngineUnderTest();
    SessionId session = log.session();
    log.append(write("x", session, 0, 0));
    log.restart();

    Outcome outcome = log.append(write("y", session, 0, 0));

    assertThat(((Outcome.Refused) outcome).cause())
        .isInstanceOf(RequestMismatchException.class)
        .hasMessageContaining("accepted at 0");
  }

  @Test
  void retryOfWhatWasLearnt_isRefused() {
    EngineUnderTest log = new EngineUnderTest();
    SessionId session = log.session();
    log.append(write("x", session, 0, 0));
    log.append(write("y", session, 1, 1));

    Outcome outcome = log.append(write("x", session, 0, 0));

    assertThat(((Outcome.Refused) outcome).cause())
        .isInstanceOf(RequestMismatchException.class)
        .hasMessageContaining("below 1");
  }

  @Test
  void tooManyRequestsNotLearnt_areRefused() {
    EngineUnderTest log = new EngineUnderTest();
    SessionId session = log.session();
    List<LogCommand> commands = new ArrayList<>();
    for (int i = 0; i <= Session.UNLEARNT_MAX; i++) {
      commands.add(new LogCommand.Append(write("x", session, i, 0)));
    }

    List<Outcome> outcomes = log.apply(commands);

    assertThat(outcomes.get(Session.UNLEARNT_MAX - 1)).isEqualTo(at(Session.UNLEARNT_MAX - 1));
    assertThat(((Outcome.Refused) outcomes.get(Session.UNLEARNT_MAX)).cause())
        .isInstanceOf(RequestMismatchException.class)
        .hasMessageContaining("65536 requests of its session were accepted since 0");
    assertThat(log.append(write("x", session, 0, 0))).isEqualTo(at(0));
    assertThat(log.append(write("x", session, Session.UNLEARNT_MAX, 1)))
        .isEqualTo(at(Session.UNLEARNT_MAX));
  }

  @Test
  void sessionUnusedForTooLong_isExpired_alsoAfterRestart() {
    EngineUnderTest log = new EngineUnderTest(SMALL);
    SessionId idle = log.session();
    SessionId used = log.session();
    log.passes(600_000);
    log.append(write("x", used, 0, 0));

    log.passes(600_000);
    log.restart();

    assertThat(((Outcome.Refused) log.append(write("y", idle, 0, 0))).cause())
        .isInstanceOf(SessionExpiredException.class);
    assertThat(log.append(write("z", used, 1, 1))).isEqualTo(at(1));
    assertThat(log.store().sessions()).hasSize(1);
  }

  @Test
  void rejectedRequest_keepsItsSessionAlive_alsoAfterRestart() {
    EngineUnderTest log = new EngineUnderTest(SMALL);
    SessionId session = log.session();
    log.append(keyed(1));
    log.passes(900_000);
    log.append(
        AppendRequest.builder(payload("x"))
            .write(StreamKeys.keys(A, 1))
            .condition(new AppendCondition(new LogPosition(0), List.of(StreamKeys.keys(A, 1))))
            .requestId(new RequestId(session, 0, 0))
            .build());

    log.passes(900_000);
    log.restart();

    assertThat(log.append(write("y", session, 0, 0))).isEqualTo(at(1));
  }

  @Test
  void whatARefusedRequestTells_isKeptThoughAnAcceptedOneOfTheBatchTellsLess() {
    EngineUnderTest log = new EngineUnderTest();
    SessionId session = log.session();
    log.append(write("x", session, 3, 0));
    log.apply(
        List.of(
            new LogCommand.Append(write("y", session, 3, 3)),
            new LogCommand.Append(write("z", session, 4, 2))));

    log.restart();

    assertThat(((Outcome.Refused) log.append(write("w", session, 2, 0))).cause())
        .isInstanceOf(RequestMismatchException.class)
        .hasMessageContaining("below 3");
  }

  @Test
  void sessionNumbers_areNeverGivenOutTwice() {
    EngineUnderTest log = new EngineUnderTest(SMALL);
    SessionId first = log.session();
    log.passes(2_000_000);
    log.append(write("x"));
    log.restart();

    SessionId second = log.session();

    assertThat(first).isEqualTo(new SessionId(1));
    assertThat(second).isEqualTo(new SessionId(2));
  }

  @Test
  void trimBeyondTheTail_isRefused() {
    EngineUnderTest log = new EngineUnderTest();
    log.append(write("x"));

    assertThat(((Outcome.Refused) log.trim(2)).cause())
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(log.trim(1)).isEqualTo(new Outcome.Trimmed(new LogPosition(1)));
    assertThat(log.trim(0)).isEqualTo(new Outcome.Trimmed(new LogPosition(1)));
  }

  @Test
  void batchWithoutPromises_needsNoSync() {
    EngineUnderTest log = new EngineUnderTest();
    log.append(keyed(1));
    int syncs = log.storage().syncs();

    log.append(conditional(0, 1));

    assertThat(log.storage().syncs()).isEqualTo(syncs);
  }

  static LogCommand append(String payload) {
    return new LogCommand.Append(write(payload));
  }

  static AppendRequest write(String payload) {
    return AppendRequest.of(A, payload(payload));
  }

  static AppendRequest write(String payload, SessionId session, long sequence, long learntBelow) {
    return AppendRequest.builder(payload(payload))
        .write(StreamKeys.whole(A))
        .requestId(new RequestId(session, sequence, learntBelow))
        .build();
  }

  static AppendRequest keyed(long... keys) {
    return AppendRequest.builder(payload("p")).write(StreamKeys.keys(A, keys)).build();
  }

  static AppendRequest conditional(long snapshot, long key) {
    return AppendRequest.builder(payload("c"))
        .write(StreamKeys.keys(A, key))
        .condition(new AppendCondition(new LogPosition(snapshot), List.of(StreamKeys.keys(A, key))))
        .build();
  }

  static Payload payload(String text) {
    return Payload.wrap(text.getBytes(StandardCharsets.UTF_8));
  }

  static Outcome at(long position) {
    return new Outcome.Appended(new LogPosition(position));
  }

  private static ConflictException conflict(Outcome outcome) {
    return (ConflictException) ((Outcome.Refused) outcome).cause();
  }
}
