package dev.milonga.log.server;

import dev.milonga.log.LogEntry;
import dev.milonga.log.LogPosition;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;

/**
 * A backup: all that a log held at one position, in one file. It is made by {@link
 * EmbeddedLog#backupTo}, while the log is in use.
 *
 * <pre>{@code
 * log.backupTo(Path.of("monday.backup"));
 * Backup.verify(Path.of("monday.backup"));
 * Backup.restore(Path.of("monday.backup"), Path.of("data-of-monday"));
 * }</pre>
 *
 * @param file where it is
 * @param store the identity of the store that it was taken of, 32 hexadecimal digits
 * @param trimMark the first position in it
 * @param tail the position after the last one in it
 * @param taken when it was taken, by the clock of the log
 * @param bytes its size
 */
public record Backup(
    Path file, String store, LogPosition trimMark, LogPosition tail, Instant taken, long bytes) {

  /** A backup with that content. */
  public Backup {
    if (trimMark.compareTo(tail) > 0 || bytes < 0) {
      throw new IllegalArgumentException(
          "no backup has positions [" + trimMark + ", " + tail + ") and " + bytes + " bytes");
    }
  }

  /** The number of entries in it. */
  public long entries() {
    return tail.value() - trimMark.value();
  }

  /**
   * Reads a backup from one end to the other and checks every byte of it, changing nothing.
   *
   * @throws DamagedBackupException if it is cut off, altered, or no backup; names the place
   * @throws NewerFormatException if it was written by a newer version
   * @throws BackupFailedException if it cannot be read
   */
  public static Backup verify(Path file) {
    return read(
        file,
        new BackupReader.Sink() {
          @Override
          public void head(StoreMeta meta) {}

          @Override
          public void entry(LogEntry entry, byte[] bytes) {}

          @Override
          public void session(byte[] key, byte[] value) {}
        });
  }

  /**
   * Makes a store of a backup, in a directory that is empty or does not exist. It has the same
   * positions, entries, sessions and trim mark, and an identity of its own. Every sum is checked
   * before what it covers is used. Nothing is written outside of the directory, and it is a store
   * only when all of it is there and durable: what is left by a crash in between is refused by
   * every attempt to open it, and replaced by the next one to restore there.
   *
   * @return what was restored
   * @throws DamagedBackupException if the backup is cut off, altered, or none; nothing is left
   * @throws NewerFormatException if it was written by a newer version; nothing is left
   * @throws IllegalArgumentException if the directory holds a store, or anything else; it is as it
   *     was
   * @throws StoreInUseException if another restore into it is under way
   * @throws BackupFailedException if reading or writing fails; nothing is left, if removing it does
   *     not fail as well
   */
  public static Backup restore(Path file, Path directory) {
    try {
      return StoreRestore.run(file, directory);
    } catch (IOException e) {
      throw new BackupFailedException(
          "restoring " + file + " into " + directory + " failed: " + reason(e), e);
    }
  }

  static Backup read(Path file, BackupReader.Sink sink) {
    if (Files.isDirectory(file)) {
      throw new BackupFailedException(file + " is a directory, not a backup", null);
    }
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file), 256 << 10)) {
      return new BackupReader(file, in, sink).read();
    } catch (NoSuchFileException e) {
      throw new BackupFailedException("there is no backup " + file, e);
    } catch (IOException e) {
      throw new BackupFailedException("reading the backup " + file + " failed: " + reason(e), e);
    }
  }

  /** What an exception of the file system says, which may be no more than a name. */
  static String reason(IOException e) {
    return e.getClass() == IOException.class ? e.getMessage() : e.toString();
  }
}
