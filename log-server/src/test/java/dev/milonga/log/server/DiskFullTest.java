package dev.milonga.log.server;

import static dev.milonga.log.server.LogEngineTest.payload;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.milonga.log.AppendCondition;
import dev.milonga.log.AppendRequest;
import dev.milonga.log.ConflictException;
import dev.milonga.log.EntryListener;
import dev.milonga.log.LogEntry;
import dev.milonga.log.LogPosition;
import dev.milonga.log.LogUnavailableException;
import dev.milonga.log.ReadLimit;
import dev.milonga.log.RequestId;
import dev.milonga.log.SessionId;
import dev.milonga.log.SharedLog;
import dev.milonga.log.StoreException.Durable;
import dev.milonga.log.StreamId;
import dev.milonga.log.StreamKeys;
import dev.milonga.log.server.Storage.Family;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** L5 through the storage's seam: a log whose storage has no room, and then has room again. */
@Timeout(30)
class DiskFullTest {

  private static final StreamId A = new StreamId(0, 1);

  private final MemoryStorage storage = new MemoryStorage();
  private final MemorySlots slots = new MemorySlots();
  private SharedLog log;

  @BeforeEach
  void open() throws IOException {
    new HighWaterMark(slots).write(LogStore.create(storage, 1, 2, EngineParameters.DEFAULT));
    log = open(Durability.SYNC);
  }

  @AfterEach
  void close() {
    log.close();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  @DisplayName("L5: the disk is full: typed error, reads go on, appends work again with room")
  void l5_fullDisk_isAnErrorUntilThereIsRoomAgain(boolean theWriteTakesEffect) throws Exception {
    SessionId session = log.openSession().join();
    append("acknowledged");
    AppendRequest unknown = request(session, 0, "unknown");

    storage.fillDisk(theWriteTakesEffect);
    assertUnknown(log.append(unknown));
    assertUnknown(log.append(request(session, 1, "while it is full")));
    assertThat(log.tail().join()).isEqualTo(new LogPosition(1));
    assertThat(log.localTails().orElseThrow().of(A).value()).isEqualTo(1);
    assertThat(texts()).containsExactly("acknowledged");
    storage.healWrites();

    LogPosition position = onceThereIsRoom(unknown);
    assertThat(position).isEqualTo(new LogPosition(1));
    assertThat(append("after")).isEqualTo(new LogPosition(2));
    assertThat(texts()).containsExactly("acknowledged", "unknown", "after");
    assertThat(streamTexts()).containsExactly("acknowledged", "unknown", "after");
  }

  @Test
  void writeThatTookEffectAfterAll_isShownToEveryReaderWithoutAnotherAppend() throws Exception {
    BlockingQueue<LogEntry> received = new LinkedBlockingQueue<>();
    log.subscribe(Set.of(A), LogPosition.FIRST, recordingIn(received));
    append("acknowledged");

    storage.fillDisk(true);
    CompletableFuture<LogPosition> twoStreams =
        log.append(
            AppendRequest.builder(payload("unknown"))
                .write(StreamKeys.whole(A))
                .write(StreamKeys.whole(new StreamId(0, 2)))
                .build());
    assertUnknown(twoStreams);
    assertThat(received.poll(30, TimeUnit.SECONDS).position()).isEqualTo(LogPosition.FIRST);
    assertThat(received).isEmpty();
    storage.healWrites();

    assertThat(received.poll(30, TimeUnit.SECONDS).position()).isEqualTo(new LogPosition(1));
    assertThat(log.tail(List.of(A, new StreamId(0, 2))).join().values())
        .containsOnly(new LogPosition(2));
    assertThat(texts()).containsExactly("acknowledged", "unknown");
  }

  @Test
  void trimThatTookEffectAfterAll_isShown() {
    append("1");
    append("2");

    storage.fillDisk(true);
    assertUnknown(log.trim(new LogPosition(1)));
    assertThat(log.trimMark().join()).isEqualTo(LogPosition.FIRST);
    storage.healWrites();

    await().until(() -> log.trimMark().join().equals(new LogPosition(1)));
  }

  @Test
  void conflictsAreDecidedAsBefore_afterTheStoreWasOpenedAgain() {
    append("1");
    LogPosition before = log.tail().join();
    AppendRequest conditional =
        AppendRequest.builder(payload("conditional"))
            .write(StreamKeys.whole(A))
            .condition(new AppendCondition(before, List.of(StreamKeys.whole(A))))
            .build();

    storage.fillDisk(true);
    assertUnknown(log.append(AppendRequest.of(A, payload("unknown"))));
    storage.healWrites();
    await().until(() -> log.tail().join().equals(new LogPosition(2)));

    assertThatThrownBy(() -> log.append(conditional).join())
        .hasCauseInstanceOf(ConflictException.class);
  }

  @Test
  void storageThatHasLostSomethingAcknowledged_isNotGoneOnWith() {
    append("acknowledged");

    storage.fillDisk(false);
    assertUnknown(log.append(AppendRequest.of(A, payload("unknown"))));
    storage.rows(Family.ENTRIES).clear();
    storage.healWrites();

    await().until(() -> failure(log.append(AppendRequest.of(A, payload("x")))), this::saysToReopen);
    assertThat(log.tail().join()).isEqualTo(new LogPosition(1));
  }

  @Test
  void storageThatHasGoneBack_isNotGoneOnWith() {
    append("1");
    MemoryStorage before = storage.copy();
    append("2");

    storage.fillDisk(false);
    assertUnknown(log.append(AppendRequest.of(A, payload("unknown"))));
    storage.putBack(before);
    storage.healWrites();

    await().until(() -> failure(log.append(AppendRequest.of(A, payload("x")))), this::saysToReopen);
    assertThat(texts()).containsExactly("1", "2");
  }

  @Test
  void roomForWritesButNotToOpenAgain_isNotWrittenTo() {
    append("1");
    storage.fillDisk(false);
    assertUnknown(log.append(AppendRequest.of(A, payload("unknown"))));
    storage.allowReopening(false);
    storage.healWrites();
    int writes = storage.writes();

    int attempts = storage.reopenings() + 3;
    await().until(() -> storage.reopenings() >= attempts);
    assertUnknown(log.append(AppendRequest.of(A, payload("x"))));
    assertThat(storage.writes()).isEqualTo(writes);
    storage.allowReopening(true);

    await().until(() -> failure(log.append(AppendRequest.of(A, payload("2")))) == null);
    assertThat(texts()).startsWith("1", "2");
  }

  @Test
  @DisplayName("L6: an error that is not for want of room stops the log until it is opened again")
  void l6_otherErrorWhileItIsFull_stopsUntilItIsOpenedAgain() {
    append("acknowledged");

    storage.fillDisk(false);
    assertUnknown(log.append(AppendRequest.of(A, payload("1"))));
    storage.failWrites(false);
    await().until(() -> failure(log.append(AppendRequest.of(A, payload("x")))), this::saysToReopen);
    storage.healWrites();

    int writes = storage.writes();
    assertThat(failure(log.append(AppendRequest.of(A, payload("x"))))).matches(this::saysToReopen);
    log.close();
    assertThat(storage.writes()).isEqualTo(writes);
    log = open(Durability.SYNC);
    assertThat(append("after")).isEqualTo(new LogPosition(1));
  }

  @Test
  void asyncLogWhoseSyncFindsNoRoom_goesOnWithAllThatWasRead() {
    log.close();
    log = open(Durability.ASYNC);
    append("1");
    await().until(() -> storage.syncs() > 0);

    storage.fillDisk(true);
    assertUnknown(log.append(AppendRequest.of(A, payload("2"))));
    storage.healWrites();

    await().until(() -> texts().size() == 2);
    append("3");
    assertThat(texts()).containsExactly("1", "2", "3");
  }

  @Test
  void closedWhileItIsFull_opensAgainWithAllThatWasAcknowledged() {
    append("acknowledged");
    storage.fillDisk(false);
    assertUnknown(log.append(AppendRequest.of(A, payload("unknown"))));

    log.close();
    storage.healWrites();

    log = open(Durability.SYNC);
    assertThat(texts()).containsExactly("acknowledged");
  }

  private SharedLog open(Durability durability) {
    LogStore store = LogStore.open("memory", storage, new HighWaterMark(slots));
    return EmbeddedLog.builder(Path.of("unused"))
        .durability(durability)
        .over("a log in memory", store, store);
  }

  private static AppendRequest request(SessionId session, long sequence, String text) {
    return AppendRequest.builder(payload(text))
        .write(StreamKeys.whole(A))
        .requestId(new RequestId(session, sequence, 0))
        .build();
  }

  private LogPosition append(String text) {
    return log.append(AppendRequest.of(A, payload(text))).join();
  }

  private LogPosition onceThereIsRoom(AppendRequest request) {
    return await()
        .until(
            () -> {
              CompletableFuture<LogPosition> appended = log.append(request);
              return failure(appended) == null
                  ? Optional.of(appended.join())
                  : Optional.<LogPosition>empty();
            },
            Optional::isPresent)
        .orElseThrow();
  }

  private List<String> texts() {
    return texts(log.readAll(LogPosition.FIRST, ReadLimit.DEFAULT).join().entries());
  }

  private List<String> streamTexts() {
    return texts(log.read(A, LogPosition.FIRST, ReadLimit.DEFAULT).join().entries());
  }

  private static List<String> texts(List<LogEntry> entries) {
    return entries.stream().map(entry -> new String(entry.payload().array())).toList();
  }

  private static void assertUnknown(CompletableFuture<?> call) {
    assertThat(failure(call))
        .isInstanceOfSatisfying(
            LogUnavailableException.class, e -> assertThat(e.durable()).isEqualTo(Durable.UNKNOWN))
        .hasMessageContaining("goes on by itself");
  }

  private boolean saysToReopen(Throwable failure) {
    return failure instanceof LogUnavailableException
        && failure.getMessage().contains("closed and opened again");
  }

  private static Throwable failure(CompletableFuture<?> future) {
    try {
      future.orTimeout(5, TimeUnit.SECONDS).join();
      return null;
    } catch (CompletionException e) {
      return e.getCause();
    }
  }

  private static EntryListener recordingIn(BlockingQueue<LogEntry> received) {
    return new EntryListener() {
      @Override
      public void onEntries(List<LogEntry> entries) {
        received.addAll(entries);
      }

      @Override
      public void onEnd(Throwable cause) {}
    };
  }
}
