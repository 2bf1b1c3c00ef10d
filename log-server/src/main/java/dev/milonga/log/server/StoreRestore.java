package dev.milonga.log.server;

import dev.milonga.log.LogEntry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Makes a store of a backup.
 *
 * <ol>
 *   <li>Database and mark are made in {@code restoring}, a directory within the target. A target
 *       that has it is neither a store nor empty, so nobody opens it or makes a store there.
 *   <li>The database moves to where one waits that was made, but has no mark yet.
 *   <li>The mark moves to its place: from here on this is a store, and whoever opens it finishes
 *       what is left.
 *   <li>The database gets its name, and {@code restoring} goes.
 * </ol>
 */
final class StoreRestore {

  private final Path file;
  private final Path directory;
  private final Path restoring;
  private final Consumer<String> steps; // learns of each step that was made, for tests

  StoreRestore(Path file, Path directory, Consumer<String> steps) {
    this.file = file;
    this.directory = directory;
    this.restoring = directory.resolve(StoreDirectory.RESTORING);
    this.steps = steps;
  }

  /** Restores, and leaves nothing behind if that fails. */
  static Backup run(Path file, Path directory) throws IOException {
    if (!Files.exists(file)) {
      throw new BackupFailedException("there is no backup " + file, null);
    }
    boolean made = !Files.exists(directory);
    StoreDirectory.makeDirectory(directory);
    StoreDirectory.checkRestorable(directory);
    boolean lockWasThere = Files.exists(directory.resolve(DirectoryLock.LOCK_FILE));
    StoreRestore restore = new StoreRestore(file, directory, step -> {});
    DirectoryLock lock = DirectoryLock.take(directory, InstantSource.system().instant());
    try {
      StoreDirectory.checkRestorable(directory); // now nobody else can make a store here
      try {
        return restore.make();
      } catch (IOException | RuntimeException | Error e) {
        restore.cleanUp(lockWasThere, made, e);
        throw e;
      }
    } finally {
      lock.close();
    }
  }

  private void cleanUp(boolean lockWasThere, boolean made, Throwable why) {
    try {
      if (Files.exists(directory.resolve(StoreDirectory.MARK))) {
        return; // it is a store already, and will be finished when it is opened
      }
      StoreDirectory.deleteAll(restoring);
      StoreDirectory.deleteAll(directory.resolve(StoreDirectory.DATABASE_IN_THE_MAKING));
      if (!lockWasThere) {
        Files.deleteIfExists(directory.resolve(DirectoryLock.LOCK_FILE));
      }
      if (made) {
        Files.deleteIfExists(directory.resolve(DirectoryLock.OWNER_FILE));
        Files.deleteIfExists(directory);
      }
    } catch (IOException e) {
      why.addSuppressed(e);
    }
  }

  /** Restores into a directory that may be restored into and is locked. */
  Backup make() throws IOException {
    StoreDirectory.deleteAll(restoring);
    StoreDirectory.deleteAll(directory.resolve(StoreDirectory.DATABASE_IN_THE_MAKING));
    new OwnerOnly(directory).tighten();
    OwnerOnly.create(restoring);
    StoreDirectory.sync(directory);
    steps.accept("begun");
    Path database = restoring.resolve(StoreDirectory.DATABASE);
    OwnerOnly.create(database);
    Backup backup;
    Rows rows;
    try (RocksStorage storage = RocksStorage.open(database, true)) {
      rows = new Rows(storage);
      backup = Backup.read(file, rows);
      steps.accept("rows written");
      rows.finish();
    }
    steps.accept("database made");
    Path mark = restoring.resolve(StoreDirectory.MARK);
    StoreDirectory.makeMark(StoreParts.FILES, mark, rows.meta.mark());
    StoreDirectory.sync(restoring);
    steps.accept("mark made");
    move(database, directory.resolve(StoreDirectory.DATABASE_IN_THE_MAKING));
    steps.accept("database moved");
    move(mark, directory.resolve(StoreDirectory.MARK));
    steps.accept("mark moved");
    move(
        directory.resolve(StoreDirectory.DATABASE_IN_THE_MAKING),
        directory.resolve(StoreDirectory.DATABASE));
    StoreDirectory.deleteAll(restoring);
    return backup;
  }

  private void move(Path from, Path to) throws IOException {
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    StoreDirectory.sync(directory);
  }

  /** Puts what is in a backup into a storage, with the index that follows from it. */
  static final class Rows implements BackupReader.Sink {

    private static final int BATCH_ENTRIES = 1_024;
    private static final long BATCH_BYTES = 4L << 20;
    private static final long[] NO_PREVIOUS = {};

    private final Storage storage;
    private final List<AcceptedEntry> entries = new ArrayList<>();
    private long bytes; // of the entries
    private RowBatch rows = new RowBatch();
    private StoreMeta meta = new StoreMeta(0, 0, EngineParameters.DEFAULT, EngineState.EMPTY);

    Rows(Storage storage) {
      this.storage = storage;
    }

    /** The identity is drawn anew: two stores that go on from here are not one. */
    @Override
    public void head(StoreMeta backedUp) {
      ByteBuffer identity = ByteBuffer.allocate(16);
      new SecureRandom().nextBytes(identity.array());
      meta = backedUp.as(identity.getLong(0), identity.getLong(8));
    }

    @Override
    public void entry(LogEntry entry, byte[] encoded) throws IOException {
      entries.add(new AcceptedEntry(entry, encoded, NO_PREVIOUS));
      rows.put(Storage.Family.ENTRIES, Bytes.ofLong(entry.position().value()), encoded);
      bytes += encoded.length;
      if (entries.size() >= BATCH_ENTRIES || bytes >= BATCH_BYTES) {
        flush();
      }
    }

    @Override
    public void session(byte[] key, byte[] value) throws IOException {
      rows.put(Storage.Family.SESSIONS, key, value);
      if (rows.rows().size() >= BATCH_ENTRIES) {
        flush();
      }
    }

    private void flush() throws IOException {
      StreamIndex.addRows(entries, rows);
      storage.write(rows, false);
      rows = new RowBatch();
      entries.clear();
      bytes = 0;
    }

    /** Makes all of it durable, when the backup has been read to its end. */
    StoreMeta finish() throws IOException {
      meta.addTo(rows);
      flush();
      storage.sync();
      return meta;
    }
  }
}
