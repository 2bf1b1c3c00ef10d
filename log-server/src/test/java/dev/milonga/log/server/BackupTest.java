package dev.milonga.log.server;

import static dev.milonga.log.server.LogEngineTest.payload;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.milonga.log.AppendRequest;
import dev.milonga.log.LogEntry;
import dev.milonga.log.LogPosition;
import dev.milonga.log.Payload;
import dev.milonga.log.ReadLimit;
import dev.milonga.log.RequestId;
import dev.milonga.log.SessionExpiredException;
import dev.milonga.log.SharedLog;
import dev.milonga.log.StoreClosedException;
import dev.milonga.log.StreamId;
import dev.milonga.log.StreamKeys;
import dev.milonga.log.format.EntryFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class BackupTest {

  private static final StreamId A = StreamId.named("a");
  private static final StreamId B = StreamId.named("b");

  @TempDir Path directory;
  private Path data;
  private Path file;
  private Path target;

  @BeforeEach
  void paths() {
    data = directory.resolve("data");
    file = directory.resolve("a.backup");
    target = directory.resolve("restored");
  }

  @Test
  void restoredStore_hasPositionsSessionsAndTrimMark_andGoesOn() {
    AppendRequest request;
    LogPosition position;
    List<String> entries;
    try (EmbeddedLog log = EmbeddedLog.open(data)) {
      append(log, 0, 200);
      log.trim(new LogPosition(70)).join();
      request =
          AppendRequest.builder(payload("once"))
              .write(StreamKeys.whole(A))
              .requestId(new RequestId(log.openSession().join(), 0, 0))
              .build();
      position = log.append(request).join();
      Backup backup = log.backupTo(file);
      entries = entries(log);
      assertThat(backup.trimMark()).isEqualTo(new LogPosition(70));
      assertThat(backup.tail()).isEqualTo(position.next());
      assertThat(Backup.verify(file)).isEqualTo(backup);
    }

    Backup restored = Backup.restore(file, target);

    assertThat(restored.entries()).isEqualTo(entries.size());
    StoreReport report = StoreCheck.check(target);
    assertThat(report.problems()).isEmpty();
    assertThat(report.store()).isNotEqualTo(restored.store());
    try (EmbeddedLog log = EmbeddedLog.open(target)) {
      assertThat(log.trimMark().join()).isEqualTo(new LogPosition(70));
      assertThat(entries(log)).isEqualTo(entries);
      assertThat(log.read(A, new LogPosition(70), ReadLimit.DEFAULT).join().entries())
          .hasSize(44); // 72, 75 … 198, and the last
      assertThat(log.append(request).join()).isEqualTo(position);
      append(log, 201, 202);
      log.trim(new LogPosition(150)).join();
    }
    assertThat(StoreCheck.check(target).problems()).isEmpty();
    assertThat(StoreCheck.check(data).problems()).isEmpty();
  }

  @Test
  void restoredStore_knowsWhoWroteWhat_andWhoseSessionsAre() {
    AppendRequest request;
    try (EmbeddedLog log = EmbeddedLog.open(data)) {
      SharedLog ann = log.actingFor("ann");
      request =
          AppendRequest.builder(payload("once"))
              .write(StreamKeys.whole(A))
              .requestId(new RequestId(ann.openSession().join(), 0, 0))
              .build();
      ann.append(request).join();
      log.backupTo(file);
    }

    Backup.restore(file, target);

    assertThat(StoreCheck.check(target).problems()).isEmpty();
    try (EmbeddedLog log = EmbeddedLog.open(target)) {
      assertThat(entry(log, 0).principal()).contains("ann");
      assertThat(log.actingFor("ann").append(request).join()).isEqualTo(LogPosition.FIRST);
      for (SharedLog other : List.of(log, log.actingFor("bob"))) {
        assertThatThrownBy(() -> other.append(request).join())
            .hasCauseInstanceOf(SessionExpiredException.class);
      }
      assertThat(log.tail().join()).isEqualTo(new LogPosition(1));
    }
  }

  private static LogEntry entry(SharedLog log, long position) {
    return log.readAll(new LogPosition(position), ReadLimit.entries(1)).join().entries().get(0);
  }

  @Test
  void backupUnderWriters_isOneMoment_andTrimsGoOn() throws Exception {
    AtomicBoolean stop = new AtomicBoolean();
    try (EmbeddedLog log = EmbeddedLog.open(data)) {
      append(log, 0, 5_000);
      CompletableFuture<Void> writer =
          CompletableFuture.runAsync(
              () -> {
                for (long i = 0; !stop.get(); i++) {
                  long tail = log.append(AppendRequest.of(A, payload("w" + i))).join().value();
                  if (i % 50 == 0) {
                    log.trim(new LogPosition(tail / 2)).join();
                  }
                }
              });

      for (int i = 0; i < 5; i++) {
        Backup backup = log.backupTo(directory.resolve(i + ".backup"), 8 << 20);
        assertThat(Backup.verify(backup.file())).isEqualTo(backup);
        Path restored = directory.resolve("restored-" + i);
        Backup.restore(backup.file(), restored);
        assertThat(StoreCheck.check(restored).problems()).isEmpty();
        assertThat(StoreCheck.check(restored).tail()).isEqualTo(backup.tail());
      }
      stop.set(true);
      writer.join();
    }
  }

  @Test
  void backupOfALogThatSyncsLater_waitsUntilWhatItHoldsIsDurable() throws IOException {
    MemoryStorage storage = new MemoryStorage();
    MemorySlots slots = new MemorySlots();
    new HighWaterMark(slots).write(LogStore.create(storage, 1, 2, EngineParameters.DEFAULT));
    LogStore store = LogStore.open("memory", storage, new HighWaterMark(slots));
    try (EmbeddedLog log =
        EmbeddedLog.builder(data)
            .durability(Durability.ASYNC)
            .over("a log in memory", store, store)) {
      for (int i = 0; i < 3; i++) {
        append(log, 0, 1);
        long batches = store.state().batches();

        log.backupTo(directory.resolve(i + ".backup"));

        assertThat(store.syncedBatches()).isGreaterThanOrEqualTo(batches);
      }
    }
  }

  @Test
  void file_belongsToItsOwnerAlone_andGetsItsNameAtTheEnd() throws IOException {
    try (EmbeddedLog log = EmbeddedLog.open(data)) {
      append(log, 0, 10);
      log.backupTo(file);

      assertThat(files(directory)).containsExactly("a.backup", "data");
      if (file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
            .isEqualTo("rw-------");
      }
      assertThatThrownBy(() -> log.backupTo(file)).isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> log.backupTo(directory.resolve("no").resolve("b")))
          .isInstanceOf(BackupFailedException.class);
    }
  }

  @Test
  void closingTheLog_endsABackup_andLeavesNothingOfIt() throws Exception {
    EmbeddedLog log = EmbeddedLog.open(data);
    log.append(AppendRequest.of(A, Payload.wrap(new byte[1 << 20]))).join();
    log.append(AppendRequest.of(A, Payload.wrap(new byte[1 << 20]))).join();
    CompletableFuture<Backup> backup = CompletableFuture.supplyAsync(() -> log.backupTo(file, 1));
    while (!Files.exists(directory.resolve("a.backup.partial"))) {
      Thread.onSpinWait();
    }

    log.close();

    assertThatThrownBy(backup::join)
        .isInstanceOf(CompletionException.class)
        .hasCauseInstanceOf(StoreClosedException.class);
    assertThat(files(directory)).containsExactly("data");
    assertThatThrownBy(() -> log.backupTo(file)).isInstanceOf(StoreClosedException.class);
  }

  @Test
  void interrupt_endsABackup_andLeavesNothingOfIt() throws IOException {
    try (EmbeddedLog log = EmbeddedLog.open(data)) {
      append(log, 0, 10);
      Thread.currentThread().interrupt();

      assertThatThrownBy(() -> log.backupTo(file))
          .isInstanceOf(BackupFailedException.class)
          .hasMessageContaining("was interrupted");

      assertThat(Thread.interrupted()).isTrue();
      append(log, 10, 20);
    }
    assertThat(files(directory)).containsExactly("data");
  }

  @Test
  void throttle_keepsTheRate() {
    long[] now = {5};
    List<Long> waits = new ArrayList<>();
    Consumer<Long> wait =
        nanos -> {
          waits.add(nanos);
          now[0] += nanos;
        };
    Throttle throttle = new Throttle(1_000, () -> now[0], wait::accept);

    throttle.did(500);
    while (throttle.pause()) {
      assertThat(waits).hasSizeLessThan(10);
    }
    now[0] += 10_000_000_000L; // what was not used is not saved up
    throttle.did(100);
    throttle.pause();

    assertThat(waits).containsExactly(500_000_000L, 100_000_000L);
    assertThat(new Throttle(Long.MAX_VALUE, () -> now[0], wait::accept).pause()).isFalse();
  }

  @Test
  @DisplayName("S6: restore cut short at every step")
  void s6_restoreCutShortAtEveryStep_neverLooksLikeAStore_untilItIsOne() throws IOException {
    try (EmbeddedLog log = EmbeddedLog.open(data)) {
      append(log, 0, 30);
      log.backupTo(file);
    }
    List<String> steps = new ArrayList<>();
    Files.createDirectory(target);
    new StoreRestore(file, target, steps::add).make();
    if (target.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      for (Path restored : List.of(target, target.resolve("rocksdb"))) {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(restored)))
            .isEqualTo("rwx------");
      }
    }
    assertThat(steps).hasSize(6).endsWith("mark moved");

    boolean landed = false;
    for (String last : steps) {
      Path at = directory.resolve(last.replace(' ', '-'));
      Files.createDirectory(at);
      StoreRestore cutShort =
          new StoreRestore(
              file,
              at,
              step -> {
                if (step.equals(last)) {
                  throw new Killed();
                }
              });
      assertThatThrownBy(cutShort::make).isInstanceOf(Killed.class);
      landed |= last.equals("mark moved");

      if (!landed) {
        assertThatThrownBy(() -> EmbeddedLog.open(at))
            .as(last)
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("what is left of a restore that was cut short");
        assertThatThrownBy(() -> EmbeddedLog.builder(at).mustExist().open())
            .as(last)
            .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> StoreCheck.check(at))
            .as(last)
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining("a restore that was cut short");
        Backup.restore(file, at);
      }
      assertThat(StoreCheck.check(at).problems()).as(last).isEmpty();
      try (EmbeddedLog log = EmbeddedLog.open(at)) {
        assertThat(entries(log)).as(last).hasSize(30);
      }
    }
  }

  private static final class Killed extends Error {
    private static final long serialVersionUID = 1;
  }

  @Test
  @DisplayName("S6: a backup that is cut off, altered, newer or none")
  void s6_badBackup_isRefused_andNothingIsLeft() throws IOException {
    try (EmbeddedLog log = EmbeddedLog.open(data)) {
      append(log, 0, 300);
      log.backupTo(file);
    }
    byte[] good = Files.readAllBytes(file);

    assertRefused(
        bytes -> bytes[bytes.length / 2] ^= 4, good, "block 0, at byte 116, with entries");
    assertRefused(bytes -> bytes[0] ^= 4, good, "it does not begin as one does");
    assertRefused(bytes -> bytes[20] ^= 4, good, "its head, bytes 0 to 116, was altered");
    assertRefused(
        bytes -> {},
        ByteBuffer.allocate(good.length - 5).put(good, 0, good.length - 5).array(),
        "the rest is missing");
    assertRefused(bytes -> {}, new byte[0], "it does not begin as one does");
    byte[] newer = good.clone();
    newer[11] = 2;
    Files.write(file, newer);
    assertThatThrownBy(() -> Backup.restore(file, target))
        .isInstanceOf(NewerFormatException.class)
        .hasMessageContaining("has format 2, this program reads formats up to 1");
    assertThat(target).doesNotExist();
    assertThat(files(directory)).containsExactly("a.backup", "data");
  }

  private void assertRefused(Consumer<byte[]> damage, byte[] good, String what) throws IOException {
    byte[] bytes = good.clone();
    damage.accept(bytes);
    Files.write(file, bytes);
    Path empty = Files.createDirectory(directory.resolve("empty"));

    assertThatThrownBy(() -> Backup.verify(file))
        .isInstanceOf(DamagedBackupException.class)
        .hasMessageContaining(what);
    for (Path to : List.of(target, empty)) {
      assertThatThrownBy(() -> Backup.restore(file, to))
          .isInstanceOf(DamagedBackupException.class)
          .hasMessageContaining(what);
    }

    assertThat(target).doesNotExist();
    assertThat(files(empty)).isEmpty();
    Files.delete(empty);
  }

  @Test
  @DisplayName("S6: a restore into something that is there")
  void s6_restoreIntoWhatIsThere_isRefusedAndChangesNothing() throws IOException {
    try (EmbeddedLog log = EmbeddedLog.open(data)) {
      append(log, 0, 3);
      log.backupTo(file);
    }
    Path others = Files.createDirectory(directory.resolve("others"));
    Files.writeString(others.resolve("letter"), "dear");

    assertThatThrownBy(() -> Backup.restore(file, data))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("holds a store already");
    assertThatThrownBy(() -> Backup.restore(file, others))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("letter");
    assertThatThrownBy(() -> Backup.restore(file, file))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("is not a directory");

    assertThat(files(others)).containsExactly("letter");
    assertThat(StoreCheck.check(data).entries()).isEqualTo(3);
  }

  @Test
  void damagedEntry_isNotHandedOn() throws IOException {
    try (StoreDirectory store =
        StoreDirectory.open(data, StoreParts.FILES, EngineParameters.DEFAULT, Instant.EPOCH)) {
      LogEngine engine = LogEngine.open(store.store());
      for (int i = 0; i < 5; i++) {
        store.store().write(engine.apply(i, List.of(LogEngineTest.append("x"))).writes(), true);
      }
    }
    try (RocksStorage storage = RocksStorage.open(data.resolve("rocksdb"), false)) {
      RowBatch rows = new RowBatch();
      byte[] entry = storage.get(Storage.Family.ENTRIES, Bytes.ofLong(2)).clone();
      entry[entry.length - 6] ^= 1;
      rows.put(Storage.Family.ENTRIES, Bytes.ofLong(2), entry);
      storage.write(rows, true);
    }

    try (EmbeddedLog log = EmbeddedLog.open(data)) {
      assertThatThrownBy(() -> log.backupTo(file)).hasMessageContaining("position 2 is damaged");
    } catch (DamagedStoreException refusedAlready) {
      assertThat(refusedAlready).hasMessageContaining("position 2 is damaged");
    }
    assertThat(files(directory)).containsExactly("data");
    assertThat(StoreCheck.check(data).problems())
        .singleElement()
        .asString()
        .contains("position 2 is damaged");
  }

  private static void append(EmbeddedLog log, int from, int to) {
    CompletableFuture<LogPosition> last = new CompletableFuture<>();
    for (int i = from; i < to; i++) {
      last = log.append(AppendRequest.of(i % 3 == 0 ? A : B, payload("" + i)));
    }
    last.join();
  }

  private static List<String> entries(EmbeddedLog log) {
    return log.readAll(log.trimMark().join(), ReadLimit.DEFAULT).join().entries().stream()
        .map(entry -> HexFormat.of().formatHex(EntryFormat.encode(entry)))
        .toList();
  }

  private static List<String> files(Path path) throws IOException {
    try (Stream<Path> files = Files.list(path)) {
      return files.map(each -> each.getFileName().toString()).sorted().toList();
    }
  }
}
