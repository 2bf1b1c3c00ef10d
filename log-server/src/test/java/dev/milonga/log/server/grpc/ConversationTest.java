package dev.milonga.log.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.milonga.log.AppendRequest;
import dev.milonga.log.LogPosition;
import dev.milonga.log.Payload;
import dev.milonga.log.StreamId;
import dev.milonga.log.server.LogInMemory;
import dev.milonga.log.wire.Append;
import dev.milonga.log.wire.ClientFrame;
import dev.milonga.log.wire.Condition;
import dev.milonga.log.wire.Entry;
import dev.milonga.log.wire.Failure;
import dev.milonga.log.wire.Failure.Kind;
import dev.milonga.log.wire.OpenSessionRequest;
import dev.milonga.log.wire.Opening;
import dev.milonga.log.wire.Outcome;
import dev.milonga.log.wire.ServerFrame;
import dev.milonga.log.wire.StreamKeys;
import io.grpc.Status.Code;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is said in a conversation, and in which order. */
final class ConversationTest {

  private static final StreamId A = StreamId.named("a");
  private static final StreamId B = StreamId.named("b");

  private Served served;

  @BeforeEach
  void serve() {
    served = new Served(new LogInMemory(builder -> builder).log(), builder -> builder);
  }

  @AfterEach
  void close() {
    served.close();
  }

  private LogPosition local(StreamId stream, String payload) {
    return served
        .log
        .append(AppendRequest.of(stream, Payload.wrap(payload.getBytes(StandardCharsets.UTF_8))))
        .join();
  }

  private long session() {
    return served.calls().openSession(OpenSessionRequest.getDefaultInstance()).getSession();
  }

  @Test
  void opening_isAnsweredWithTheLogAndTheTail() {
    local(A, "before");
    try (Talk talk = served.talk()) {
      ServerFrame first = talk.open(A);

      assertThat(first.getOpened().getLog().getLog().size()).isEqualTo(16);
      assertThat(first.getOpened().getFrom()).isEqualTo(1);
      assertThat(first.getNext()).isEqualTo(1);
    }
  }

  @Test
  void entriesOfWatchedStreams_areSent_eachOnce_andNoOthers() {
    try (Talk talk = served.talk()) {
      talk.open(A, B);

      local(A, "1");
      local(StreamId.named("c"), "other");
      local(B, "2");
      ServerFrame answer = talk.tail(1);

      assertThat(answer.getNext()).isEqualTo(3);
      assertThat(talk.entries()).extracting(Talk::payload).containsExactly("1", "2");
    }
  }

  @Test
  void outcome_comesNotBeforeTheEntriesUpToIt() {
    try (Talk talk = served.talk()) {
      talk.open(A);
      local(A, "before");

      Outcome outcome = talk.appended(talk.append("mine", A));

      assertThat(outcome.getPosition()).isEqualTo(1);
      assertThat(talk.entries()).extracting(Talk::payload).containsExactly("before", "mine");
      assertThat(talk.said().get(talk.said().size() - 1).getNext()).isEqualTo(2);
    }
  }

  @Test
  void ownEntries_comeWithoutTheirContent() {
    long session = session();
    try (Talk talk = served.talk()) {
      talk.open(A);

      Outcome outcome = talk.appended(talk.append("mine", A).setSession(session).setSequence(7));

      assertThat(outcome.getPosition()).isZero();
      List<Entry> entries = talk.entries();
      assertThat(entries).hasSize(1);
      assertThat(entries.get(0).getContent().isEmpty()).isTrue();
      assertThat(entries.get(0).getOwn().getSession()).isEqualTo(session);
      assertThat(entries.get(0).getOwn().getSequence()).isEqualTo(7);
    }
  }

  @Test
  void resumeFrom_sendsWhatCameMeanwhile() {
    local(A, "0");
    local(A, "1");
    local(B, "2");
    local(A, "3");
    try (Talk talk = served.talk()) {
      ServerFrame first = talk.open(Opening.newBuilder().setProtocol(1).setResumeFrom(1), A);
      talk.tail(1);

      assertThat(first.getOpened().getFrom()).isEqualTo(1);
      assertThat(talk.entries()).extracting(Talk::payload).containsExactly("1", "3");
    }
  }

  @Test
  void watch_isAnsweredWithWhereItBegins_andUnwatchEndsIt() {
    try (Talk talk = served.talk()) {
      talk.open();
      local(A, "unseen");

      talk.say(ClientFrame.newBuilder().addWatch(Talk.bytes(A)));
      ServerFrame watching = talk.until(frame -> frame.getWatchingCount() > 0);
      local(A, "seen");
      talk.tail(1);
      talk.say(ClientFrame.newBuilder().addUnwatch(Talk.bytes(A)));
      talk.tail(2);
      local(A, "unseen again");
      ServerFrame last = talk.tail(3);

      assertThat(watching.getWatching(0).getFrom()).isEqualTo(1);
      assertThat(talk.entries()).extracting(Talk::payload).containsExactly("seen");
      assertThat(last.getNext()).isEqualTo(3);
    }
  }

  @Test
  void outcomesOfManyAppends_areAllThere_andInTheOrderOfTheAppends() {
    try (Talk talk = served.talk()) {
      talk.open();
      ClientFrame.Builder frame = ClientFrame.newBuilder();
      for (int i = 0; i < 1_000; i++) {
        frame.addAppends(talk.append("" + i, A));
      }
      talk.say(frame);
      talk.outcome(1_000);
      List<Outcome> outcomes =
          talk.said().stream().flatMap(said -> said.getOutcomesList().stream()).toList();

      assertThat(outcomes).hasSize(1_000);
      assertThat(outcomes)
          .allSatisfy(
              outcome -> assertThat(outcome.getPosition()).isEqualTo(outcome.getNumber() - 1));
    }
  }

  @Test
  void tailQuery_isAnsweredAfterWhatOthersHaveAppended_everyTime() {
    try (Talk reader = served.talk();
        Talk writer = served.talk()) {
      reader.open(A);
      writer.open();
      for (int i = 1; i <= 300; i++) {
        writer.appended(writer.append("" + i, A));

        ServerFrame answer = reader.tail(i);

        assertThat(answer.getNext()).isEqualTo(i);
        assertThat(reader.entries()).hasSize(i);
      }
    }
  }

  @Test
  void conflict_tellsWhatWon() {
    try (Talk talk = served.talk()) {
      talk.open();
      local(A, "winner");

      Failure failure =
          talk.appended(
                  talk.append("loser", B)
                      .setCondition(
                          Condition.newBuilder()
                              .setSnapshot(0)
                              .addReads(
                                  StreamKeys.newBuilder().setStream(Talk.bytes(A)).addKeys(42))))
              .getFailure();

      assertThat(failure.getKind()).isEqualTo(Kind.CONFLICT);
      assertThat(failure.getStream()).isEqualTo(Talk.bytes(A));
      assertThat(failure.getKey()).isEqualTo(42);
      assertThat(failure.getPosition()).isZero();
      assertThat(failure.getSnapshotTooOld()).isFalse();
      assertThat(local(A, "next").value()).isEqualTo(1); // nothing of the loser is in the log
    }
  }

  @Test
  void requestsThatCannotBe_areRefused_andTheConversationGoesOn() {
    long session = session();
    try (Talk talk = served.talk()) {
      talk.open();
      talk.appended(talk.append("first", A).setSession(session).setSequence(0));

      Outcome other = talk.appended(talk.append("other", A).setSession(session).setSequence(0));
      Outcome unknown = talk.appended(talk.append("x", A).setSession(987).setSequence(0));
      Outcome nowhere = talk.appended(talk.append("x"));
      Outcome twice = talk.appended(talk.append("x", A, A));
      Outcome negative = talk.appended(talk.append("x", A).setSession(-1).setSequence(0));
      Outcome good = talk.appended(talk.append("good", A));

      assertThat(other.getFailure().getKind()).isEqualTo(Kind.REQUEST_MISMATCH);
      assertThat(unknown.getFailure().getKind()).isEqualTo(Kind.SESSION_EXPIRED);
      assertThat(nowhere.getFailure().getKind()).isEqualTo(Kind.INVALID);
      assertThat(twice.getFailure().getKind()).isEqualTo(Kind.INVALID);
      assertThat(negative.getFailure().getKind()).isEqualTo(Kind.INVALID);
      assertThat(good.getPosition()).isEqualTo(1);
    }
  }

  @Test
  void retryInAnotherConversation_getsTheFirstOutcome() {
    long session = session();
    long first;
    try (Talk talk = served.talk()) {
      talk.open();
      first =
          talk.appended(talk.append("once", A).setSession(session).setSequence(3)).getPosition();
    }
    local(B, "between");
    try (Talk talk = served.talk()) {
      talk.open(A);

      Outcome again = talk.appended(talk.append("once", A).setSession(session).setSequence(3));

      assertThat(again.getPosition()).isEqualTo(first);
      assertThat(served.log.tail().join().value()).isEqualTo(2);
    }
  }

  @Test
  void entryOfAnotherWithTheSameNumber_isNotTakenForOwn() {
    long session = session();
    try (Talk mine = served.talk();
        Talk other = served.talk()) {
      mine.open(A);
      other.open();
      other.appended(other.append("of the other", A).setSession(session).setSequence(0));

      Outcome refused = mine.appended(mine.append("mine", A).setSession(session).setSequence(0));
      mine.tail(1);

      assertThat(refused.getFailure().getKind()).isEqualTo(Kind.REQUEST_MISMATCH);
      assertThat(mine.entries()).extracting(Talk::payload).containsExactly("of the other");
    }
  }

  @Test
  void firstFrame_opens_andNoOtherDoes() {
    try (Talk without = served.talk();
        Talk twice = served.talk();
        Talk newer = served.talk()) {
      without.say(ClientFrame.newBuilder().setTailQuery(1));
      twice.open();
      twice.say(ClientFrame.newBuilder().setOpening(Opening.newBuilder().setProtocol(1)));
      newer.say(ClientFrame.newBuilder().setOpening(Opening.newBuilder().setProtocol(2)));

      assertThat(without.end().getCode()).isEqualTo(Code.INVALID_ARGUMENT);
      assertThat(twice.end().getCode()).isEqualTo(Code.INVALID_ARGUMENT);
      assertThat(newer.end().getDescription()).contains("speaks version 1 of the protocol, not 2");
      assertThat(Served.failure(newer.failure()).getKind()).isEqualTo(Kind.INVALID);
    }
  }

  @Test
  void clientOfAnotherLog_isSentAway() {
    try (Talk talk = served.talk()) {
      talk.say(
          ClientFrame.newBuilder()
              .setOpening(
                  Opening.newBuilder()
                      .setProtocol(1)
                      .setLog(Talk.bytes(StreamId.named("another log")))));

      assertThat(talk.end().getCode()).isEqualTo(Code.FAILED_PRECONDITION);
      assertThat(Served.failure(talk.failure()).getKind()).isEqualTo(Kind.ANOTHER_LOG);
    }
  }

  @Test
  void numbersThatDoNotAscend_endTheConversation() {
    try (Talk appending = served.talk();
        Talk asking = served.talk()) {
      appending.open();
      appending.appended(appending.append("x", A));
      appending.say(ClientFrame.newBuilder().addAppends(appending.append("x", A).setNumber(1)));
      asking.open();
      asking.tail(5);
      asking.say(ClientFrame.newBuilder().setTailQuery(5));

      assertThat(appending.end().getCode()).isEqualTo(Code.INVALID_ARGUMENT);
      assertThat(asking.end().getCode()).isEqualTo(Code.INVALID_ARGUMENT);
    }
  }

  @Test
  void resumeFromWhatWasTrimmed_beginsAtTheTail() {
    local(A, "0");
    local(A, "1");
    served.log.trim(new LogPosition(1)).join();
    try (Talk talk = served.talk()) {
      ServerFrame first = talk.open(Opening.newBuilder().setProtocol(1).setResumeFrom(0), A);

      assertThat(first.getOpened().getFrom()).isEqualTo(2);
      assertThat(first.getTrimMark()).isEqualTo(1);
    }
  }

  @Test
  void trim_isToldUnasked() {
    local(A, "0");
    try (Talk talk = served.talk()) {
      talk.open(A);

      served.log.trim(new LogPosition(1)).join();

      assertThat(talk.until(frame -> frame.getTrimMark() == 1).getNext()).isEqualTo(1);
    }
  }

  @Test
  void clientThatHasFinished_isAnsweredToTheEnd() {
    try (Talk talk = served.talk()) {
      talk.open(A);
      Append.Builder append = talk.append("last words", A);
      talk.say(ClientFrame.newBuilder().addAppends(append));
      talk.halfClose();

      assertThat(talk.outcome(append.getNumber()).getPosition()).isZero();
      assertThat(talk.end().isOk()).isTrue();
    }
  }

  /** Has others append more than is kept for a client that does not read. */
  private void appendMuch(int count) {
    Payload large = Payload.wrap(new byte[4_096]);
    CompletableFuture<?> last = CompletableFuture.completedFuture(null);
    for (int i = 0; i < count; i++) {
      last = served.log.append(AppendRequest.of(i % 3 == 0 ? B : A, large));
    }
    last.join();
  }

  private static List<Long> positionsInA(int count) {
    return LongStream.rangeClosed(0, count).filter(i -> i % 3 != 0 || i == count).boxed().toList();
  }

  @Test
  void clientThatDoesNotRead_getsEverythingWhenItDoes() {
    int count = 1_500;
    try (Talk talk = new Talk(served.channel(), 1)) {
      talk.open(A);
      appendMuch(count);
      local(A, "the end");
      talk.say(ClientFrame.newBuilder().setTailQuery(1));

      talk.read(Integer.MAX_VALUE);
      ServerFrame answer = talk.until(frame -> frame.getTailQuery() == 1);

      assertThat(answer.getNext()).isEqualTo(count + 1);
      assertThat(talk.entries())
          .extracting(Entry::getPosition)
          .containsExactlyElementsOf(positionsInA(count));
    }
  }

  @Test
  void outcomeForAClientThatDoesNotRead_comesAfterTheEntriesUpToIt() {
    int count = 1_500;
    try (Talk talk = new Talk(served.channel(), 1)) {
      talk.open(A);
      appendMuch(count);
      Append.Builder append = talk.append("mine", A);
      talk.say(ClientFrame.newBuilder().addAppends(append));
      await()
          .atMost(Duration.ofMinutes(1))
          .until(() -> served.log.tail().join().value() == count + 1);

      talk.read(Integer.MAX_VALUE);
      Outcome outcome = talk.outcome(append.getNumber());

      assertThat(outcome.getPosition()).isEqualTo(count);
      assertThat(talk.entries())
          .extracting(Entry::getPosition)
          .containsExactlyElementsOf(positionsInA(count));
    }
  }
}
