package dev.milonga.log.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.milonga.log.AppendRequest;
import dev.milonga.log.LogOverloadedException;
import dev.milonga.log.LogPosition;
import dev.milonga.log.LogRefusedException;
import dev.milonga.log.LogUnavailableException;
import dev.milonga.log.Payload;
import dev.milonga.log.RequestId;
import dev.milonga.log.SessionExpiredException;
import dev.milonga.log.SessionId;
import dev.milonga.log.StoreClosedException;
import dev.milonga.log.StreamId;
import dev.milonga.log.StreamKeys;
import dev.milonga.log.wire.Append;
import dev.milonga.log.wire.Failure;
import dev.milonga.log.wire.LogDescription;
import dev.milonga.log.wire.Opened;
import dev.milonga.log.wire.ServerFrame;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a client says to servers that break down, drain, refuse, and fall silent. */
class ConversationsTest {

  private static final StreamId STREAM = StreamId.named("a");
  private static final SessionId SESSION = new SessionId(7);
  private static final long TIMEOUT_MILLIS = 30_000;

  private final StagedEnvironment environment = new StagedEnvironment();
  private final StagedServers servers = new StagedServers();
  private final Conversations conversations = conversations("a:1,b:2");

  private Conversations conversations(String target) {
    return new Conversations(
        Endpoint.parse(target),
        servers,
        environment,
        Duration.ofMillis(TIMEOUT_MILLIS),
        1_000,
        new StreamBuffers(1 << 20));
  }

  @AfterEach
  void close() {
    conversations.close();
  }

  private StagedServers.Connection opened() {
    conversations.start();
    environment.pass(0);
    return servers.latest().open();
  }

  private StagedServers.Connection next() {
    int before = servers.dialled();
    environment.pass(2_000);
    assertThat(servers.dialled()).isEqualTo(before + 1);
    return servers.latest();
  }

  private CompletableFuture<LogPosition> append(long sequence) {
    return conversations.append(numbered(sequence), 100, false);
  }

  private CompletableFuture<LogPosition> appendAnonymous() {
    return conversations.append(AppendRequest.of(STREAM, Payload.wrap(new byte[1])), 100, false);
  }

  private static AppendRequest numbered(long sequence) {
    return AppendRequest.builder(Payload.wrap(new byte[] {(byte) sequence}))
        .write(StreamKeys.whole(STREAM))
        .requestId(new RequestId(SESSION, sequence, 0))
        .build();
  }

  private static Throwable failure(CompletableFuture<?> future) {
    assertThat(future).isCompletedExceptionally();
    try {
      future.join();
    } catch (CompletionException e) {
      return e.getCause();
    }
    throw new AssertionError("it has not failed");
  }

  @Test
  void whatWaitsWhenTheTransportIsReady_leavesInOneFrame() {
    StagedServers.Connection server = opened();
    server.ready = false;
    int before = server.heard.size();

    append(0);
    conversations.tail();
    append(1);
    server.becomeReady();

    assertThat(server.heard).hasSize(before + 1);
    assertThat(server.sequences()).containsExactly(0L, 1L);
    assertThat(server.tailQueries()).hasSize(1);
  }

  @Test
  void brokenConnection_sendsAgainInOrderBeforeAnythingNewer() {
    StagedServers.Connection first = opened();
    List<CompletableFuture<LogPosition>> appends = List.of(append(0), append(1), append(2));
    first.accept(2, 5);

    first.breakDown();
    CompletableFuture<LogPosition> newer = append(3);
    StagedServers.Connection second = next();
    assertThat(second.appends()).as("before it is open").isEmpty();
    second.open(6);

    assertThat(second.sequences()).containsExactly(0L, 2L, 3L);
    assertThat(second.appends().stream().map(Append::getNumber)).isSorted();
    second.accept(1, 4);
    second.accept(2, 6);
    second.accept(3, 7);
    assertThat(appends.stream().map(CompletableFuture::join).map(LogPosition::value))
        .containsExactly(4L, 5L, 6L);
    assertThat(newer.join()).isEqualTo(new LogPosition(7));
  }

  @Test
  void appendWithoutIdentity_failsAsUnknownIfItWasSent() {
    StagedServers.Connection first = opened();
    CompletableFuture<LogPosition> sent = appendAnonymous();
    first.ready = false;
    CompletableFuture<LogPosition> unsent = appendAnonymous();

    first.breakDown();

    assertThat(failure(sent)).isInstanceOf(LogUnavailableException.class);
    assertThat(unsent).isNotDone();
    StagedServers.Connection second = next().open();
    assertThat(second.appends()).hasSize(1);
    second.accept(1, 9);
    assertThat(unsent.join()).isEqualTo(new LogPosition(9));
  }

  @Test
  void appendThatWasNotTaken_isSentAgainElsewhereOnceTheOthersAreDecided() {
    StagedServers.Connection first = opened();
    CompletableFuture<LogPosition> unknown = append(0);
    CompletableFuture<LogPosition> anonymous = appendAnonymous();
    CompletableFuture<LogPosition> last = append(2);

    first.refuse(2, Failure.Kind.NOT_TAKEN);
    append(3);
    first.refuse(3, Failure.Kind.NOT_TAKEN);
    assertThat(first.ended).as("with one append undecided").isFalse();
    first.refuse(1, Failure.Kind.OUTCOME_UNKNOWN);

    assertThat(failure(unknown)).isInstanceOf(LogUnavailableException.class);
    assertThat(first.ended).isTrue();
    assertThat(first.sequences()).as("nothing after the refusal").hasSize(3);
    StagedServers.Connection second = next().open();
    assertThat(second.sequences()).containsExactly(0L, 2L, 3L); // the first has no identity
    assertThat(second.appends().get(0).hasSession()).isFalse();
    second.accept(1, 1);
    second.accept(2, 2);
    assertThat(anonymous).isCompletedWithValue(new LogPosition(1));
    assertThat(last).isCompletedWithValue(new LogPosition(2));
  }

  @Test
  void drainingServer_isLeftWithoutFailingAnything() {
    StagedServers.Connection first = opened();
    CompletableFuture<LogPosition> sent = append(0);
    CompletableFuture<TailAnswer> tail = conversations.tail();

    first.say(ServerFrame.newBuilder().setDraining(true));
    CompletableFuture<LogPosition> later = append(1);
    assertThat(first.sequences()).containsExactly(0L);
    first.accept(1, 3);

    assertThat(sent.join()).isEqualTo(new LogPosition(3));
    assertThat(first.ended).isTrue();
    StagedServers.Connection second = next().open(4);
    assertThat(second.endpoint()).isNotEqualTo(first.endpoint());
    assertThat(second.sequences()).containsExactly(1L);
    second.accept(1, 4);
    second.answerTail(second.tailQueries().get(0), 5);
    assertThat(later.join()).isEqualTo(new LogPosition(4));
    assertThat(tail.join().tail()).isEqualTo(5);
  }

  @Test
  void expiredSession_isUnknownOnlyForWhatMayHaveBeenAccepted() {
    StagedServers.Connection first = opened();
    CompletableFuture<LogPosition> sentBefore = append(0);
    first.breakDown();
    CompletableFuture<LogPosition> sentOnce = append(1);
    StagedServers.Connection second = next().open();

    second.refuse(1, Failure.Kind.SESSION_EXPIRED);
    second.refuse(2, Failure.Kind.SESSION_EXPIRED);

    assertThat(failure(sentBefore)).isInstanceOf(LogUnavailableException.class);
    assertThat(failure(sentOnce)).isInstanceOf(SessionExpiredException.class);
  }

  @Test
  void tail_isNotAnsweredByAQueryThatWasSentBefore() {
    StagedServers.Connection server = opened();
    CompletableFuture<TailAnswer> early = conversations.tail();
    server.ready = false;
    List<CompletableFuture<TailAnswer>> late = List.of(conversations.tail(), conversations.tail());

    server.answerTail(server.tailQueries().get(0), 10);
    assertThat(early.join().tail()).isEqualTo(10);
    assertThat(late).noneMatch(CompletableFuture::isDone);

    server.becomeReady();
    assertThat(server.tailQueries()).as("one for both").hasSize(2);
    server.answerTail(server.tailQueries().get(1), 12);
    assertThat(late).allMatch(answer -> answer.join().tail() == 12);
  }

  @Test
  void laterAnswer_isOneToEarlierQueriesToo() {
    StagedServers.Connection server = opened();
    CompletableFuture<TailAnswer> first = conversations.tail();
    CompletableFuture<TailAnswer> second = conversations.tail();
    assertThat(server.tailQueries()).hasSize(2);

    server.answerTail(server.tailQueries().get(1), 3);

    assertThat(first.join().tail()).isEqualTo(3);
    assertThat(second.join().tail()).isEqualTo(3);
  }

  @Test
  void withoutAServer_everyCallEndsByItsDeadline() {
    conversations.start();
    environment.pass(0);
    CompletableFuture<LogPosition> append = append(0);
    CompletableFuture<TailAnswer> tail = conversations.tail();
    CompletableFuture<Object> call = conversations.call((link, pending) -> {});

    for (long passed = 0; passed < TIMEOUT_MILLIS - 100; passed += 100) {
      servers.latest().breakDown();
      environment.pass(100);
    }
    assertThat(append).isNotDone();
    assertThat(tail).isNotDone();
    assertThat(call).isNotDone();
    environment.pass(1_500);

    for (CompletableFuture<?> each : List.of(append, tail, call)) {
      assertThat(failure(each))
          .isInstanceOf(LogUnavailableException.class)
          .hasMessageContaining("cut");
    }
    assertThat(servers.dialled()).isBetween(20, 200);
  }

  @Test
  void appendWithoutAnAnswer_endsByItsDeadlineAndIsNotSentAgain() {
    StagedServers.Connection first = opened();
    CompletableFuture<LogPosition> append = append(0);

    answerQueriesFor(first, TIMEOUT_MILLIS + 1_500);

    assertThat(failure(append)).isInstanceOf(LogUnavailableException.class);
    assertThat(first.ended).isFalse();
    first.accept(1, 0); // of which nobody wants to know any more
    first.breakDown();
    assertThat(next().open(1).appends()).isEmpty();
  }

  private void answerQueriesFor(StagedServers.Connection server, long millis) {
    for (long passed = 0; passed < millis; passed += 500) {
      environment.pass(500);
      List<Long> queries = server.tailQueries();
      if (!queries.isEmpty()) {
        server.answerTail(queries.get(queries.size() - 1), 0);
      }
    }
  }

  @Test
  void serverThatFallsSilent_isLeft() {
    StagedServers.Connection first = opened();

    answerQueriesFor(first, 60_000);
    assertThat(first.ended).as("while it answers").isFalse();
    environment.pass(12_000);

    assertThat(first.ended).isTrue();
    assertThat(servers.dialled()).isGreaterThan(1);
  }

  @Test
  void serverThatDoesNotOpen_isLeftForTheNext() {
    conversations.start();
    environment.pass(0);
    StagedServers.Connection first = servers.latest();

    environment.pass(11_000);

    assertThat(first.ended).isTrue();
    assertThat(servers.latest().endpoint()).isEqualTo(new Endpoint("b", 2));
  }

  @Test
  void anotherLog_isRefusedWithBothNamed() {
    StagedServers.Connection first = opened();
    CompletableFuture<LogPosition> append = append(0);
    first.breakDown();

    for (int server = 0; server < 2; server++) {
      next()
          .say(
              ServerFrame.newBuilder()
                  .setOpened(
                      Opened.newBuilder()
                          .setLog(
                              LogDescription.newBuilder()
                                  .setProtocol(1)
                                  .setLog(ByteString.copyFromUtf8("another one")))));
    }

    assertThat(failure(append))
        .as("it may have been accepted by the first")
        .isInstanceOf(LogUnavailableException.class)
        .hasMessageContaining("serves the log 616e6f7468657220");
  }

  @Test
  void olderServer_isRefused() {
    conversations.start();
    environment.pass(0);
    CompletableFuture<TailAnswer> tail = conversations.tail();

    for (int server = 0; server < 2; server++) {
      servers.latest().say(ServerFrame.newBuilder().setOpened(Opened.newBuilder().setFrom(0)));
      environment.pass(2_000);
    }

    assertThat(failure(tail))
        .isInstanceOf(LogRefusedException.class)
        .hasMessageContaining("speaks protocol 0, this client speaks 1");
    assertThat(failure(conversations.met())).isInstanceOf(LogRefusedException.class);
  }

  @Test
  void logThatHasLostWhatWasSeen_isRefused() {
    StagedServers.Connection first = opened();
    append(0);
    first.accept(1, 41);
    first.breakDown();

    StagedServers.Connection second = next();
    assertThat(second.heard.get(0).getOpening().getResumeFrom()).isEqualTo(42);
    CompletableFuture<TailAnswer> tail = conversations.tail();
    second.open(40);
    next().open(40);

    assertThat(failure(tail))
        .isInstanceOf(LogRefusedException.class)
        .hasMessageContaining("ends at 40, and this client has seen it reach 42");
  }

  @Test
  void refusalByOneOfTwoServers_failsNothing() {
    conversations.start();
    environment.pass(0);
    CompletableFuture<TailAnswer> tail = conversations.tail();

    servers.latest().refuse(new LogRefusedException("no", null));
    assertThat(tail).isNotDone();
    StagedServers.Connection second = next().open();

    second.answerTail(1, 1);
    assertThat(tail.join().tail()).isEqualTo(1);
  }

  @Test
  void moreBytesThanMayWait_areRefusedUntilThereIsRoom() {
    StagedServers.Connection server = opened();
    for (int i = 0; i < 10; i++) {
      assertThat(append(i)).isNotDone();
    }

    CompletableFuture<LogPosition> over = append(10);
    assertThat(failure(over)).isInstanceOf(LogOverloadedException.class);
    server.accept(1, 0);

    assertThat(append(10)).isNotDone();
    assertThat(failure(append(11))).isInstanceOf(LogOverloadedException.class);
  }

  @Test
  void callBesideTheConversation_isMadeAgainWithTheNextConnection() {
    StagedServers.Connection first = opened();
    CompletableFuture<SessionId> session =
        conversations.call(
            (link, call) ->
                link.openSession(
                    new Link.Answer<>() {
                      @Override
                      public void answered(dev.milonga.log.wire.OpenSessionResponse answer) {
                        call.complete(new SessionId(answer.getSession()));
                      }

                      @Override
                      public void failed(LinkProblem problem) {
                        call.failed(link, problem);
                      }
                    }));
    first.breakDown();
    first
        .sessions
        .get(0)
        .failed(new LinkProblem(true, new LogUnavailableException("", null), null));

    StagedServers.Connection second = next();
    assertThat(second.sessions).isEmpty();
    second.open();
    second
        .sessions
        .get(0)
        .answered(dev.milonga.log.wire.OpenSessionResponse.newBuilder().setSession(3).build());

    assertThat(session.join()).isEqualTo(new SessionId(3));
  }

  @Test
  void close_failsWhateverWaits() {
    opened();
    CompletableFuture<LogPosition> append = append(0);
    CompletableFuture<TailAnswer> tail = conversations.tail();
    CompletableFuture<Object> call = conversations.call((link, pending) -> {});

    conversations.close();

    assertThat(failure(append)).isInstanceOf(LogUnavailableException.class);
    assertThat(failure(tail)).isInstanceOf(StoreClosedException.class);
    assertThat(failure(call)).isInstanceOf(StoreClosedException.class);
    assertThat(failure(append(1))).isInstanceOf(StoreClosedException.class);
  }
}
