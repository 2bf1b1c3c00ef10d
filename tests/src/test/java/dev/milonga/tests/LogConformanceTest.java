package dev.milonga.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.milonga.Milonga;
import dev.milonga.log.AppendRequest;
import dev.milonga.log.LogEntry;
import dev.milonga.log.LogPosition;
import dev.milonga.log.LogUnavailableException;
import dev.milonga.log.Payload;
import dev.milonga.log.ReadLimit;
import dev.milonga.log.RequestId;
import dev.milonga.log.RequestMismatchException;
import dev.milonga.log.SessionId;
import dev.milonga.log.SharedLog;
import dev.milonga.log.StoreException.Durable;
import dev.milonga.log.StreamId;
import dev.milonga.log.StreamKeys;
import dev.milonga.log.TrimmedException;
import dev.milonga.log.server.EmbeddedLog;
import dev.milonga.runtime.Change;
import dev.milonga.runtime.Consistency;
import dev.milonga.runtime.record.Call;
import dev.milonga.runtime.record.Record;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The scenarios L1, L2 and L8 to L11, as they look from an object. */
class LogConformanceTest {

  @EveryLog
  @DisplayName("L1: the acknowledgement of a mutator's append is lost")
  void l1_lostAcknowledgement_oneEntryAndTheCallerIsToldThatItIsUnknown(LogKind kind) {
    try (Logs logs = Logs.open(kind)) {
      Milonga store = logs.client();
      Ledger ledger = store.object(Ledger.class, "ledger");
      ledger.add(1);
      LogPosition before = logs.tail();

      logs.faults().loseNextAck();
      assertThatThrownBy(() -> ledger.add(1))
          .isInstanceOfSatisfying(
              LogUnavailableException.class,
              e -> assertThat(e.durable()).isEqualTo(Durable.UNKNOWN));
      logs.faults().loseNextAck();
      assertThatThrownBy(
              () ->
                  store.async(() -> ledger.add(1)).toCompletableFuture().get(60, TimeUnit.SECONDS))
          .isInstanceOf(ExecutionException.class)
          .hasCauseInstanceOf(LogUnavailableException.class);

      assertThat(logs.tail()).isEqualTo(new LogPosition(before.value() + 2));
      assertThat(ledger.add(1)).isEqualTo(4);
      assertThat(logs.client().object(Ledger.class, "ledger").calls()).isEqualTo(4);
    }
  }

  @EveryLog
  @DisplayName("L1: the same request again, also after the log was opened again")
  void l1_sameRequestAgain_isTheSameEntry(LogKind kind) {
    try (Logs logs = Logs.open(kind)) {
      logs.client().object(Ledger.class, "ledger").add(1);
      List<LogEntry> before = entries(logs.log());
      LogEntry written = before.get(before.size() - 1);
      AppendRequest again = sameRequest(written, written.payload());

      assertThat(logs.log().append(again).join()).isEqualTo(written.position());
      logs.reopen();
      assertThat(logs.log().append(again).join()).isEqualTo(written.position());

      assertThat(entries(logs.log())).hasSameSizeAs(before);
      assertThat(logs.client().object(Ledger.class, "ledger").total()).isEqualTo(1);
    }
  }

  @EveryLog
  @DisplayName("L2: the same request number with another payload")
  void l2_sameNumberOfAnotherCall_isRefused(LogKind kind) {
    try (Logs logs = Logs.open(kind)) {
      Ledger ledger = logs.client().object(Ledger.class, "ledger");
      ledger.add(1);
      List<LogEntry> before = entries(logs.log());
      LogEntry written = before.get(before.size() - 1);

      assertThatThrownBy(
              () -> logs.log().append(sameRequest(written, before.get(0).payload())).join())
          .hasCauseInstanceOf(RequestMismatchException.class)
          .hasMessageContaining("request");

      assertThat(entries(logs.log())).hasSameSizeAs(before);
      assertThat(ledger.total()).isEqualTo(1);
    }
  }

  private static AppendRequest sameRequest(LogEntry entry, Payload payload) {
    RequestId id = entry.requestId().orElseThrow();
    AppendRequest.Builder request =
        AppendRequest.builder(payload)
            .requestId(new RequestId(id.session(), id.sequence(), id.learntBelow()));
    entry.writes().forEach(request::write);
    return request.build();
  }

  private static List<LogEntry> entries(SharedLog log) {
    return log.readAll(LogPosition.FIRST, ReadLimit.DEFAULT).join().entries();
  }

  @Test
  @DisplayName("L8: a second process opens the same directory")
  void l8_secondProcess_isRefusedAndTheOwnerIsNamed(@TempDir Path directory) throws Exception {
    try (Milonga store = Milonga.open(directory)) {
      store.counter("c").add(1);
      String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
      Process second =
          new ProcessBuilder(
                  java,
                  "-cp",
                  System.getProperty("java.class.path"),
                  SecondProcess.class.getName(),
                  directory.toString())
              .redirectErrorStream(true)
              .start();
      String said = new String(second.getInputStream().readAllBytes());

      assertThat(second.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(second.exitValue()).as(said).isEqualTo(SecondProcess.REFUSED);
      assertThat(said)
          .contains(directory.toString())
          .contains(String.valueOf(ProcessHandle.current().pid()));
      assertThatThrownBy(() -> EmbeddedLog.open(directory))
          .hasMessageContaining(String.valueOf(ProcessHandle.current().pid()));
      store.counter("c").add(1);
      assertThat(store.counter("c").get()).isEqualTo(2);
    }
  }

  /** Tries to open a directory that another process has open. */
  static final class SecondProcess {
    static final int REFUSED = 42;

    public static void main(String[] arguments) {
      try (Milonga store = Milonga.open(Path.of(arguments[0]))) {
        System.out.println("opened " + store);
      } catch (RuntimeException e) {
        System.out.println(e.getMessage());
        System.exit(REFUSED);
      }
    }
  }

  @EveryLog
  @DisplayName("L9: a client stops between any two steps of a write")
  void l9_clientThatStopsInTheMiddleOfAWrite_keepsNobodyWaiting(LogKind kind) {
    try (Logs logs = Logs.open(kind)) {
      Milonga dying = logs.client();
      Ledger theirs = dying.object(Ledger.class, "ledger");
      Milonga healthy = Milonga.over(logs.log());
      Ledger mine = healthy.object(Ledger.class, "ledger");
      theirs.add(1);

      // It has a session, but never appends.
      SessionId idle = logs.log().openSession().join();
      assertThat(mine.total()).isEqualTo(1);
      // It has appended, and never learns of it.
      logs.faults().holdAppends();
      CompletableFuture<Long> unheard = dying.async(() -> theirs.add(1)).toCompletableFuture();
      await().untilAsserted(() -> assertThat(mine.total()).isEqualTo(2));
      // It has learnt of it, and never applies it.
      logs.faults().heal();
      logs.faults().holdReads();
      CompletableFuture<Long> unapplied = dying.async(() -> theirs.add(1)).toCompletableFuture();
      await().untilAsserted(() -> assertThat(mine.total()).isEqualTo(3));
      dying.close();

      assertThat(mine.add(1)).isEqualTo(4);
      assertThat(idle).isNotNull();
      assertThat(unapplied).failsWithin(Duration.ofSeconds(60));
      await().until(unheard::isDone);
      healthy.close();
    }
  }

  @EveryLog
  @DisplayName("L10: an object whose entries were trimmed, and reads at and beyond the tail")
  void l10_readsBelowTheMarkAtItAndBeyondTheTail_areNeverGuesses(LogKind kind) {
    try (Logs logs = Logs.open(kind)) {
      Milonga here = logs.client();
      Ledger ledger = here.object(Ledger.class, "ledger");
      for (int i = 0; i < 5; i++) {
        ledger.add(1);
      }
      LogPosition last = here.position().orElseThrow();
      logs.log().trim(last).join();

      // Up to date here, so nothing below the mark is needed.
      assertThat(ledger.total()).isEqualTo(5);
      assertThat(ledger.add(1)).isEqualTo(6);
      assertThat(here.history(ledger).map(Change::call)).containsExactly("add(n: 1)", "add(n: 1)");
      assertThatThrownBy(() -> logs.client().object(Ledger.class, "ledger").total())
          .isInstanceOfSatisfying(
              TrimmedException.class, e -> assertThat(e.trimMark()).isEqualTo(last));
      assertThatThrownBy(
              () -> here.<Long>read(Consistency.atLeast(logs.tail()), () -> ledger.total()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("the log ends before " + logs.tail());
    }
  }

  @EveryLog
  @DisplayName("L11: one entry in five streams, a client with all five open")
  void l11_entryInFiveStreams_isAppliedOnceToEach(LogKind kind) {
    try (Logs logs = Logs.open(kind)) {
      Milonga store = logs.client();
      List<Ledger> ledgers = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        ledgers.add(store.object(Ledger.class, "ledger-" + i));
      }
      ledgers.get(0).add(1);
      List<LogEntry> entries = entries(logs.log());
      Call one = call(entries.get(entries.size() - 1));
      Record.Builder record = Record.newBuilder();
      List<StreamId> streams = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        StreamId stream = StreamId.named("ledger-" + i);
        streams.add(stream);
        record.addCalls(one.toBuilder().setStream(bytes(stream)));
      }
      AppendRequest.Builder request =
          AppendRequest.builder(Payload.wrap(record.build().toByteArray()));
      streams.forEach(stream -> request.write(StreamKeys.whole(stream)));

      LogPosition position = logs.log().append(request.build()).join();

      for (int i = 0; i < 5; i++) {
        assertThat(ledgers.get(i).total()).isEqualTo(i == 0 ? 2 : 1);
        assertThat(store.history(ledgers.get(i)).map(Change::position)).endsWith(position);
      }
      assertThat(ledgers.stream().map(Ledger::last)).doesNotHaveDuplicates();
      logs.reopen();
      Milonga fresh = logs.client();
      assertThat(fresh.object(Ledger.class, "ledger-3").total()).isEqualTo(1);
    }
  }

  private static Call call(LogEntry entry) {
    try {
      return Record.parseFrom(entry.payload().toByteArray()).getCalls(0);
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }

  private static ByteString bytes(StreamId stream) {
    return ByteString.copyFrom(
        ByteBuffer.allocate(16).putLong(stream.high()).putLong(stream.low()).flip());
  }
}
