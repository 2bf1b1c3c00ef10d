package dev.milonga.log.server;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
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
import org.rocksdb.Slice;
import org.rocksdb.Status;
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

  private static final long REOPENING_BYTES = 1L << 20; // beside tables of what is in the log
  private static final long REOPENING_WAIT_MILLIS = 100; // new calls wait meanwhile

  private final Path directory;
  private final List<AutoCloseable> owned = new ArrayList<>();
  private final Map<Family, ColumnFamilyHandle> families = new EnumMap<>(Family.class);
  private RocksDB db; // guarded by use, as families are and owned is
  private final WriteOptions synced = new WriteOptions().setSync(true);
  private final WriteOptions unsynced = new WriteOptions().setSync(false);

  // Reading: a call into the database. Writing: closing it, after which memory is gone.
  private final ReentrantReadWriteLock use = new ReentrantReadWriteLock();
  private boolean closed; // guarded by use
  private boolean isOpen; // guarded by use; only a reopening that failed leaves it neither

  // Held while files are dropped, and while a snapshot takes hold of its files: family by family,
  // so a drop in between would take from it what it is about to see.
  private final ReentrantLock dropping = new ReentrantLock();

  private RocksStorage(Path directory, DBOptions options, Opening opening) throws IOException {
    this.directory = directory;
    this.db = open(options, opening);
  }

  /** Opens what is there; with {@code create} there must be nothing, and it is made. */
  static RocksStorage open(Path directory, boolean create) throws IOException {
    return new RocksStorage(directory, options(create), RocksDB::open);
  }

  /** Opens what is there for reading, without changing a file; nobody may have it open. */
  static RocksStorage openReadOnly(Path directory) throws IOException {
    return new RocksStorage(directory, options(false), RocksDB::openReadOnly);
  }

  private interface Opening {
    RocksDB open(
        DBOptions options,
        String path,
        List<ColumnFamilyDescriptor> descriptors,
        List<ColumnFamilyHandle> handles)
        throws RocksDBException;
  }

  private RocksDB open(DBOptions options, Opening opening) throws IOException {
    own(owned, options);
    try {
      Cache cache = own(owned, new LRUCache(BLOCK_CACHE_BYTES));
      List<ColumnFamilyDescriptor> descriptors = new ArrayList<>();
      for (Family family : Family.values()) {
        byte[] name =
            family == Family.META
                ? RocksDB.DEFAULT_COLUMN_FAMILY
                : family.name().toLowerCase(java.util.Locale.ROOT).getBytes();
        descriptors.add(new ColumnFamilyDescriptor(name, own(owned, familyOptions(family, cache))));
      }
      List<ColumnFamilyHandle> handles = new ArrayList<>();
      RocksDB opened = opening.open(options, directory.toString(), descriptors, handles);
      for (Family family : Family.values()) {
        families.put(family, handles.get(family.ordinal()));
      }
      isOpen = true;
      return opened;
    } catch (RocksDBException e) {
      closeAll(owned);
      owned.clear();
      throw failure(e);
    }
  }

  private static <T extends AutoCloseable> T own(List<AutoCloseable> owned, T closeable) {
    owned.add(closeable);
    return closeable;
  }

  private static DBOptions options(boolean create) {
    RocksDB.loadLibrary();
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
        .setLevel0FileNumCompactionTrigger(leavesFirstLevel(family) ? 1 : 4)
        // The same on all levels: what comes in order is moved down, not written again.
        .setCompressionType(CompressionType.LZ4_COMPRESSION)
        .setTableFormatConfig(
            new BlockBasedTableConfig()
                .setBlockCache(cache)
                .setBlockSize(family == Family.ENTRIES ? 16 << 10 : 8 << 10));
  }

  // At once, since no file can be dropped from there: entries come in order, so nothing is written
  // again for it.
  private static boolean leavesFirstLevel(Family family) {
    return family == Family.ENTRIES;
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
      Slice lower = new Slice(from);
      Slice upper = new Slice(to);
      ReadOptions options =
          new ReadOptions()
              .setIterateLowerBound(lower)
              .setIterateUpperBound(upper)
              .setReadaheadSize(0);
      Cursor cursor =
          new RocksCursor(
              db.newIterator(families.get(family), options),
              () -> {
                options.close();
                lower.close();
                upper.close();
                use.readLock().unlock();
              });
      opened = true;
      return cursor;
    } finally {
      if (!opened) {
        use.readLock().unlock();
      }
    }
  }

  @Override
  public Snapshot snapshot() throws IOException {
    use.readLock().lock(); // given back when the snapshot is closed
    dropping.lock();
    boolean opened = false;
    try {
      checkOpen();
      Snapshot snapshot = new RocksSnapshot(db, families, use.readLock()::unlock);
      opened = true;
      return snapshot;
    } catch (RocksDBException e) {
      throw failure(e);
    } finally {
      dropping.unlock();
      if (!opened) {
        use.readLock().unlock();
      }
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

  /**
   * Takes the files out that hold nothing else. The others go with a later call, when all that they
   * hold is below. (Deleting the range as well would leave a mark that spans all rows below in each
   * file written from then on, so that files overlap, and are written again and again.)
   */
  @Override
  public boolean drop(Family family, byte[] below) throws IOException {
    use.readLock().lock();
    dropping.lock();
    try {
      checkOpen();
      ColumnFamilyHandle handle = families.get(family);
      db.deleteFilesInRanges(handle, List.of(new byte[0], below), false);
      return leavesFirstLevel(family) && hasFileBelow(handle, below);
    } catch (RocksDBException e) {
      throw failure(e);
    } finally {
      dropping.unlock();
      use.readLock().unlock();
    }
  }

  // Those on the first level, and those that are being moved down, cannot be dropped.
  private boolean hasFileBelow(ColumnFamilyHandle handle, byte[] below) throws RocksDBException {
    byte[] name = handle.getName();
    return db.getLiveFilesMetaData().stream()
        .anyMatch(
            file ->
                Arrays.equals(file.columnFamilyName(), name)
                    && Arrays.compareUnsigned(file.largestKey(), below) < 0);
  }

  /** Reads all files and compares every block with its checksum. */
  void verifyFiles() throws IOException {
    use.readLock().lock();
    try {
      checkOpen();
      db.verifyChecksum();
    } catch (RocksDBException e) {
      throw failure(e);
    } finally {
      use.readLock().unlock();
    }
  }

  /**
   * Opening makes tables of all that the write-ahead log holds, and syncs them: what is there after
   * it is durable, also where a sync had failed before. If that does not succeed, what is stored is
   * opened for reading only.
   */
  @Override
  public void reopen() throws IOException {
    checkRoom();
    lockForReopening();
    try {
      if (closed) {
        throw new IOException("the storage is closed");
      }
      closeDatabase();
      try {
        db = open(options(false), RocksDB::open);
      } catch (IOException e) {
        db = open(options(false), RocksDB::openReadOnly);
        throw e;
      }
    } finally {
      use.writeLock().unlock();
    }
  }

  /** Spares readers attempts to open the database that can only fail. */
  private void checkRoom() throws IOException {
    long needed = REOPENING_BYTES;
    try (DirectoryStream<Path> logs = Files.newDirectoryStream(directory, "*.log")) {
      for (Path log : logs) {
        needed += Files.size(log);
      }
    } catch (NoSuchFileException e) {
      // the database has just removed it, and an attempt is safe at any time
    }
    long free = Files.getFileStore(directory).getUnallocatedSpace();
    if (free < needed) {
      throw new DiskFullException(free + " bytes are free, " + needed + " are needed", null);
    }
  }

  // Not for long, since it holds off new calls: a call that takes its time would stop all others.
  private void lockForReopening() throws IOException {
    boolean locked;
    try {
      locked = use.writeLock().tryLock(REOPENING_WAIT_MILLIS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      locked = false;
    }
    if (!locked) {
      throw new DiskFullException("there is room, but reads under way have not ended yet", null);
    }
  }

  @Override
  public void close() {
    use.writeLock().lock();
    try {
      if (!closed) {
        closed = true;
        closeDatabase();
        synced.close();
        unsynced.close();
      }
    } finally {
      use.writeLock().unlock();
    }
  }

  private void closeDatabase() {
    if (isOpen) {
      isOpen = false;
      families.values().forEach(ColumnFamilyHandle::close);
      db.close();
      closeAll(owned);
      owned.clear();
    }
  }

  private void checkOpen() throws IOException {
    if (!isOpen) {
      throw new IOException(
          closed ? "the storage is closed" : "the storage could not be opened again");
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

  static IOException failure(RocksDBException e) {
    Status status = e.getStatus();
    if (status != null && status.getSubCode() == Status.SubCode.NoSpace) {
      return new DiskFullException(e.getMessage(), e);
    }
    // A file that is missing is an I/O error too, with a sub-code that has no name in Java.
    return status != null
            && status.getCode() == Status.Code.IOError
            && status.getSubCode() == Status.SubCode.None
        ? new IOException(e.getMessage(), e)
        : new DamagedFilesException(e.getMessage(), e);
  }
}
