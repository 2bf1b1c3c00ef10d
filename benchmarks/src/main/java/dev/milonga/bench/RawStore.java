package dev.milonga.bench;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.DBOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/**
 * The baseline: a durable map as one would write it by hand, a {@link ConcurrentHashMap} in front
 * of a log in RocksDB. Each put is one entry and its index row, written at once and synced.
 *
 * <p>It does less than the store does (no order between the map and the log, no conflict checks, no
 * exactly-once, no second reader) and marks what the hardware allows.
 */
final class RawStore implements AutoCloseable {

  private static final byte[] NOTHING = {};
  private static final byte[] STREAM = new byte[16];

  private final Map<String, String> map = new ConcurrentHashMap<>();
  private final AtomicLong tail = new AtomicLong();
  private final DBOptions options = new DBOptions();
  private final WriteOptions synced = new WriteOptions().setSync(true);
  private final RocksDB database;
  private final ColumnFamilyHandle entries;
  private final ColumnFamilyHandle index;

  /** Creates an empty store in that directory. */
  RawStore(Path directory) throws RocksDBException {
    options.setCreateIfMissing(true).setCreateMissingColumnFamilies(true);
    List<ColumnFamilyHandle> handles = new ArrayList<>();
    database =
        RocksDB.open(
            options,
            directory.toString(),
            List.of(
                new ColumnFamilyDescriptor(RocksDB.DEFAULT_COLUMN_FAMILY),
                new ColumnFamilyDescriptor("index".getBytes(StandardCharsets.UTF_8))),
            handles);
    entries = handles.get(0);
    index = handles.get(1);
  }

  /** Puts one pair and waits until it is on the disk. */
  void put(String key, String value) throws RocksDBException {
    try (WriteBatch batch = new WriteBatch()) {
      add(batch, key, value);
      database.write(synced, batch);
    }
    map.put(key, value);
  }

  /** Puts all pairs with one sync. */
  void putAll(List<Map.Entry<String, String>> pairs) throws RocksDBException {
    try (WriteBatch batch = new WriteBatch()) {
      for (Map.Entry<String, String> pair : pairs) {
        add(batch, pair.getKey(), pair.getValue());
      }
      database.write(synced, batch);
    }
    for (Map.Entry<String, String> pair : pairs) {
      map.put(pair.getKey(), pair.getValue());
    }
  }

  /** Puts that many new keys with one sync, as entries alone. */
  void load(long from, int count, String value) throws RocksDBException {
    try (WriteBatch batch = new WriteBatch()) {
      for (long i = from; i < from + count; i++) {
        byte[] at = ByteBuffer.allocate(Long.BYTES).putLong(tail.getAndIncrement()).array();
        batch.put(entries, at, (Pairs.newKey(i) + value).getBytes(StandardCharsets.UTF_8));
      }
      database.write(synced, batch);
    }
    for (long i = from; i < from + count; i++) {
      map.put(Pairs.newKey(i), value);
    }
  }

  /** The value of that key, from memory. */
  @Nullable String get(String key) {
    return map.get(key);
  }

  private void add(WriteBatch batch, String key, String value) throws RocksDBException {
    long position = tail.getAndIncrement();
    byte[] at = ByteBuffer.allocate(Long.BYTES).putLong(position).array();
    byte[] inStream = ByteBuffer.allocate(24).put(STREAM).putLong(position).array();
    batch.put(entries, at, (key + value).getBytes(StandardCharsets.UTF_8));
    batch.put(index, inStream, NOTHING);
  }

  @Override
  public void close() {
    entries.close();
    index.close();
    database.close();
    synced.close();
    options.close();
  }
}
