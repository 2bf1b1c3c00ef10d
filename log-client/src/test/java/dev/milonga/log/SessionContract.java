package dev.milonga.log;

import static dev.milonga.log.ContractPart.at;
import static dev.milonga.log.ContractPart.payload;
import static dev.milonga.log.ContractPart.request;
import static dev.milonga.log.ContractPart.together;
import static dev.milonga.log.ContractPart.unchanged;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Requests with an identity take effect once. */
interface SessionContract extends ContractPart {

  @Test
  @DisplayName("L1 the acknowledgement is lost and the client retries: one entry")
  default void lostAcknowledgement_retried_oneEntry() {
    AppendRequest request = numbered(openSession(), 0, 0, 1);
    LogPosition first = append(request);
    appendTo(A);

    for (int i = 0; i < 3; i++) {
      assertThat(append(request)).isEqualTo(first);
      assertThat(Outcome.of(fixture().otherClient().append(request))).isEqualTo(first);
    }

    assertThat(tail()).isEqualTo(at(2));
    assertThat(positionsIn(A)).containsExactly(first, at(1));
  }

  @Test
  @DisplayName(
      "L1 the acknowledgement is lost, the log restarts, and the client retries: one entry")
  default void lostAcknowledgement_retriedAfterRestart_oneEntry() {
    assumeTrue(fixture().survivesRestart(), "this log is volatile: nothing to restart");
    SessionId session = openSession();
    AppendRequest zero = numbered(session, 0, 0, 1);
    AppendRequest five = numbered(session, 5, 0, 2);
    LogPosition first = append(zero);
    LogPosition second = append(five);

    fixture().restart();

    assertThat(append(five)).isEqualTo(second);
    assertThat(append(zero)).isEqualTo(first);
    assertThat(tail()).isEqualTo(at(2));
    fixture().restart();
    assertThat(append(zero)).isEqualTo(first);
    assertThat(append(numbered(session, 1, 0, 3))).isEqualTo(at(2));
  }

  @Test
  @DisplayName(
      "L1 a conditional append is retried after others have written what it read: one entry")
  default void lostAcknowledgementOfAConditionalAppend_retried_isNotAConflict() {
    AppendRequest request =
        request(StreamKeys.keys(A, 1))
            .condition(unchanged(tail(), StreamKeys.keys(A, 1)))
            .requestId(new RequestId(openSession(), 0, 0))
            .build();
    LogPosition first = append(request);
    append(request(StreamKeys.keys(A, 1)));

    assertThat(append(request)).isEqualTo(first);

    assertThat(tail()).isEqualTo(at(2));
  }

  @Test
  @DisplayName("L1 the same request is under way several times at once: one entry")
  default void sameRequestManyTimesAtOnce_oneEntry() {
    SessionId session = openSession();

    for (int sequence = 0; sequence < 30; sequence++) {
      AppendRequest request = numbered(session, sequence, 0, sequence);
      List<LogPosition> positions = together(5, thread -> append(request));
      assertThat(new HashSet<>(positions)).containsExactly(at(sequence));
    }

    assertThat(tail()).isEqualTo(at(30));
  }

  @Test
  @DisplayName("L1 the same request is sent again without waiting: one entry")
  default void sameRequestAgainWithoutWaiting_oneEntry() {
    SessionId session = openSession();

    List<CompletableFuture<LogPosition>> appends = new ArrayList<>();
    for (int sequence = 0; sequence < 50; sequence++) {
      appends.add(log().append(numbered(session, sequence, 0, sequence)));
      appends.add(log().append(numbered(session, sequence, 0, sequence)));
      appends.add(log().append(numbered(session, sequence / 2, 0, sequence / 2)));
    }

    for (int sequence = 0; sequence < 50; sequence++) {
      assertThat(Outcome.of(appends.get(3 * sequence))).isEqualTo(at(sequence));
      assertThat(Outcome.of(appends.get(3 * sequence + 1))).isEqualTo(at(sequence));
      assertThat(Outcome.of(appends.get(3 * sequence + 2))).isEqualTo(at(sequence / 2));
    }
    assertThat(tail()).isEqualTo(at(50));
  }

  @Test
  @DisplayName("L2 the same number with another payload: refused")
  default void sameNumberWithAnotherPayload_isRefused() {
    SessionId session = openSession();
    LogPosition first = append(numbered(session, 0, 0, 1));

    RequestMismatchException refused =
        Outcome.failure(
            RequestMismatchException.class, () -> log().append(numbered(session, 0, 0, 2)));

    assertThat(refused.durable()).isEqualTo(StoreException.Durable.NOTHING);
    assertThat(refused).hasMessageContaining("request 0 of session " + session);
    assertThat(tail()).isEqualTo(at(1));
    assertThat(entryAt(first).payload()).isEqualTo(payload(1));
    assertThat(append(numbered(session, 0, 0, 1))).isEqualTo(first);
  }

  @Test
  @DisplayName("L2 the same number with other streams or keys: refused")
  default void sameNumberWithOtherWrites_isRefused() {
    RequestId id = new RequestId(openSession(), 0, 0);
    append(request(StreamKeys.keys(A, 1)).requestId(id));

    for (AppendRequest.Builder other :
        List.of(
            request(StreamKeys.keys(B, 1)),
            request(StreamKeys.keys(A, 2)),
            request(StreamKeys.whole(A)),
            request(StreamKeys.keys(A, 1), StreamKeys.keys(B, 1)))) {
      Outcome.failure(
          RequestMismatchException.class, () -> log().append(other.requestId(id).build()));
    }
    assertThat(tail()).isEqualTo(at(1));
    assertThat(positionsIn(B)).isEmpty();
  }

  @Test
  @DisplayName("L2 the same number with another payload after a restart: refused")
  default void sameNumberWithAnotherPayloadAfterRestart_isRefused() {
    assumeTrue(fixture().survivesRestart(), "this log is volatile: nothing to restart");
    SessionId session = openSession();
    append(numbered(session, 0, 0, 1));

    fixture().restart();

    Outcome.failure(RequestMismatchException.class, () -> log().append(numbered(session, 0, 0, 2)));
    assertThat(tail()).isEqualTo(at(1));
  }

  @Test
  default void rejectedRequest_isDecidedAnewAndRejectedAgain() {
    LogPosition snapshot = tail();
    appendTo(A);
    AppendRequest request =
        request(StreamKeys.whole(B))
            .condition(unchanged(snapshot, StreamKeys.whole(A)))
            .requestId(new RequestId(openSession(), 0, 0))
            .build();

    Outcome.failure(ConflictException.class, () -> log().append(request));
    LogPosition later = appendTo(A);

    ConflictException again = Outcome.failure(ConflictException.class, () -> log().append(request));
    assertThat(again.winner()).contains(later);
    assertThat(positionsIn(B)).isEmpty();
  }

  @Test
  default void requestWithoutIdentity_isAppendedEachTime() {
    AppendRequest request = AppendRequest.of(A, payload(1));

    assertThat(append(request)).isEqualTo(at(0));
    assertThat(append(request)).isEqualTo(at(1));
  }

  @Test
  default void sameNumberInTwoSessions_isTwoRequests() {
    assertThat(append(numbered(openSession(), 0, 0, 1))).isEqualTo(at(0));
    assertThat(append(numbered(openSession(), 0, 0, 1))).isEqualTo(at(1));
  }

  @Test
  default void sessionNumbers_areNeverGivenOutTwice() {
    Set<SessionId> sessions = new HashSet<>();
    together(4, thread -> openAndCollect(sessions));
    assertThat(sessions).hasSize(40);

    if (fixture().survivesRestart()) {
      fixture().restart();
      openAndCollect(sessions);
      assertThat(sessions).hasSize(50);
    }
  }

  @Test
  default void requestsInAnyOrderAndWithGaps_areEachAcceptedOnce() {
    SessionId session = openSession();

    assertThat(append(numbered(session, 1_000_000, 0, 1))).isEqualTo(at(0));
    assertThat(append(numbered(session, 3, 0, 2))).isEqualTo(at(1));
    assertThat(append(numbered(session, Long.MAX_VALUE, 0, 3))).isEqualTo(at(2));
    assertThat(append(numbered(session, 2, 0, 4))).isEqualTo(at(3));

    assertThat(append(numbered(session, 3, 0, 2))).isEqualTo(at(1));
    assertThat(append(numbered(session, Long.MAX_VALUE, 0, 3))).isEqualTo(at(2));
  }

  @Test
  default void sessionNeverOpened_isUnknown() {
    SessionExpiredException refused =
        Outcome.failure(
            SessionExpiredException.class,
            () -> log().append(numbered(new SessionId(4_711), 0, 0, 1)));

    assertThat(refused.durable()).isEqualTo(StoreException.Durable.NOTHING);
    assertThat(tail()).isEqualTo(LogPosition.FIRST);
  }

  @Test
  default void sessionNotUsedForTheTimeout_expires() {
    SessionId session = openSession();
    AppendRequest accepted = numbered(session, 0, 0, 1);
    append(accepted);

    fixture().clock().advance(fixture().sessionTimeout().plusMillis(1));

    Outcome.failure(SessionExpiredException.class, () -> log().append(accepted));
    Outcome.failure(SessionExpiredException.class, () -> log().append(numbered(session, 1, 0, 2)));
    assertThat(tail()).isEqualTo(at(1));
  }

  @Test
  default void sessionUsedWithinTheTimeout_goesOn() {
    SessionId session = openSession();
    Duration almost = fixture().sessionTimeout().minusMillis(1);

    for (int sequence = 0; sequence < 5; sequence++) {
      fixture().clock().advance(almost);
      append(numbered(session, sequence, 0, sequence));
    }

    assertThat(append(numbered(session, 0, 0, 0))).isEqualTo(at(0));
  }

  @Test
  default void useOfOneSession_doesNotKeepAnother() {
    SessionId idle = openSession();
    SessionId busy = openSession();
    Duration most = fixture().sessionTimeout().multipliedBy(2).dividedBy(3);

    fixture().clock().advance(most);
    append(numbered(busy, 0, 0, 1));
    fixture().clock().advance(most);

    append(numbered(busy, 1, 0, 1));
    Outcome.failure(SessionExpiredException.class, () -> log().append(numbered(idle, 0, 0, 1)));
  }

  @Test
  default void expiredSession_staysExpiredWhenTheClockGoesBack() {
    SessionId session = openSession();
    append(numbered(session, 0, 0, 1));
    fixture().clock().advance(fixture().sessionTimeout().multipliedBy(2));
    appendTo(A); // log time has now moved

    fixture().clock().advance(fixture().sessionTimeout().multipliedBy(-2));

    Outcome.failure(SessionExpiredException.class, () -> log().append(numbered(session, 1, 0, 1)));
  }

  @Test
  default void sessionAcrossARestart_expiresByLogTime() {
    assumeTrue(fixture().survivesRestart(), "this log is volatile: nothing to restart");
    Duration half = fixture().sessionTimeout().dividedBy(2);
    SessionId used = openSession();
    SessionId unused = openSession();
    append(numbered(used, 0, 0, 1));

    fixture().clock().advance(half);
    fixture().restart();
    append(numbered(used, 1, 0, 1));
    fixture().clock().advance(half.plusMillis(1));
    fixture().restart();

    append(numbered(used, 2, 0, 1));
    Outcome.failure(SessionExpiredException.class, () -> log().append(numbered(unused, 0, 0, 1)));
  }

  @Test
  default void numberBelowWhatTheClientHasLearnt_isRefused() {
    SessionId session = openSession();
    for (int sequence = 0; sequence < 5; sequence++) {
      append(numbered(session, sequence, 0, sequence));
    }
    append(numbered(session, 5, 3, 5)); // knows the outcomes of 0, 1 and 2

    for (int sequence = 0; sequence < 3; sequence++) {
      AppendRequest forgotten = numbered(session, sequence, 0, sequence);
      Outcome.failure(RequestMismatchException.class, () -> log().append(forgotten));
    }
    for (int sequence = 3; sequence < 6; sequence++) {
      assertThat(append(numbered(session, sequence, 0, sequence))).isEqualTo(at(sequence));
    }
    assertThat(tail()).isEqualTo(at(6));
  }

  @Test
  default void whatTheClientHasLearnt_neverGoesBack() {
    SessionId session = openSession();
    append(numbered(session, 8, 8, 1));
    append(numbered(session, 9, 2, 2));

    Outcome.failure(RequestMismatchException.class, () -> log().append(numbered(session, 7, 0, 3)));

    assertThat(tail()).isEqualTo(at(2));
  }

  @Test
  default void whatTheClientHasLearnt_survivesARestart() {
    assumeTrue(fixture().survivesRestart(), "this log is volatile: nothing to restart");
    SessionId session = openSession();
    append(numbered(session, 0, 0, 0));
    append(numbered(session, 1, 1, 1));

    fixture().restart();

    Outcome.failure(RequestMismatchException.class, () -> log().append(numbered(session, 0, 0, 0)));
    assertThat(append(numbered(session, 1, 1, 1))).isEqualTo(at(1));
    assertThat(tail()).isEqualTo(at(2));
  }

  private static AppendRequest numbered(
      SessionId session, long sequence, long learntBelow, long content) {
    return AppendRequest.builder(payload(content))
        .write(StreamKeys.whole(A))
        .requestId(new RequestId(session, sequence, learntBelow))
        .build();
  }

  private boolean openAndCollect(Set<SessionId> sessions) {
    for (int i = 0; i < 10; i++) {
      SessionId session = openSession();
      synchronized (sessions) {
        sessions.add(session);
      }
    }
    return true;
  }
}
