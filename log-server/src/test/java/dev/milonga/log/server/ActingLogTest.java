package dev.milonga.log.server;

import static dev.milonga.log.server.LogEngineTest.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.milonga.log.AppendRequest;
import dev.milonga.log.LogEntry;
import dev.milonga.log.LogPosition;
import dev.milonga.log.ReadLimit;
import dev.milonga.log.RecordingListener;
import dev.milonga.log.SessionExpiredException;
import dev.milonga.log.SessionId;
import dev.milonga.log.SharedLog;
import dev.milonga.log.StoreClosedException;
import dev.milonga.log.StreamId;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ActingLogTest {

  private static final StreamId A = StreamId.named("a");

  @TempDir Path directory;
  private EmbeddedLog log;

  @BeforeEach
  void open() {
    log = EmbeddedLog.open(directory.resolve("data"));
  }

  @AfterEach
  void close() {
    log.close();
  }

  @Test
  void entries_carryWhoAppendedThem_alsoAfterReopening() {
    log.actingFor("ann").append(write("x")).join();
    log.append(write("x")).join();
    log.actingFor("CN=b\u00f6b").appendBlocking(write("x")).join();
    List<Optional<String>> expected =
        List.of(Optional.of("ann"), Optional.empty(), Optional.of("CN=b\u00f6b"));

    assertThat(principals()).isEqualTo(expected);
    close();
    open();
    assertThat(principals()).isEqualTo(expected);
  }

  private List<Optional<String>> principals() {
    return log.readAll(LogPosition.FIRST, ReadLimit.DEFAULT).join().entries().stream()
        .map(LogEntry::principal)
        .toList();
  }

  @Test
  @DisplayName("S8 a session number is bound to the identity that opened it, also over a restart")
  void S8_sessionNumber_isBoundToTheIdentityThatOpenedIt() {
    SessionId anns = log.actingFor("ann").openSession().join();
    SessionId nobodys = log.openSession().join();
    AppendRequest ofAnn = write("x", anns, 0, 0);
    AppendRequest ofNobody = write("y", nobodys, 0, 0);
    LogPosition first = log.actingFor("ann").append(ofAnn).join();
    LogPosition second = log.append(ofNobody).join();

    for (int restarts = 0; restarts < 2; restarts++) {
      assertThat(log.actingFor("ann").append(ofAnn).join()).isEqualTo(first);
      assertThat(log.actingFor("ann").appendBlocking(ofAnn).join()).isEqualTo(first);
      assertThat(log.append(ofNobody).join()).isEqualTo(second);
      for (SharedLog other : List.of(log, log.actingFor("bob"), log.actingFor("Ann"))) {
        assertExpired(other, ofAnn);
      }
      assertExpired(log.actingFor("ann"), ofNobody);
      close();
      open();
    }

    assertThat(log.tail().join()).isEqualTo(new LogPosition(2));
  }

  private static void assertExpired(SharedLog log, AppendRequest request) {
    assertThatThrownBy(() -> log.append(request).join())
        .hasCauseInstanceOf(SessionExpiredException.class);
    assertThatThrownBy(() -> log.appendBlocking(request).join())
        .hasCauseInstanceOf(SessionExpiredException.class);
  }

  @Test
  void closing_endsItsOwnSubscriptions_andNothingElse() {
    SharedLog ann = log.actingFor("ann");
    SharedLog otherOfAnn = log.actingFor("ann");
    RecordingListener anns = new RecordingListener();
    RecordingListener annsToAll = new RecordingListener();
    RecordingListener others = new RecordingListener();
    RecordingListener logs = new RecordingListener();
    ann.subscribe(Set.of(A), LogPosition.FIRST, anns);
    ann.subscribeAll(LogPosition.FIRST, annsToAll);
    otherOfAnn.subscribeAll(LogPosition.FIRST, others);
    log.subscribeAll(LogPosition.FIRST, logs);

    ann.close();

    assertThat(anns.awaitEnd()).isInstanceOf(StoreClosedException.class);
    assertThat(annsToAll.awaitEnd()).isInstanceOf(StoreClosedException.class);
    assertThatThrownBy(() -> ann.append(write("x")).join())
        .hasCauseInstanceOf(StoreClosedException.class)
        .hasMessageContaining("as ann uses it is closed");
    otherOfAnn.append(write("y")).join();
    log.append(write("z")).join();
    others.awaitEntries(2);
    logs.awaitEntries(2);
    assertThat(anns.entries()).isEmpty();
    assertThat(others.hasEnded()).isFalse();
    assertThat(logs.hasEnded()).isFalse();
  }

  @Test
  void closingTheLog_endsWhatActsOnIt() {
    SharedLog ann = log.actingFor("ann");
    RecordingListener listener = new RecordingListener();
    ann.subscribeAll(LogPosition.FIRST, listener);

    log.close();

    assertThat(listener.awaitEnd()).isInstanceOf(StoreClosedException.class);
    assertThatThrownBy(() -> ann.tail().join()).hasCauseInstanceOf(StoreClosedException.class);
  }

  @Test
  void namesThatNoPrincipalHas_areRefusedAtOnce() {
    for (String name : List.of("", "a\nb", "x".repeat(257))) {
      assertThatThrownBy(() -> log.actingFor(name))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("principal");
    }
  }
}
