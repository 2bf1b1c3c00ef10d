package dev.milonga.log.server;

import static dev.milonga.log.server.LogEngineTest.at;
import static dev.milonga.log.server.LogEngineTest.write;
import static org.assertj.core.api.Assertions.assertThat;

import dev.milonga.log.AppendRequest;
import dev.milonga.log.LogEntry;
import dev.milonga.log.Principal;
import dev.milonga.log.RequestMismatchException;
import dev.milonga.log.SessionExpiredException;
import dev.milonga.log.SessionId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

/** Whose a session is, as the engine decides it. */
class SessionOwnersTest {

  private static final Principal ANN = new Principal("ann");
  private static final Principal BOB = new Principal("bob");
  private static final long TIMEOUT = 1_000_000;
  private static final EngineParameters SMALL = new EngineParameters(4, TIMEOUT);

  @Test
  @DisplayName("S8 a session number is bound to the identity that opened it")
  void S8_sessionNumber_isBoundToTheIdentityThatOpenedIt() {
    for (Principal owner : Arrays.asList(ANN, null)) {
      EngineUnderTest log = new EngineUnderTest();
      SessionId session = log.session(owner);
      assertThat(log.append(write("first", session, 0, 0), owner)).isEqualTo(at(0));

      for (int restarts = 0; restarts < 2; restarts++) {
        for (Principal other : Arrays.asList(BOB, owner == null ? ANN : null)) {
          Outcome unknown = log.append(write("x", new SessionId(4_711), 0, 0), other);

          assertRefusedAsUnknown(log.append(write("first", session, 0, 0), other), unknown);
          assertRefusedAsUnknown(log.append(write("other", session, 0, 0), other), unknown);
          assertRefusedAsUnknown(log.append(write("new", session, 7, 7), other), unknown);
        }
        assertThat(log.append(write("first", session, 0, 0), owner)).isEqualTo(at(0));
        assertThat(log.append(write("own " + restarts, session, 1 + restarts, 0), owner))
            .isEqualTo(at(1 + restarts));
        log.restart();
      }

      assertThat(log.engine().state().tail()).isEqualTo(3);
      assertThat(principals(log)).containsOnly(Optional.ofNullable(owner).map(Principal::name));
    }
  }

  private static void assertRefusedAsUnknown(Outcome outcome, Outcome unknown) {
    Throwable refused = ((Outcome.Refused) outcome).cause();
    assertThat(refused).isInstanceOf(SessionExpiredException.class);
    assertThat(refused.getMessage().replaceAll("[0-9]+", "n"))
        .isEqualTo(((Outcome.Refused) unknown).cause().getMessage().replaceAll("[0-9]+", "n"));
  }

  @Test
  void triesOfOthers_doNotKeepASessionAlive() {
    EngineUnderTest log = new EngineUnderTest(SMALL);
    SessionId session = log.session(ANN);

    log.passes(TIMEOUT - 1);
    log.append(write("x", session, 0, 0), BOB);
    log.passes(2);

    assertExpired(log.append(write("x", session, 0, 0), ANN));
  }

  /** Sessions stand in order of last use: one that a try of another moved would expire late. */
  @Test
  void triesOfOthers_doNotChangeTheOrderInWhichSessionsExpire() {
    EngineUnderTest log = new EngineUnderTest(SMALL);
    SessionId older = log.session(ANN);
    log.passes(10);
    log.session(ANN);
    log.append(write("x", older, 0, 0), BOB);

    log.passes(TIMEOUT - 5);

    assertExpired(log.append(write("x", older, 0, 0), ANN));
    assertThat(log.store().sessions()).hasSize(1);
  }

  @Test
  void triesOfOthers_tellNothingOfWhatIsLearnt() {
    EngineUnderTest log = new EngineUnderTest(SMALL);
    SessionId session = log.session(ANN);
    log.append(write("x", session, 3, 0), ANN);

    log.append(write("x", session, 9, 9), BOB);
    log.restart();

    assertThat(log.append(write("x", session, 3, 0), ANN)).isEqualTo(at(0));
    assertThat(((Outcome.Refused) log.append(write("y", session, 3, 0), ANN)).cause())
        .isInstanceOf(RequestMismatchException.class);
  }

  @Test
  void tryOfAnother_costsNoRow() {
    EngineUnderTest log = new EngineUnderTest(SMALL);
    SessionId session = log.session(ANN);

    WriteSet writes = log.engine().apply(1_000_000, List.of(appending(session, BOB))).writes();

    assertThat(writes.sessions()).isEmpty();
    assertThat(writes.promises()).isFalse();
  }

  private static LogCommand appending(SessionId session, Principal by) {
    return new LogCommand.Append(write("x", session, 0, 0), by);
  }

  @Test
  void owner_staysWhenTheRowIsWrittenAgain() {
    EngineUnderTest log = new EngineUnderTest(SMALL);
    SessionId session = log.session(ANN);
    for (int i = 0; i < 20; i++) { // over several generations, each of which writes the row
      log.append(write("x" + i, session, i, i), ANN);
    }
    log.trim(20);

    log.restart();

    assertThat(log.store().sessions()).singleElement().extracting("owner").isEqualTo(ANN);
    assertExpired(log.append(write("y", session, 20, 20), BOB));
    assertThat(log.append(write("y", session, 20, 20), ANN)).isEqualTo(at(20));
  }

  @Test
  void sessionThatHasExpired_leavesNoOwnerBehind() {
    EngineUnderTest log = new EngineUnderTest(SMALL);
    SessionId session = log.session(ANN);
    log.passes(TIMEOUT + 1);
    log.append(write("x"));

    assertExpired(log.append(write("x", session, 0, 0), null));
    assertExpired(log.append(write("x", session, 0, 0), ANN));
    assertThat(log.store().sessions()).isEmpty();
  }

  @Test
  void appendWithoutIdentity_carriesThePrincipalToo() {
    EngineUnderTest log = new EngineUnderTest();
    AppendRequest request = write("x");

    log.apply(
        List.of(
            new LogCommand.Append(request, ANN),
            new LogCommand.Append(request),
            new LogCommand.Append(request, BOB)));

    assertThat(principals(log))
        .containsExactly(Optional.of("ann"), Optional.empty(), Optional.of("bob"));
  }

  private static void assertExpired(Outcome outcome) {
    assertThat(((Outcome.Refused) outcome).cause()).isInstanceOf(SessionExpiredException.class);
  }

  private static List<Optional<String>> principals(EngineUnderTest log) {
    List<Optional<String>> principals = new ArrayList<>();
    try (LogStore.Entries entries = log.store().entries(0, log.engine().state().tail())) {
      for (LogEntry entry = entries.next(); entry != null; entry = entries.next()) {
        principals.add(entry.principal());
      }
    }
    return principals;
  }
}
