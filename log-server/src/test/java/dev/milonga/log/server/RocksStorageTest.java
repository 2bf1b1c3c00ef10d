package dev.milonga.log.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.milonga.log.AppendRequest;
import dev.milonga.log.LogPosition;
import dev.milonga.log.Payload;
import dev.milonga.log.StreamId;
import dev.milonga.log.server.Storage.Cursor;
import dev.milonga.log.server.Storage.Family;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RocksStorageTest {

  private static final int FILLED = 100;
  private static final int FILLED_BYTES = 1 << 20;

  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void rows_areThoseOfAnOrderedMap_alsoAfterReopening(long seed) throws IOException {
    Random random = new Random(seed);
    NavigableMap<byte[], byte[]> model = new TreeMap<>(Arrays::compareUnsigned);
    long dropped = 0; // below it, rows may be there or not
    RocksStorage storage = RocksStorage.open(directory, true);
    try {
      for (int step = 0; step < 60; step++) {
        RowBatch rows = new RowBatch();
        for (int i = random.nextInt(40); i >= 0; i--) {
          byte[] key = Bytes.ofLong(dropped + model.size() / 2 + random.nextInt(50));
          if (random.nextInt(5) == 0) {
            model.remove(key);
            rows.delete(Family.ENTRIES, key);
          } else {
            byte[] value = new byte[random.nextInt(300)];
            random.nextBytes(value);
            model.put(key, value);
            rows.put(Family.ENTRIES, key, value);
          }
        }
        storage.write(rows, random.nextInt(10) == 0);
        if (random.nextInt(15) == 0) {
          dropped = Math.max(dropped, random.nextInt(model.size() + 1));
          storage.drop(Family.ENTRIES, Bytes.ofLong(dropped));
          model.headMap(Bytes.ofLong(dropped), false).clear();
        }
        switch (random.nextInt(12)) {
          case 0 -> {
            storage.close();
            storage = RocksStorage.open(directory, false);
          }
          case 1 -> storage.reopen();
          default -> {}
        }
        assertSame(storage, model, dropped, random);
      }
    } finally {
      storage.close();
    }
  }

  private static void assertSame(
      RocksStorage storage, NavigableMap<byte[], byte[]> model, long first, Random random)
      throws IOException {
    byte[] start = Bytes.ofLong(first);
    byte[] from = Bytes.ofLong(first + random.nextInt(100));
    byte[] to = Bytes.ofLong(first + random.nextInt(300));
    if (Arrays.compareUnsigned(from, to) <= 0) {
      assertThat(storage.count(Family.ENTRIES, from, to))
          .isEqualTo(model.subMap(from, true, to, false).size());
    }
    byte[] key = Bytes.ofLong(first + random.nextInt(100));
    assertThat(storage.get(Family.ENTRIES, key)).isEqualTo(model.get(key));
    assertThat(storage.getAll(Family.ENTRIES, List.of(key, from)))
        .containsExactly(model.get(key), model.get(from));
    try (Cursor rows = storage.cursor(Family.ENTRIES, start, Bytes.ofLong(1L << 40))) {
      rows.seek(key);
      assertThat(rows.isValid() ? rows.key() : null).isEqualTo(model.ceilingKey(key));
      rows.seekBelow(key);
      assertThat(rows.isValid() ? rows.key() : null).isEqualTo(model.lowerKey(key));
      int index = 0;
      for (rows.seek(start); rows.isValid(); rows.next()) {
        assertThat(rows.value()).isEqualTo(model.get(rows.key()));
        index++;
      }
      assertThat(index).isEqualTo(model.size());
    }
  }

  @Test
  void snapshot_isOneMomentOfAllFamilies_whateverIsWrittenOrDroppedMeanwhile() throws IOException {
    try (RocksStorage storage = RocksStorage.open(directory, true)) {
      fillFiles(storage);
      try (Storage.Snapshot snapshot = storage.snapshot()) {
        RowBatch later = new RowBatch();
        later.put(Family.META, new byte[] {1}, new byte[] {2});
        later.put(Family.ENTRIES, Bytes.ofLong(FILLED), new byte[1]);
        storage.write(later, false);
        storage.drop(Family.ENTRIES, Bytes.ofLong(FILLED));

        int rows = 0;
        Cursor entries = snapshot.cursor(Family.ENTRIES);
        for (entries.seek(new byte[0]); entries.isValid(); entries.next()) {
          assertThat(entries.key()).isEqualTo(Bytes.ofLong(rows++));
        }
        assertThat(rows).isEqualTo(FILLED);
        Cursor meta = snapshot.cursor(Family.META);
        meta.seek(new byte[0]);
        assertThat(meta.isValid()).isFalse();
      }
    }
  }

  @Test
  @Timeout(300)
  void drop_givesTheRoomBack_allButTheLastFile() throws Exception {
    try (RocksStorage storage = RocksStorage.open(directory, true)) {
      fillFiles(storage);
      long before = bytes();
      assertThat(before).isGreaterThan(FILLED * (long) FILLED_BYTES);

      while (storage.drop(Family.ENTRIES, Bytes.ofLong(FILLED))) { // some is on its way down
        assertThat(Thread.interrupted()).as("out of time").isFalse();
        Thread.onSpinWait();
      }

      assertThat(storage.get(Family.ENTRIES, Bytes.ofLong(0))).isNull();
      while (bytes() > before - 2L * (32 << 20)) { // nobody waits for files to be deleted
        assertThat(Thread.interrupted()).as("out of time").isFalse();
        Thread.onSpinWait();
      }
    }
  }

  @Test
  @Timeout(300)
  void storeOfManyFilesTrimmedInTheMiddle_opensWhole_andMissesWhatIsLostAbove() throws Exception {
    long mark = 60;
    try (EmbeddedLog log = EmbeddedLog.open(directory)) {
      Random random = new Random(1);
      for (int i = 0; i < FILLED; i++) {
        byte[] payload = new byte[FILLED_BYTES];
        random.nextBytes(payload);
        log.append(AppendRequest.of(new StreamId(0, i % 3), Payload.wrap(payload))).join();
      }
      log.trim(new LogPosition(mark)).join();
    }
    assertThat(StoreCheck.check(directory).problems()).isEmpty();
    try (RocksStorage storage = RocksStorage.open(directory.resolve("rocksdb"), false)) {
      while (storage.get(Family.ENTRIES, Bytes.ofLong(0)) != null) { // if it is on its way down
        storage.drop(Family.ENTRIES, Bytes.ofLong(mark));
      }
      assertThat(storage.count(Family.ENTRIES, Bytes.ofLong(mark), Bytes.ofLong(FILLED)))
          .isEqualTo(FILLED - mark);
      RowBatch rows = new RowBatch();
      rows.delete(Family.ENTRIES, Bytes.ofLong(mark));
      storage.write(rows, true);
    }

    assertThatThrownBy(() -> EmbeddedLog.open(directory))
        .isInstanceOf(DamagedStoreException.class)
        .hasMessageContaining("1 entries are missing in [60, 100), the first at position 60");
  }

  /** Writes more than goes into three files, and does not compress. */
  private static void fillFiles(RocksStorage storage) throws IOException {
    Random random = new Random(1);
    for (long i = 0; i < FILLED; i++) {
      byte[] value = new byte[FILLED_BYTES];
      random.nextBytes(value);
      RowBatch rows = new RowBatch();
      rows.put(Family.ENTRIES, Bytes.ofLong(i), value);
      storage.write(rows, false);
    }
  }

  private long bytes() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(Path::toFile).mapToLong(File::length).sum();
    }
  }

  @Test
  void entryMissingInTheMiddleOfManyFiles_isFoundAtOpen() throws IOException {
    MemorySlots slots = new MemorySlots();
    try (RocksStorage storage = RocksStorage.open(directory, true)) {
      new HighWaterMark(slots).write(LogStore.create(storage, 1, 2, EngineParameters.DEFAULT));
    }
    for (int file = 0; file < 4; file++) {
      try (LogStore store = open(slots)) {
        LogEngine engine = LogEngine.open(store);
        for (int i = 0; i < 50; i++) {
          store.write(engine.apply(i, List.of(LogEngineTest.append("x"))).writes(), false);
        }
      }
    }
    open(slots).close();

    try (RocksStorage storage = RocksStorage.open(directory, false)) {
      RowBatch rows = new RowBatch();
      rows.delete(Family.ENTRIES, Bytes.ofLong(77));
      storage.write(rows, true);
    }

    assertThatThrownBy(() -> open(slots))
        .isInstanceOf(DamagedStoreException.class)
        .hasMessageContaining("1 entries are missing in [0, 200), the first at position 77");
  }

  @Test
  void storeOfANewerFormat_isRefused() throws IOException {
    MemorySlots slots = new MemorySlots();
    try (RocksStorage storage = RocksStorage.open(directory, true)) {
      new HighWaterMark(slots).write(LogStore.create(storage, 1, 2, EngineParameters.DEFAULT));
      RowBatch rows = new RowBatch();
      rows.put(Family.META, "format".getBytes(), new byte[] {0, 0, 0, 9, 1, 2, 3});
      storage.write(rows, true);
    }

    assertThatThrownBy(() -> open(slots))
        .isInstanceOf(NewerFormatException.class)
        .hasMessageContaining("has format 9, this program reads formats up to 1");
  }

  @Test
  void reopeningThatCannotWrite_leavesWhatIsStoredReadable() throws IOException {
    try (RocksStorage storage = RocksStorage.open(directory, true)) {
      storage.write(row(1), true);
      storage.write(row(2), false);
      Path lock = directory.resolve("LOCK"); // taken only for writing
      Files.delete(lock);
      Files.createDirectory(lock);

      assertThatThrownBy(storage::reopen).isInstanceOf(IOException.class);
      assertThat(storage.get(Family.ENTRIES, Bytes.ofLong(1))).isNotNull();
      assertThat(storage.get(Family.ENTRIES, Bytes.ofLong(2))).isNotNull();
      assertThat(storage.count(Family.ENTRIES, Bytes.ofLong(0), Bytes.ofLong(9))).isEqualTo(2);
      assertThatThrownBy(() -> storage.write(row(3), true)).isInstanceOf(IOException.class);
      assertThatThrownBy(storage::reopen).isInstanceOf(IOException.class);
      Files.delete(lock);

      storage.reopen();
      storage.write(row(4), true);
      assertThat(storage.count(Family.ENTRIES, Bytes.ofLong(0), Bytes.ofLong(9))).isEqualTo(3);
    }
  }

  private static RowBatch row(long key) {
    RowBatch rows = new RowBatch();
    rows.put(Family.ENTRIES, Bytes.ofLong(key), new byte[100]);
    return rows;
  }

  @Test
  void reopeningOfWhatCannotBeReadAtAll_failsEveryCallUntilItCan() throws IOException {
    try (RocksStorage storage = RocksStorage.open(directory, true)) {
      storage.write(row(1), true);
      Path current = directory.resolve("CURRENT");
      Path elsewhere = directory.resolve("elsewhere");
      Files.move(current, elsewhere);

      assertThatThrownBy(storage::reopen).isInstanceOf(IOException.class);
      assertThatThrownBy(() -> storage.get(Family.ENTRIES, Bytes.ofLong(1)))
          .isInstanceOf(IOException.class);
      assertThatThrownBy(() -> storage.write(row(2), true)).isInstanceOf(IOException.class);
      Files.move(elsewhere, current);

      storage.reopen();
      assertThat(storage.get(Family.ENTRIES, Bytes.ofLong(1))).isNotNull();
    }
  }

  @Test
  void afterClose_everyCallFails() throws IOException {
    RocksStorage storage = RocksStorage.open(directory, true);
    storage.close();
    storage.close();

    assertThatThrownBy(() -> storage.get(Family.META, new byte[1])).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> storage.write(new RowBatch(), true)).isInstanceOf(IOException.class);
    assertThatThrownBy(storage::reopen).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> storage.cursor(Family.META, new byte[0], new byte[1]))
        .isInstanceOf(IOException.class);
  }

  private LogStore open(MemorySlots slots) throws IOException {
    RocksStorage storage = RocksStorage.open(directory, false);
    try {
      return LogStore.open(directory.toString(), storage, new HighWaterMark(slots));
    } catch (RuntimeException e) {
      storage.close();
      throw e;
    }
  }
}
