package dev.milonga.log.server;

import dev.milonga.log.LogUnavailableException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A store as a directory: the database in {@code rocksdb}, the high-water mark in {@code mark},
 * {@code lock} and {@code owner}, and in {@code memory} what only saves time.
 *
 * <p><b>Making one</b> takes three durable steps: the database is made under another name and
 * closed; the mark is written; the database gets its name. Only what is left after the first step
 * may be thrown away, and only while there is no mark; so no crash makes a store that cannot be
 * opened, and no loss of a part is taken for a store that was never there.
 */
final class StoreDirectory implements AutoCloseable {

  static final String DATABASE = "rocksdb";
  static final String DATABASE_IN_THE_MAKING = "rocksdb.new";
  static final String MARK = "mark";
  private static final String MARK_IN_THE_MAKING = "mark.new";
  static final String RESTORING = "restoring"; // where a backup is restored, until it is whole

  private static final Logger LOG = LoggerFactory.getLogger(StoreDirectory.class);

  private final Path path;
  private final DirectoryLock lock;
  private final LogStore store;
  private final List<OwnerOnly> directories;
  private boolean cannotTighten; // it has been said

  private StoreDirectory(Path path, DirectoryLock lock, LogStore store) {
    this.path = path;
    this.lock = lock;
    this.store = store;
    this.directories = List.of(new OwnerOnly(path), new OwnerOnly(path.resolve(DATABASE)));
  }

  /**
   * Opens the store in that directory, or makes one if the directory is empty or missing.
   *
   * @param parts what it is made of
   * @param parameters of a store that is made; one that exists keeps its own
   * @throws StoreInUseException if it is open already
   * @throws DamagedStoreException if something is missing
   * @throws NewerFormatException if its format is newer than this program
   * @throws IllegalArgumentException if the directory has other content
   * @throws LogUnavailableException if the file system refuses
   */
  static StoreDirectory open(
      Path path, StoreParts parts, EngineParameters parameters, Instant now) {
    try {
      makeDirectory(path);
      if (!holdsStore(path)) {
        checkEmpty(path); // so that a directory of somebody else's is left as it was
      }
      DirectoryLock lock = DirectoryLock.take(path, now);
      try {
        StoreDirectory opened = new StoreDirectory(path, lock, openLocked(path, parts, parameters));
        opened.keepPrivate();
        return opened;
      } catch (IOException | RuntimeException | Error e) {
        lock.close();
        throw e;
      }
    } catch (IOException e) {
      throw LogStore.notOpened(path.toString(), e);
    }
  }

  /** Whether there is a store in that directory, or what is left of one. Changes nothing. */
  static boolean holdsStore(Path path) {
    return Files.exists(path.resolve(MARK)) || Files.exists(path.resolve(DATABASE));
  }

  LogStore store() {
    return store;
  }

  /** Keeps others from what was made meanwhile. Not for two threads at a time. */
  void keepPrivate() {
    try {
      for (OwnerOnly directory : directories) {
        directory.tighten();
      }
    } catch (IOException e) {
      if (!cannotTighten) {
        cannotTighten = true;
        LOG.warn("{} cannot be kept from other users; see to its permissions", path, e);
      }
    }
  }

  @Override
  public void close() {
    keepPrivate();
    try {
      store.close();
    } finally {
      try {
        lock.close();
      } catch (IOException e) {
        throw new LogUnavailableException("releasing the directory failed: " + e.getMessage(), e);
      }
    }
  }

  private static LogStore openLocked(Path path, StoreParts parts, EngineParameters parameters)
      throws IOException {
    Path database = path.resolve(DATABASE);
    Path mark = path.resolve(MARK);
    Path databaseInTheMaking = path.resolve(DATABASE_IN_THE_MAKING);
    if (!Files.exists(mark)) {
      if (Files.exists(database)) {
        throw new DamagedStoreException(
            path.toString(), "its high-water mark, the file '" + MARK + "', is missing", null);
      }
      checkEmpty(path);
      make(path, parts, parameters);
    }
    if (!Files.exists(database)) {
      if (!Files.exists(databaseInTheMaking)) {
        throw new DamagedStoreException(
            path.toString(), "its database, the directory '" + DATABASE + "', is missing", null);
      }
      Files.move(databaseInTheMaking, database, StandardCopyOption.ATOMIC_MOVE);
      sync(path);
    }
    return openParts(path, parts, database, mark);
  }

  private static LogStore openParts(Path path, StoreParts parts, Path database, Path markFile)
      throws IOException {
    Storage storage;
    try {
      storage = parts.storage(database, false);
    } catch (DamagedFilesException e) {
      throw new DamagedStoreException(
          path.toString(), "its database does not open: " + e.getMessage(), e);
    }
    HighWaterMark mark = null;
    try {
      mark = new HighWaterMark(parts.slots(markFile, false));
      return LogStore.open(path.toString(), storage, mark, Optional.of(new MemoryFile(path)));
    } catch (IOException | RuntimeException e) {
      storage.close();
      if (mark != null) {
        mark.close();
      }
      throw e;
    }
  }

  private static void make(Path path, StoreParts parts, EngineParameters parameters)
      throws IOException {
    Path databaseInTheMaking = path.resolve(DATABASE_IN_THE_MAKING);
    Path markInTheMaking = path.resolve(MARK_IN_THE_MAKING);
    deleteAll(databaseInTheMaking);
    Files.deleteIfExists(markInTheMaking);
    ByteBuffer identity = ByteBuffer.allocate(16);
    new SecureRandom().nextBytes(identity.array());
    HighWaterMark.Mark first;
    OwnerOnly.create(databaseInTheMaking);
    try (Storage storage = parts.storage(databaseInTheMaking, true)) {
      first = LogStore.create(storage, identity.getLong(0), identity.getLong(8), parameters);
    }
    makeMark(parts, markInTheMaking, first);
    sync(path);
    Files.move(markInTheMaking, path.resolve(MARK), StandardCopyOption.ATOMIC_MOVE);
    sync(path);
  }

  /** Makes the file of a high-water mark, durably but for its name. */
  static void makeMark(StoreParts parts, Path file, HighWaterMark.Mark first) throws IOException {
    try (HighWaterMark mark = new HighWaterMark(parts.slots(file, true))) {
      mark.write(first);
      mark.write(first);
      mark.sync();
    }
  }

  /**
   * Checks that a backup may be restored there: nothing is there but what an earlier restore that
   * was cut short has left.
   */
  static void checkRestorable(Path path) throws IOException {
    if (holdsStore(path)) {
      throw new IllegalArgumentException(
          path + " holds a store already; name a directory that is empty or does not exist yet");
    }
    checkEmpty(path, Files.exists(path.resolve(RESTORING)));
  }

  static void makeDirectory(Path path) throws IOException {
    if (Files.isDirectory(path)) {
      return;
    }
    if (Files.exists(path)) {
      throw new IllegalArgumentException(path + " is not a directory; give an empty directory");
    }
    OwnerOnly.create(path);
  }

  private static void checkEmpty(Path path) throws IOException {
    if (Files.exists(path.resolve(RESTORING))) {
      throw new IllegalArgumentException(
          path
              + " holds no store, but what is left of a restore that was cut short; restore into it"
              + " again, or delete it");
    }
    checkEmpty(path, false);
  }

  private static void checkEmpty(Path path, boolean restoring) throws IOException {
    Set<String> ours =
        Set.of(
            DATABASE,
            DATABASE_IN_THE_MAKING,
            MARK,
            MARK_IN_THE_MAKING,
            MemoryFile.NAME,
            MemoryFile.NAME_IN_THE_MAKING,
            DirectoryLock.LOCK_FILE,
            DirectoryLock.OWNER_FILE);
    List<String> others = new ArrayList<>();
    try (Stream<Path> files = Files.list(path)) {
      files.map(file -> file.getFileName().toString()).sorted().forEach(others::add);
    }
    others.removeAll(ours);
    if (restoring) {
      others.remove(RESTORING);
    }
    if (!others.isEmpty()) {
      throw new IllegalArgumentException(
          path
              + " holds no store, but other files ("
              + String.join(", ", others.subList(0, Math.min(3, others.size())))
              + (others.size() > 3 ? ", …" : "")
              + "); give an empty directory");
    }
  }

  static void deleteAll(Path path) throws IOException {
    if (!Files.exists(path)) {
      return;
    }
    Files.walkFileTree(
        path,
        new SimpleFileVisitor<Path>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, IOException failure)
              throws IOException {
            Files.delete(directory);
            return FileVisitResult.CONTINUE;
          }
        });
  }

  /** Makes the names in that directory durable, where the platform can. */
  static void sync(Path directory) throws IOException {
    if (directory.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
        channel.force(true);
      }
    }
  }
}
