package dev.milonga.log.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.milonga.log.server.Storage.Cursor;
import dev.milonga.log.server.Storage.Family;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RocksStorageTest {

  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void rows_areThoseOfAnOrderedMap_alsoAfterReopening(long seed) throws IOException {
    Random random = new Random(seed);
    NavigableMap<byte[], byte[]> model = new TreeMap<>(Arrays::compareUnsigned);
    RocksStorage storage = RocksStorage.open(directory, true);
    try {
      for (int step = 0; step < 60; step++) {
        RowBatch rows = new RowBatch();
        for (int i = random.nextInt(40); i >= 0; i--) {
          byte[] key = Bytes.ofLong(model.size() / 2 + random.nextInt(50));
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
          byte[] below = Bytes.ofLong(random.nextInt(model.size() + 1));
          storage.drop(Family.ENTRIES, below);
          model.headMap(below, false).clear();
        }
        if (random.nextInt(6) == 0) {
          storage.close();
          storage = RocksStorage.open(directory, false);
        }
        assertSame(storage, model, random);
      }
    } finally {
      storage.close();
    }
  }

  private static void assertSame(
      RocksStorage storage, NavigableMap<byte[], byte[]> model, Random random) throws IOException {
    byte[] from = Bytes.ofLong(random.nextInt(100));
    byte[] to = Bytes.ofLong(random.nextInt(300));
    if (Arrays.compareUnsigned(from, to) <= 0) {
      assertThat(storage.count(Family.ENTRIES, from, to))
          .isEqualTo(model.subMap(from, true, to, false).size());
    }
    byte[] key = Bytes.ofLong(random.nextInt(100));
    assertThat(storage.get(Family.ENTRIES, key)).isEqualTo(model.get(key));
    assertThat(storage.getAll(Family.ENTRIES, List.of(key, from)))
        .containsExactly(model.get(key), model.get(from));
    try (Cursor rows = storage.cursor(Family.ENTRIES, new byte[0], Bytes.ofLong(1L << 40))) {
      rows.seek(key);
      assertThat(rows.isValid() ? rows.key() : null).isEqualTo(model.ceilingKey(key));
      rows.seekBelow(key);
      assertThat(rows.isValid() ? rows.key() : null).isEqualTo(model.lowerKey(key));
      int index = 0;
      for (rows.seek(new byte[0]); rows.isValid(); rows.next()) {
        assertThat(rows.value()).isEqualTo(model.get(rows.key()));
        index++;
      }
      assertThat(index).isEqualTo(model.size());
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
  void afterClose_everyCallFails() throws IOException {
    RocksStorage storage = RocksStorage.open(directory, true);
    storage.close();
    storage.close();

    assertThatThrownBy(() -> storage.get(Family.META, new byte[1])).isInstanceOf(IOException.class);
    assertThatThrownBy(() -> storage.write(new RowBatch(), true)).isInstanceOf(IOException.class);
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
