package dev.milonga.log.server;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.Cache;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompressionType;
import org.rocksdb.DBOptions;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.LiveFileMetaData;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Slice;
import org.rocksdb.TableProperties;
import org.rocksdb.WALRecoveryMode;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/**
 * Rows in RocksDB, one column family for each {@link Storage.Family}.
 *
 * <p>All families are flushed together, so that a lost piece is lost from all of them alike; the
 * files of the write-ahead log are tracked, so that a lost one is found out. What goes missing in
 * spite of that, the high-water mark and {@link #count} find out.
 */
final class RocksStorage implements Storage {

  private static final long BLOCK_CACHE_BYTES = 32L << 20;
  private static final long MEMTABLE_BYTES = 32L << 20; // bounds the write-ahead log and what an
  // open has to replay

  private final RocksDB db;
  private final Map<Family, ColumnFamilyHandle> families = new EnumMap<>(Family.class);
  private final List<AutoCloseable> owned;
  private final WriteOptions synced = new WriteOptions().setSync(true);
  private final WriteOptions unsynced = new WriteOptions().setSync(false);

  // Reading: a call into the database. Writing: closing it, after which memory is gone.
  private final ReentrantReadWriteLock use = new ReentrantReadWriteLock();
  private boolean closed; // guarded by use

  private RocksStorage(RocksDB db, List<ColumnFamilyHandle> handles, List<AutoCloseable> owned) {
    this.db = db;
    this.owned = owned;
    for (Family family : Family.values()) {
      families.put(family, handles.get(family.ordinal()));
    }
  }

  /** Opens what is there; with {@code create} there must be nothing, and it is made. */
  static RocksStorage open(Path directory, boolean create) throws IOException {
    RocksDB.loadLibrary();
    List<AutoCloseable> owned = new ArrayList<>();
    try {
      Cache cache = own(owned, new LRUCache(BLOCK_CACHE_BYTES));
      DBOptions options = own(owned, options(create));
      List<ColumnFamilyDescriptor> descriptors = new ArrayList<>();
      for (Family family : Family.values()) {
        byte[] name =
            family == Family.META
                ? RocksDB.DEFAULT_COLUMN_FAMILY
                : family.name().toLowerCase(java.util.Locale.ROOT).getBytes();
        descriptors.add(new ColumnFamilyDescriptor(name, own(owned, familyOptions(family, cache))));
      }
      List<ColumnFamilyHandle> handles = new ArrayList<>();
      RocksDB db = RocksDB.open(options, directory.toString(), descriptors, handles);
      return new RocksStorage(db, handles, owned);
    } catch (RocksDBException e) {
      closeAll(owned);
      throw failure(e);
    }
  }

  private static <T extends AutoCloseable> T own(List<AutoCloseable> owned, T closeable) {
    owned.add(closeable);
    return closeable;
  }

  private static DBOptions options(boolean create) {
    Properties unnamed = new Properties(); // options that have no setter in Java
    unnamed.setProperty("track_and_verify_wals_in_manifest", "true");
    return DBOptions.getDBOptionsFromProps(unnamed)
        .setCreateIfMissing(create)
        .setErrorIfExists(create)
        .setCreateMissingColumnFamilies(create)
        .setParanoidChecks(true)
        .setAtomicFlush(true)
        .setWalRecoveryMode(WALRecoveryMode.PointInTimeRecovery)
        .setMaxOpenFiles(512)
        .setMaxBackgroundJobs(2)
        .setBytesPerSync(1L << 20)
        .setManifestPreallocationSize(64L << 10)
        .setStatsDumpPeriodSec(0)
        .setStatsPersistPeriodSec(0)
        .setKeepLogFileNum(2)
        .setMaxLogFileSize(1L << 20)
        .setInfoLogLevel(InfoLogLevel.WARN_LEVEL);
  }

  private static ColumnFamilyOptions familyOptions(Family family, Cache cache) {
    return new ColumnFamilyOptions()
        .setWriteBufferSize(MEMTABLE_BYTES)
        .setTargetFileSizeBase(MEMTABLE_BYTES)
        // The same on all levels: what comes in order is moved down, not written again.
        .setCompressionType(CompressionType.LZ4_COMPRESSION)
        .setTableFormatConfig(
            new BlockBasedTableConfig()
                .setBlockCache(cache)
                .setBlockSize(family == Family.ENTRIES ? 16 << 10 : 8 << 10));
  }

  @Override
  public void write(RowBatch rows, boolean sync) throws IOException {
    use.readLock().lock();
    try {
      checkOpen();
      try (WriteBatch batch = new WriteBatch(RocksBatch.encode(rows, this::id))) {
        db.write(sync ? synced : unsynced, batch);
      }
    } catch (RocksDBException e) {
      throw failure(e);
    } finally {
      use.readLock().unlock();
    }
  }

  private int id(Family family) {
    return families.get(family).getID();
  }

  @Override
  public void sync() throws IOException {
    use.readLock().lock();
    try {
      checkOpen();
      db.flushWal(true);
    } catch (RocksDBException e) {
      throw failure(e);
    } finally {
      use.readLock().unlock();
    }
  }

  @Override
  public byte @Nullable [] get(Family family, byte[] key) throws IOException {
    use.readLock().lock();
    try {
      checkOpen();
      return db.get(families.get(family), key);
    } catch (RocksDBException e) {
      throw failure(e);
    } finally {
      use.readLock().unlock();
    }
  }

  @Override
  public List<byte @Nullable []> getAll(Family family, List<byte[]> keys) throws IOException {
    use.readLock().lock();
    try {
      checkOpen();
      return db.multiGetAsList(Collections.nCopies(keys.size(), families.get(family)), keys);
    } catch (RocksDBException e) {
      throw failure(e);
    } finally {
      use.readLock().unlock();
    }
  }

  @Override
  public Cursor cursor(Family family, byte[] from, byte[] to) throws IOException {
    use.readLock().lock(); // given back when the cursor is closed
    boolean opened = false;
    try {
      checkOpen();
      Cursor cursor = new RocksCursor(families.get(family), from, to);
      opened = true;
      return cursor;
    } finally {
      if (!opened) {
        use.readLock().unlock();
      }
    }
  }

  private final class RocksCursor implements Cursor {

    private final Slice lower;
    private final Slice upper;
    private final ReadOptions options;
    private final RocksIterator rows;

    RocksCursor(ColumnFamilyHandle family, byte[] from, byte[] to) {
      lower = new Slice(from);
      upper = new Slice(to);
      options =
          new ReadOptions()
              .setIterateLowerBound(lower)
              .setIterateUpperBound(upper)
              .setReadaheadSize(0);
      rows = db.newIterator(family, options);
    }

    @Override
    public void seek(byte[] key) {
      rows.seek(key);
    }

    @Override
    public void seekBelow(byte[] key) {
      rows.seekForPrev(key);
      if (rows.isValid() && Arrays.equals(rows.key(), key)) {
        rows.prev();
      }
    }

    @Override
    public void next() {
      rows.next();
    }

    @Override
    public boolean isValid() throws IOException {
      if (rows.isValid()) {
        return true;
      }
      try {
        rows.status();
        return false;
      } catch (RocksDBException e) {
        throw failure(e);
      }
    }

    @Override
    public byte[] key() {
      return rows.key();
    }

    @Override
    public byte[] value() {
      return rows.value();
    }

    @Override
    public void close() {
      rows.close();
      options.close();
      lower.close();
      upper.close();
      use.readLock().unlock();
    }
  }

  /**
   * Counts by the properties of files that lie within the range and overlap with no other, and by
   * looking at each row only in between them: the cost is that of the files, not of the rows. Rows
   * that are not in files yet may delete or replace others, so then all are looked at; an open
   * leaves none.
   */
  @Override
  public long count(Family family, byte[] from, byte[] to) throws IOException {
    long count = 0;
    byte[] next = from;
    for (CountedFile file : countableFiles(family, from, to)) {
      count += countRows(family, next, file.smallest) + file.rows;
      next = Arrays.copyOf(file.largest, file.largest.length + 1); // the next possible key
    }
    return count + countRows(family, next, to);
  }

  private record CountedFile(byte[] smallest, byte[] largest, long rows, boolean countable) {}

  private List<CountedFile> countableFiles(Family family, byte[] from, byte[] to)
      throws IOException {
    use.readLock().lock();
    try {
      checkOpen();
      ColumnFamilyHandle handle = families.get(family);
      if (db.getLongProperty(handle, "rocksdb.num-entries-active-mem-table") > 0
          || db.getLongProperty(handle, "rocksdb.num-entries-imm-mem-tables") > 0) {
        return List.of();
      }
      Map<String, TableProperties> properties = db.getPropertiesOfAllTables(handle);
      List<CountedFile> files = new ArrayList<>();
      for (LiveFileMetaData file : db.getLiveFilesMetaData()) {
        if (Arrays.equals(file.columnFamilyName(), handle.getName())) {
          TableProperties table = properties.get(file.path() + file.fileName());
          boolean countable =
              table != null
                  && table.getNumDeletions() == 0
                  && table.getNumRangeDeletions() == 0
                  && Arrays.compareUnsigned(file.smallestKey(), from) >= 0
                  && Arrays.compareUnsigned(file.largestKey(), to) < 0;
          files.add(
              new CountedFile(
                  file.smallestKey(),
                  file.largestKey(),
                  countable ? table.getNumEntries() : 0,
                  countable));
        }
      }
      return alone(files);
    } catch (RocksDBException e) {
      throw failure(e);
    } finally {
      use.readLock().unlock();
    }
  }

  /** Those that can be counted and overlap with no other file, in ascending order. */
  private static List<CountedFile> alone(List<CountedFile> files) {
    files.sort(Comparator.comparing(CountedFile::smallest, Arrays::compareUnsigned));
    List<CountedFile> alone = new ArrayList<>();
    byte[] largestBefore = null;
    for (int i = 0; i < files.size(); i++) {
      CountedFile file = files.get(i);
      boolean clear =
          (largestBefore == null || Arrays.compareUnsigned(largestBefore, file.smallest) < 0)
              && (i + 1 == files.size()
                  || Arrays.compareUnsigned(file.largest, files.get(i + 1).smallest) < 0);
      if (clear && file.countable) {
        alone.add(file);
      }
      if (largestBefore == null || Arrays.compareUnsigned(file.largest, largestBefore) > 0) {
        largestBefore = file.largest;
      }
    }
    return alone;
  }

  private long countRows(Family family, byte[] from, byte[] to) throws IOException {
    if (Arrays.compareUnsigned(from, to) >= 0) {
      return 0;
    }
    long count = 0;
    try (Cursor rows = cursor(family, from, to)) {
      for (rows.seek(from); rows.isValid(); rows.next()) {
        count++;
      }
    }
    return count;
  }

  @Override
  public void drop(Family family, byte[] below) throws IOException {
    use.readLock().lock();
    try {
      checkOpen();
      ColumnFamilyHandle handle = families.get(family);
      byte[] first = new byte[0];
      db.deleteFilesInRanges(handle, List.of(first, below), false);
      db.deleteRange(handle, unsynced, first, below);
    } catch (RocksDBException e) {
      throw failure(e);
    } finally {
      use.readLock().unlock();
    }
  }

  @Override
  public void close() {
    use.writeLock().lock();
    try {
      if (!closed) {
        closed = true;
        families.values().forEach(ColumnFamilyHandle::close);
        db.close();
        synced.close();
        unsynced.close();
        closeAll(owned);
      }
    } finally {
      use.writeLock().unlock();
    }
  }

  private void checkOpen() throws IOException {
    if (closed) {
      throw new IOException("the storage is closed");
    }
  }

  private static void closeAll(List<AutoCloseable> owned) {
    for (int i = owned.size() - 1; i >= 0; i--) {
      try {
        owned.get(i).close();
      } catch (Exception e) {
        throw new AssertionError("options of RocksDB close without exceptions", e);
      }
    }
  }

  private static IOException failure(RocksDBException e) {
    return new IOException(e.getMessage(), e);
  }
}
