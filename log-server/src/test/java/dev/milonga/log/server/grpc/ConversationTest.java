package dev.milonga.log.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milonga.log.AppendRequest;
import dev.milonga.log.LogPosition;
import dev.milonga.log.Payload;
import dev.milonga.log.StreamId;
import dev.milonga.log.wire.ClientFrame;
import dev.milonga.log.wire.Entry;
import dev.milonga.log.wire.OpenSessionRequest;
import dev.milonga.log.wire.Opening;
import dev.milonga.log.wire.Outcome;
import dev.milonga.log.wire.ServerFrame;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is said in a conversation, and in which order. */
final class ConversationTest {

  private static final StreamId A = StreamId.named("a");
  private static final StreamId B = StreamId.named("b");

  @TempDir private Path directory;
  private Served served;

  @BeforeEach
  void serve() {
    served = new Served(directory);
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
}
