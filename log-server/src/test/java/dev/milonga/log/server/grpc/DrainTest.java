package dev.milonga.log.server.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.milonga.log.AppendRequest;
import dev.milonga.log.Payload;
import dev.milonga.log.StreamId;
import dev.milonga.log.server.LogInMemory;
import dev.milonga.log.wire.Append;
import dev.milonga.log.wire.ClientFrame;
import dev.milonga.log.wire.Failure.Kind;
import dev.milonga.log.wire.Outcome;
import dev.milonga.log.wire.ServerFrame;
import dev.milonga.log.wire.SubscribeRequest;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.Iterator;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What clients are told when the server stops, and when its store fails. */
final class DrainTest {

  private static final StreamId A = StreamId.named("a");
  private static final Duration LONG = Duration.ofMinutes(1);

  private final LogInMemory memory = new LogInMemory(builder -> builder);

  @Test
  void closingServer_answersWhatIsUnderWay_takesNothingMore_andWaitsForClientsToGo()
      throws Exception {
    try (Served served = new Served(memory.log(), builder -> builder.drainTime(LONG));
        Talk talk = served.talk()) {
      talk.open(A);
      CountDownLatch held = memory.holdWrites();
      Append.Builder underWay = talk.append("under way", A);
      talk.say(ClientFrame.newBuilder().addAppends(underWay).setTailQuery(1));
      talk.until(frame -> frame.getTailQuery() == 1); // so it was taken

      CompletableFuture<Void> closed = CompletableFuture.runAsync(served.server::close);
      ServerFrame draining = talk.until(ServerFrame::getDraining);
      Outcome tooLate = talk.appended(talk.append("too late", A));
      held.countDown();
      Outcome answered = talk.outcome(underWay.getNumber());

      assertThat(draining.getOutcomesCount()).isZero();
      assertThat(tooLate.getFailure().getKind()).isEqualTo(Kind.NOT_TAKEN);
      assertThat(answered.getPosition()).isZero();
      assertThat(closed).isNotDone();
      talk.halfClose();
      assertThat(talk.end().isOk()).isTrue();
      closed.get(60, TimeUnit.SECONDS);
      assertThat(memory.log().tail().join().value()).isEqualTo(1);
    }
  }

  @Test
  void clientThatDoesNotGo_isEnded_andHasItsAnswers() {
    try (Served served =
            new Served(memory.log(), builder -> builder.drainTime(Duration.ofMillis(50)));
        Talk talk = served.talk()) {
      talk.open(A);
      Outcome outcome = talk.appended(talk.append("x", A));

      served.server.close();

      assertThat(outcome.getPosition()).isZero();
      assertThat(talk.end().isOk()).isTrue();
    }
  }

  @Test
  void subscribers_areSentElsewhere() {
    try (Served served = new Served(memory.log(), builder -> builder.drainTime(LONG))) {
      Iterator<?> batches = served.calls().subscribe(SubscribeRequest.getDefaultInstance());
      served.log.append(AppendRequest.of(A, Payload.wrap(new byte[1])));
      batches.next();

      CompletableFuture<Void> closed = CompletableFuture.runAsync(served.server::close);

      StatusRuntimeException end =
          catchThrowableOfType(StatusRuntimeException.class, batches::next);
      assertThat(end.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
      assertThat(Served.failure(end).getKind()).isEqualTo(Kind.NOT_TAKEN);
      closed.join();
    }
  }

  @Test
  void afterAnUnknownOutcome_laterAppendsOfTheConversationAreNotTaken() {
    try (Served served = new Served(memory.log(), builder -> builder);
        Talk talk = served.talk();
        Talk another = served.talk()) {
      talk.open(A);
      another.open();
      talk.appended(talk.append("good", A));
      memory.failWrites();

      Outcome unknown = talk.appended(talk.append("unknown", A));
      Outcome later = talk.appended(talk.append("later", A));
      Outcome elsewhere = another.appended(another.append("elsewhere", A));
      ServerFrame tail = talk.tail(1);

      assertThat(unknown.getFailure().getKind()).isEqualTo(Kind.OUTCOME_UNKNOWN);
      assertThat(later.getFailure().getKind()).isEqualTo(Kind.NOT_TAKEN);
      assertThat(elsewhere.getFailure().getKind()).isEqualTo(Kind.OUTCOME_UNKNOWN);
      assertThat(tail.getNext()).isEqualTo(1); // what was acknowledged can still be read
    }
  }

  @Test
  void logThatIsClosed_endsConversations() {
    try (Served served = new Served(memory.log(), builder -> builder);
        Talk talk = served.talk()) {
      talk.open(A);

      served.log.close();
      talk.say(ClientFrame.newBuilder().setTailQuery(1));

      assertThat(talk.end().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    }
  }
}
