package dev.milonga.log.server;

import dev.milonga.log.LogPosition;
import dev.milonga.log.server.HighWaterMark.Mark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Reads a whole store that nobody has open, and says what is wrong with it. Changes nothing, not
 * even what opening would repair.
 *
 * <p>Opening finds what would make a log serve fewer entries than it has acknowledged, and leaves
 * the rest to be found out when it is read. This reads it all: every block of every file against
 * its checksum, every entry, the index against the entries in both directions, the sessions, and
 * the high-water mark.
 */
public final class StoreCheck {

  private StoreCheck() {}

  /** Like {@link #check(Path, List)} with no further checks. */
  public static StoreReport check(Path directory) {
    return check(directory, List.of());
  }

  /**
   * Checks the store in that directory.
   *
   * @throws IllegalArgumentException if there is no store
   * @throws StoreInUseException if it is open; names by whom
   * @throws NewerFormatException if it was written by a newer version
   * @throws BackupFailedException if the directory cannot be read
   */
  public static StoreReport check(Path directory, List<EntryCheck> further) {
    if (!StoreDirectory.holdsStore(directory)) {
      throw new IllegalArgumentException(
          "there is no store in "
              + directory
              + (Files.exists(directory.resolve(StoreDirectory.RESTORING))
                  ? ", but what is left of a restore that was cut short"
                  : ""));
    }
    try {
      DirectoryLock lock = DirectoryLock.takeToRead(directory);
      try {
        return checkLocked(directory, further);
      } finally {
        lock.close();
      }
    } catch (IOException e) {
      throw new BackupFailedException(
          "checking the store in " + directory + " failed: " + Backup.reason(e), e);
    }
  }

  private static StoreReport checkLocked(Path directory, List<EntryCheck> further)
      throws IOException {
    Path database = directory.resolve(StoreDirectory.DATABASE);
    Path unnamed = directory.resolve(StoreDirectory.DATABASE_IN_THE_MAKING);
    Path mark = directory.resolve(StoreDirectory.MARK);
    Problems problems = new Problems();
    Optional<Mark> reached = mark(mark, problems);
    // A database that has a mark, but not its name yet, gets it when it is opened.
    boolean named = Files.exists(database) || !Files.exists(mark);
    return rows(directory, named ? database : unnamed, reached, further, problems);
  }

  private static Optional<Mark> mark(Path file, Problems problems) throws IOException {
    if (!Files.exists(file)) {
      problems.add("its high-water mark, the file '" + file.getFileName() + "', is missing");
      return Optional.empty();
    }
    try (HighWaterMark mark = new HighWaterMark(FileSlots.openReadOnly(file))) {
      Optional<Mark> reached = mark.read();
      if (reached.isEmpty()) {
        problems.add(
            "its high-water mark, the file '" + file.getFileName() + "', holds nothing valid");
      }
      return reached;
    }
  }

  private static StoreReport rows(
      Path directory,
      Path database,
      Optional<Mark> reached,
      List<EntryCheck> further,
      Problems problems) {
    StoreRowsCheck check = new StoreRowsCheck(directory.toString(), reached, further, problems);
    if (!Files.isDirectory(database)) {
      problems.add("its database, the directory '" + database.getFileName() + "', is missing");
    } else {
      try (RocksStorage storage = RocksStorage.openReadOnly(database)) {
        try {
          storage.verifyFiles();
        } catch (IOException e) {
          problems.add("a file of its database is damaged: " + e.getMessage());
        }
        check.run(storage);
      } catch (IOException e) {
        problems.add("its database does not open: " + e.getMessage());
      }
    }
    return new StoreReport(
        directory,
        check.store(),
        new LogPosition(check.state().trimMark()),
        new LogPosition(check.state().tail()),
        check.entries(),
        check.sessions(),
        problems.all());
  }
}
