package dev.milonga.log.server;

import static dev.milonga.log.server.LogEngineTest.payload;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.milonga.log.AppendRequest;
import dev.milonga.log.EntryListener;
import dev.milonga.log.EntryTooLargeException;
import dev.milonga.log.LocalTails;
import dev.milonga.log.LogEntry;
import dev.milonga.log.LogOverloadedException;
import dev.milonga.log.LogPosition;
import dev.milonga.log.LogUnavailableException;
import dev.milonga.log.Payload;
import dev.milonga.log.ReadBatch;
import dev.milonga.log.ReadLimit;
import dev.milonga.log.RequestId;
import dev.milonga.log.RequestMismatchException;
import dev.milonga.log.SessionId;
import dev.milonga.log.SharedLog;
import dev.milonga.log.StoreClosedException;
import dev.milonga.log.StreamId;
import dev.milonga.log.StreamKeys;
import dev.milonga.log.Subscription;
import dev.milonga.log.TrimmedException;
import dev.milonga.log.server.Storage.Family;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class EmbeddedLogTest {

  private static final StreamId A = StreamId.named("a");
  private static final StreamId B = StreamId.named("b");

  @TempDir Path directory;

  @Test
  void whatWasAppended_isThereAfterReopening() {
    try (SharedLog log = EmbeddedLog.open(directory)) {
      append(log, A, "1");
      append(log, B, "2");
      append(log, A, "3");
    }

    try (SharedLog log = EmbeddedLog.open(directory)) {
      assertThat(texts(log.readAll(LogPosition.FIRST, ReadLimit.DEFAULT).join()))
          .containsExactly("1", "2", "3");
      assertThat(texts(log.read(A, LogPosition.FIRST, ReadLimit.DEFAULT).join()))
          .containsExactly("1", "3");
      assertThat(log.tail(List.of(A, B)).join())
          .isEqualTo(Map.of(A, new LogPosition(3), B, new LogPosition(2)));
      assertThat(append(log, A, "4")).isEqualTo(new LogPosition(3));
    }
  }

  @Test
  void readsFromMemoryAndFromTheStore_areTheSame() {
    List<String> all = new ArrayList<>();
    List<String> ofA = new ArrayList<>();
    try (SharedLog log = EmbeddedLog.builder(directory).cacheBytesMax(20_000).open()) {
      for (int i = 0; i < 1_000; i++) {
        StreamId stream = i % 7 == 0 ? A : B;
        log.append(AppendRequest.of(stream, payload("" + i)));
        all.add("" + i);
        if (i % 7 == 0) {
          ofA.add("" + i);
        }
      }
      append(log, B, "end");
      all.add("end");

      for (int limit : new int[] {1, 10, 10_000}) {
        assertThat(readAll(log, limit)).isEqualTo(all);
        assertThat(read(log, A, limit)).isEqualTo(ofA);
      }
    }
  }

  @Test
  void readLimitInBytes_givesAtLeastOneEntryAndNotMore() {
    try (SharedLog log = EmbeddedLog.open(directory)) {
      log.append(AppendRequest.of(A, Payload.wrap(new byte[100])));
      log.append(AppendRequest.of(A, Payload.wrap(new byte[100])));
      append(log, A, "x");

      ReadBatch tiny = log.read(A, LogPosition.FIRST, new ReadLimit(10, 1)).join();
      ReadBatch two = log.read(A, LogPosition.FIRST, new ReadLimit(10, 200)).join();

      assertThat(tiny.entries()).hasSize(1);
      assertThat(tiny.next()).isEqualTo(new LogPosition(1));
      assertThat(two.entries()).hasSize(2);
      assertThat(two.next()).isEqualTo(new LogPosition(2));
    }
  }

  @Test
  void L1_retryAfterRestart_findsTheFirstEntry() {
    AppendRequest request;
    LogPosition first;
    try (SharedLog log = EmbeddedLog.open(directory)) {
      SessionId session = log.openSession().join();
      request =
          AppendRequest.builder(payload("x"))
              .write(StreamKeys.whole(A))
              .requestId(new RequestId(session, 0, 0))
              .build();
      first = log.append(request).join();
      assertThat(log.append(request).join()).isEqualTo(first);
    }

    try (SharedLog log = EmbeddedLog.open(directory)) {
      assertThat(log.append(request).join()).isEqualTo(first);
      assertThat(log.tail().join()).isEqualTo(first.next());
    }
  }

  @Test
  void L2_sameNumberWithAnotherPayload_isRefused() {
    try (SharedLog log = EmbeddedLog.open(directory)) {
      RequestId id = new RequestId(log.openSession().join(), 0, 0);
      log.append(
              AppendRequest.builder(payload("x")).write(StreamKeys.whole(A)).requestId(id).build())
          .join();

      CompletableFuture<LogPosition> other =
          log.append(
              AppendRequest.builder(payload("y")).write(StreamKeys.whole(A)).requestId(id).build());

      assertThat(failure(other)).isInstanceOf(RequestMismatchException.class);
    }
  }

  @Test
  void L8_secondOpenInThisProcess_isRefusedAndHarmsNothing() {
    try (SharedLog log = EmbeddedLog.open(directory)) {
      for (int i = 0; i < 2; i++) {
        assertThatThrownBy(() -> EmbeddedLog.open(directory))
            .isInstanceOf(StoreInUseException.class)
            .hasMessageContaining("process " + ProcessHandle.current().pid());
      }

      assertThat(append(log, A, "x")).isEqualTo(LogPosition.FIRST);
    }
    EmbeddedLog.open(directory).close();
  }

  @Test
  void L8_secondProcess_isRefusedWithTheOwnerNamed() throws Exception {
    try (SharedLog log = EmbeddedLog.open(directory)) {
      append(log, A, "x");

      Process other =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "-cp",
                  System.getProperty("java.class.path"),
                  OpenAndClose.class.getName(),
                  directory.toString())
              .redirectErrorStream(true)
              .start();
      String output = new String(other.getInputStream().readAllBytes());

      assertThat(other.waitFor()).isEqualTo(3);
      assertThat(output)
          .contains("is in use by process " + ProcessHandle.current().pid() + " on ")
          .contains("since");
    }
  }

  /** Opens a log in another process. */
  static final class OpenAndClose {
    public static void main(String[] arguments) {
      try {
        EmbeddedLog.open(Path.of(arguments[0])).close();
      } catch (StoreInUseException e) {
        System.out.println(e.getMessage());
        System.exit(3);
      }
    }
  }

  @Test
  void directoryWithOtherFiles_isRefusedAndLeftAsItWas() throws IOException {
    Files.writeString(directory.resolve("thesis.txt"), "precious");

    assertThatThrownBy(() -> EmbeddedLog.open(directory))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("thesis.txt");
    assertThat(directory.resolve("thesis.txt")).hasContent("precious");
    assertThat(directory.toFile().list()).containsExactly("thesis.txt");
  }

  @Test
  void logThatMustExist_isNotMade() throws IOException {
    Path missing = directory.resolve("missing");

    for (Path without : List.of(directory, missing)) {
      assertThatThrownBy(() -> EmbeddedLog.builder(without).mustExist().open())
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining(without.toString());
    }

    assertThat(directory).isEmptyDirectory();
    EmbeddedLog.open(missing).close();
    EmbeddedLog.builder(missing).mustExist().open().close();
  }

  @Test
  void failedSync_isUnknown_andNothingMoreIsAcknowledgedUntilReopened() {
    MemoryStorage storage = new MemoryStorage();
    MemorySlots slots = new MemorySlots();
    create(storage, slots);
    SharedLog log = open(storage, slots);
    append(log, A, "acknowledged");

    storage.failWrites(true);
    CompletableFuture<LogPosition> unknown = log.append(AppendRequest.of(A, payload("unknown")));

    assertThat(failure(unknown)).isInstanceOf(LogUnavailableException.class);
    assertThat(log.tail().join()).isEqualTo(new LogPosition(1));
    assertThat(log.localTails().orElseThrow().of(A).value()).isEqualTo(1);
    storage.healWrites();
    assertThat(failure(log.append(AppendRequest.of(A, payload("later")))))
        .isInstanceOf(LogUnavailableException.class);
    assertThat(texts(log.readAll(LogPosition.FIRST, ReadLimit.DEFAULT).join()))
        .containsExactly("acknowledged");

    log.close();
    try (SharedLog reopened = open(storage, slots)) {
      assertThat(texts(reopened.readAll(LogPosition.FIRST, ReadLimit.DEFAULT).join()))
          .containsExactly("acknowledged", "unknown");
      assertThat(append(reopened, A, "after")).isEqualTo(new LogPosition(2));
    }
  }

  @Test
  void acknowledgedAppend_wasSynced() {
    MemoryStorage storage = new MemoryStorage();
    MemorySlots slots = new MemorySlots();
    create(storage, slots);
    try (SharedLog log = open(storage, slots)) {
      int before = storage.syncs();

      append(log, A, "acknowledged");

      assertThat(storage.syncs()).isEqualTo(before + 1);
    }
  }

  @Test
  void writeThatFailedWithoutEffect_isNotMissedWhenReopened() {
    MemoryStorage storage = new MemoryStorage();
    MemorySlots slots = new MemorySlots();
    create(storage, slots);
    SharedLog log = open(storage, slots);
    append(log, A, "acknowledged");
    storage.failWrites(false);
    assertThat(failure(log.append(AppendRequest.of(A, payload("unknown")))))
        .isInstanceOf(LogUnavailableException.class);
    storage.healWrites();
    log.close();

    try (SharedLog reopened = open(storage, slots)) {
      assertThat(texts(reopened.readAll(LogPosition.FIRST, ReadLimit.DEFAULT).join()))
          .containsExactly("acknowledged");
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whatCannotBeGivenBackAtOnce_isGivenBackSoon_thoughNothingMoreIsTrimmed(boolean fails) {
    MemoryStorage storage = new MemoryStorage();
    MemorySlots slots = new MemorySlots();
    create(storage, slots);
    try (SharedLog log = open(storage, slots)) {
      for (int i = 0; i < 30; i++) {
        append(log, A, "x");
      }
      storage.dropLater(3, fails);

      log.trim(new LogPosition(30)).join();

      while (storage.count(Family.ENTRIES, LogStore.FIRST_KEY, LogStore.LAST_KEY) == 30) {
        assertThat(Thread.interrupted()).as("out of time").isFalse();
        Thread.onSpinWait();
      }
      assertThat(log.trimMark().join()).isEqualTo(new LogPosition(30));
    }
  }

  @Test
  void entryOverTheLimit_isRefused() {
    try (SharedLog log = EmbeddedLog.builder(directory).entryBytesMax(1_000).open()) {
      assertThat(failure(log.append(AppendRequest.of(A, Payload.wrap(new byte[985])))))
          .isInstanceOf(EntryTooLargeException.class);
      assertThat(log.append(AppendRequest.of(A, Payload.wrap(new byte[984]))).join())
          .isEqualTo(LogPosition.FIRST);
    }
  }

  @Test
  void tooMuchWaiting_isRefusedAtOnce_andTheRestIsWritten() {
    MemoryStorage storage = new MemoryStorage();
    MemorySlots slots = new MemorySlots();
    create(storage, slots);
    CountDownLatch gate = storage.holdWrites();
    try (SharedLog log =
        open(EmbeddedLog.builder(directory).waitingBytesMax(10_000), storage, slots)) {
      List<CompletableFuture<LogPosition>> made = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        made.add(log.append(AppendRequest.of(A, Payload.wrap(new byte[3_000]))));
      }
      gate.countDown();

      List<Throwable> refused =
          made.stream().map(EmbeddedLogTest::failure).filter(Objects::nonNull).toList();
      assertThat(refused).hasSizeBetween(10, 17).allMatch(LogOverloadedException.class::isInstance);
      assertThat(log.tail().join()).isEqualTo(new LogPosition(20 - refused.size()));
    }
  }

  @Test
  void appendsUnderWay_areCompletedByClose() {
    SharedLog log = EmbeddedLog.open(directory);
    List<CompletableFuture<LogPosition>> appends = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      appends.add(log.append(AppendRequest.of(A, payload("x"))));
    }

    log.close();

    for (int i = 0; i < 1_000; i++) {
      assertThat(appends.get(i)).isCompletedWithValue(new LogPosition(i));
    }
  }

  @Test
  void everyCallAfterClose_saysSo() {
    SharedLog log = EmbeddedLog.open(directory);
    log.close();
    log.close();

    assertThat(failure(log.append(AppendRequest.of(A, payload("x")))))
        .isInstanceOf(StoreClosedException.class);
    assertThat(failure(log.tail())).isInstanceOf(StoreClosedException.class);
    assertThat(failure(log.read(A, LogPosition.FIRST, ReadLimit.DEFAULT)))
        .isInstanceOf(StoreClosedException.class);
    assertThat(failure(log.trim(new LogPosition(5)))).isInstanceOf(StoreClosedException.class);
    assertThatThrownBy(() -> log.subscribeAll(LogPosition.FIRST, new Recorder()))
        .isInstanceOf(StoreClosedException.class);
  }

  @Test
  void closeByAnInterruptedThread_closesInOrderAndKeepsTheInterrupt() {
    SharedLog log = EmbeddedLog.builder(directory).durability(Durability.ASYNC).open();
    append(log, A, "x");

    Thread.currentThread().interrupt();
    log.close();

    assertThat(Thread.interrupted()).isTrue();
    try (SharedLog reopened = EmbeddedLog.open(directory)) {
      assertThat(texts(reopened.readAll(LogPosition.FIRST, ReadLimit.DEFAULT).join()))
          .containsExactly("x");
    }
  }

  @Test
  void closeFromAnActionOfTheLog_doesNotWaitForItself() throws Exception {
    SharedLog log = EmbeddedLog.open(directory);

    log.append(AppendRequest.of(A, payload("x"))).thenRun(log::close).get(30, TimeUnit.SECONDS);
    log.close();

    EmbeddedLog.open(directory).close();
  }

  @Test
  void trimmedEntries_areGoneAndSayWhereToReadOn_alsoAfterReopening() {
    try (SharedLog log = EmbeddedLog.open(directory)) {
      for (int i = 0; i < 100; i++) {
        log.append(AppendRequest.of(i < 50 ? A : B, payload("" + i)));
      }
      assertThat(log.trim(new LogPosition(0)).join()).isEqualTo(LogPosition.FIRST);
      append(log, B, "100");

      assertThat(log.trim(new LogPosition(60)).join()).isEqualTo(new LogPosition(60));

      assertTrimmedAt60(log);
    }
    try (SharedLog log = EmbeddedLog.open(directory)) {
      assertTrimmedAt60(log);
    }
  }

  private static void assertTrimmedAt60(SharedLog log) {
    assertThat(log.trimMark().join()).isEqualTo(new LogPosition(60));
    assertThat(failure(log.readAll(new LogPosition(59), ReadLimit.DEFAULT)))
        .isInstanceOfSatisfying(
            TrimmedException.class,
            trimmed -> assertThat(trimmed.trimMark()).isEqualTo(new LogPosition(60)));
    assertThat(failure(log.read(B, new LogPosition(59), ReadLimit.DEFAULT)))
        .isInstanceOf(TrimmedException.class);
    assertThat(texts(log.read(B, new LogPosition(60), ReadLimit.DEFAULT).join()))
        .hasSize(41)
        .startsWith("60");
    assertThat(log.tail(List.of(A, B)).join())
        .isEqualTo(Map.of(A, LogPosition.FIRST, B, new LogPosition(101)));
    assertThat(failure(log.trim(new LogPosition(102))))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void localTails_coverEveryEntryBelowTheTail() {
    try (SharedLog log = EmbeddedLog.open(directory)) {
      LocalTails tails = log.localTails().orElseThrow();
      LocalTails.StreamTail tailOfA = tails.of(A);
      assertThat(tailOfA.value()).isZero();

      append(log, A, "x");
      append(log, B, "y");

      assertThat(tails.tail()).isEqualTo(2);
      assertThat(tailOfA.value()).isEqualTo(1);
      assertThat(tails.of(A)).isSameAs(tailOfA);
    }
  }

  @Test
  void subscriber_getsWhatIsThereAndWhatComes() throws Exception {
    try (SharedLog log = EmbeddedLog.open(directory)) {
      append(log, A, "1");
      Recorder recorder = new Recorder();
      Subscription subscription = log.subscribe(Set.of(A, B), LogPosition.FIRST, recorder);
      append(log, B, "2");
      append(log, StreamId.named("c"), "3");
      log.append(
              AppendRequest.builder(payload("4"))
                  .write(StreamKeys.whole(A))
                  .write(StreamKeys.keys(B, 1))
                  .build())
          .join();

      assertThat(recorder.next(3)).containsExactly("1", "2", "4");
      subscription.close();
      append(log, A, "5");
      assertThat(recorder.received).isEmpty();
    }
  }

  @Test
  void idleSubscriber_survivesATrimOfWhatItDoesNotWant() throws Exception {
    try (SharedLog log = EmbeddedLog.open(directory)) {
      append(log, A, "1");
      Recorder recorder = new Recorder();
      log.subscribe(Set.of(A), LogPosition.FIRST, recorder);
      recorder.next(1);
      for (int i = 0; i < 100; i++) {
        log.append(AppendRequest.of(B, payload("x")));
      }
      append(log, B, "x");
      log.trim(new LogPosition(100)).join();

      append(log, A, "2");

      assertThat(recorder.next(1)).containsExactly("2");
    }
  }

  @Test
  void subscriberBehindTheTrimMark_isTold() throws Exception {
    try (SharedLog log = EmbeddedLog.open(directory)) {
      append(log, A, "1");
      append(log, A, "2");
      log.trim(new LogPosition(1)).join();
      Recorder recorder = new Recorder();

      log.subscribe(Set.of(A), LogPosition.FIRST, recorder);

      assertThat(recorder.end()).isInstanceOf(TrimmedException.class);
    }
  }

  @Test
  void closingTheLog_endsSubscriptions() throws Exception {
    Recorder recorder = new Recorder();
    SharedLog log = EmbeddedLog.open(directory);
    log.subscribeAll(LogPosition.FIRST, recorder);
    append(log, A, "1");
    recorder.next(1);

    log.close();

    assertThat(recorder.end()).isInstanceOf(StoreClosedException.class);
  }

  @Test
  void listenerThatThrows_isToldAndNotCalledAgain() throws Exception {
    try (SharedLog log = EmbeddedLog.open(directory)) {
      Recorder recorder = new Recorder();
      IllegalStateException mistake = new IllegalStateException("mistake");
      log.subscribeAll(
          LogPosition.FIRST,
          new EntryListener() {
            @Override
            public void onEntries(List<LogEntry> entries) {
              recorder.onEntries(entries);
              throw mistake;
            }

            @Override
            public void onEnd(Throwable cause) {
              recorder.onEnd(cause);
            }
          });

      append(log, A, "1");

      assertThat(recorder.end()).isSameAs(mistake);
      append(log, A, "2");
      assertThat(recorder.next(1)).containsExactly("1");
      assertThat(recorder.received).isEmpty();
    }
  }

  @Test
  void closeFromWithinTheListener_letsThePresentCallFinish() throws Exception {
    try (SharedLog log = EmbeddedLog.open(directory)) {
      CompletableFuture<Subscription> own = new CompletableFuture<>();
      Recorder recorder = new Recorder();
      own.complete(
          log.subscribeAll(
              LogPosition.FIRST,
              new EntryListener() {
                @Override
                public void onEntries(List<LogEntry> entries) {
                  own.join().close();
                  recorder.onEntries(entries);
                }

                @Override
                public void onEnd(Throwable cause) {
                  recorder.onEnd(cause);
                }
              }));

      append(log, A, "1");
      assertThat(recorder.next(1)).containsExactly("1");
      append(log, A, "2");

      assertThat(recorder.received).isEmpty();
      assertThat(recorder.ended).isNotDone();
    }
  }

  @Test
  void asyncLog_isSyncedByClose() {
    try (SharedLog log = EmbeddedLog.builder(directory).durability(Durability.ASYNC).open()) {
      append(log, A, "1");
    }

    try (SharedLog log = EmbeddedLog.open(directory)) {
      assertThat(texts(log.readAll(LogPosition.FIRST, ReadLimit.DEFAULT).join()))
          .containsExactly("1");
    }
  }

  private static void create(MemoryStorage storage, MemorySlots slots) {
    try {
      new HighWaterMark(slots).write(LogStore.create(storage, 1, 2, EngineParameters.DEFAULT));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private SharedLog open(MemoryStorage storage, MemorySlots slots) {
    return open(EmbeddedLog.builder(directory), storage, slots);
  }

  private static SharedLog open(
      EmbeddedLog.Builder builder, MemoryStorage storage, MemorySlots slots) {
    LogStore store = LogStore.open("memory", storage, new HighWaterMark(slots));
    return builder.over("a log in memory", store, store);
  }

  private static LogPosition append(SharedLog log, StreamId stream, String text) {
    return log.append(AppendRequest.of(stream, payload(text))).join();
  }

  private static List<String> readAll(SharedLog log, int limit) {
    List<String> texts = new ArrayList<>();
    ReadBatch batch = new ReadBatch(List.of(), LogPosition.FIRST);
    do {
      batch = log.readAll(batch.next(), ReadLimit.entries(limit)).join();
      texts.addAll(texts(batch));
    } while (!batch.entries().isEmpty());
    return texts;
  }

  private static List<String> read(SharedLog log, StreamId stream, int limit) {
    List<String> texts = new ArrayList<>();
    ReadBatch batch = new ReadBatch(List.of(), LogPosition.FIRST);
    do {
      batch = log.read(stream, batch.next(), ReadLimit.entries(limit)).join();
      texts.addAll(texts(batch));
    } while (!batch.entries().isEmpty());
    return texts;
  }

  private static List<String> texts(ReadBatch batch) {
    return texts(batch.entries());
  }

  private static List<String> texts(List<LogEntry> entries) {
    return entries.stream().map(entry -> new String(entry.payload().array())).toList();
  }

  private static Throwable failure(CompletableFuture<?> future) {
    try {
      future.join();
      return null;
    } catch (CompletionException e) {
      return e.getCause();
    }
  }

  /** Takes down what a subscription delivers. */
  private static final class Recorder implements EntryListener {

    final BlockingQueue<LogEntry> received = new LinkedBlockingQueue<>();
    final CompletableFuture<Throwable> ended = new CompletableFuture<>();

    @Override
    public void onEntries(List<LogEntry> entries) {
      received.addAll(entries);
    }

    @Override
    public void onEnd(Throwable cause) {
      ended.complete(cause);
    }

    List<String> next(int count) throws InterruptedException {
      List<LogEntry> entries = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        entries.add(received.poll(30, TimeUnit.SECONDS));
      }
      return texts(entries);
    }

    Throwable end() throws Exception {
      return ended.get(30, TimeUnit.SECONDS);
    }
  }
}
