package dev.milonga.log.server;

import dev.milonga.log.DamagedEntryException;
import dev.milonga.log.LogPosition;
import dev.milonga.log.format.EntryFormat;
import dev.milonga.log.server.Storage.Cursor;
import dev.milonga.log.server.Storage.Family;
import dev.milonga.log.server.Storage.Snapshot;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;

/**
 * Copies what a store holds at one moment into a file.
 *
 * <p>The moment is a snapshot of the storage, which holds what it needs against being trimmed, so
 * writers and trims go on. The file grows under another name, {@code NAME.partial}, is synced now
 * and then, so that no sync of the log has to wait for much of it, and gets its name when all of it
 * is durable.
 */
final class StoreBackup {

  private static final String PARTIAL = ".partial";
  private static final long SYNC_BYTES = 2L << 20;

  private final String where;
  private final Path file;
  private final Path partial;
  private final Instant now;

  /** Is told of bytes just written, and may wait, or throw to have the backup given up. */
  interface Pace {
    void wrote(long bytes);
  }

  /**
   * A backup of a store into a file.
   *
   * @param where the store, for messages
   * @param now the time at which it is taken
   */
  StoreBackup(String where, Path file, Instant now) {
    this.where = where;
    this.file = file;
    this.partial = file.resolveSibling(file.getFileName() + PARTIAL);
    this.now = now.truncatedTo(ChronoUnit.MICROS);
  }

  /**
   * Writes the file.
   *
   * @param beforeLanding is run when all is written, before the file gets its name
   */
  Backup write(Snapshot snapshot, Pace pace, Runnable beforeLanding) {
    refuseExisting();
    boolean landed = false;
    try {
      create();
      try {
        Backup backup;
        try (FileOutputStream out = new FileOutputStream(partial.toFile())) {
          backup = write(snapshot, out, pace, () -> out.getFD().sync());
        }
        beforeLanding.run();
        refuseExisting();
        Files.move(partial, file, StandardCopyOption.ATOMIC_MOVE);
        landed = true;
        StoreDirectory.sync(file.toAbsolutePath().getParent());
        return backup;
      } finally {
        if (!landed) {
          Files.deleteIfExists(partial);
        }
      }
    } catch (FileAlreadyExistsException e) {
      throw new BackupFailedException(
          partial
              + " exists: a backup to "
              + file
              + " is under way, or was cut short; if none is under way, delete it",
          e);
    } catch (IOException e) {
      throw new BackupFailedException(
          "backing "
              + where
              + " up to "
              + file
              + " failed"
              + (landed ? " to make its name durable" : "")
              + ": "
              + Backup.reason(e),
          e);
    }
  }

  private void refuseExisting() {
    if (Files.exists(file)) {
      throw new IllegalArgumentException(
          file + " exists already, and a backup replaces nothing; name a file that does not");
    }
  }

  private void create() throws IOException {
    if (file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      Files.createFile(
          partial,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    } else {
      Files.createFile(partial);
    }
  }

  /** Makes what was written durable. */
  interface Sync {
    void sync() throws IOException;
  }

  Backup write(Snapshot snapshot, OutputStream out, Pace pace, Sync sync) throws IOException {
    StoreMeta meta = meta(where, snapshot);
    Progress progress = new Progress(new BackupWriter(out), pace, sync);
    progress.to.head(meta, ChronoUnit.MICROS.between(Instant.EPOCH, now));
    entries(snapshot.cursor(Family.ENTRIES), meta.state(), progress);
    Cursor sessions = snapshot.cursor(Family.SESSIONS);
    for (sessions.seek(LogStore.FIRST_KEY); sessions.isValid(); sessions.next()) {
      progress.to.session(sessions.key(), sessions.value());
      progress.report();
    }
    progress.to.end();
    sync.sync();
    return new Backup(
        file,
        meta.identity(),
        new LogPosition(meta.state().trimMark()),
        new LogPosition(meta.state().tail()),
        now,
        progress.to.bytes());
  }

  /** The two rows of a snapshot. */
  static StoreMeta meta(String where, Snapshot snapshot) throws IOException {
    Cursor rows = snapshot.cursor(Family.META);
    return StoreMeta.read(
        where,
        key -> {
          rows.seek(key);
          return rows.isValid() && Arrays.equals(rows.key(), key) ? rows.value() : null;
        });
  }

  private static void entries(Cursor rows, EngineState state, Progress progress)
      throws IOException {
    rows.seek(Bytes.ofLong(state.trimMark()));
    for (long next = state.trimMark(); next < state.tail(); next++) {
      LogPosition position = new LogPosition(next);
      if (!rows.isValid() || Bytes.longAt(rows.key(), 0) != next) {
        throw new DamagedEntryException(position, "it is missing");
      }
      byte[] bytes = rows.value();
      EntryFormat.decode(position, bytes); // what is damaged is not handed on as if it were not
      progress.to.entry(next, bytes);
      progress.report();
      rows.next();
    }
  }

  private static final class Progress {
    final BackupWriter to;
    private final Pace pace;
    private final Sync sync;
    private long reported;
    private long synced;

    Progress(BackupWriter to, Pace pace, Sync sync) {
      this.to = to;
      this.pace = pace;
      this.sync = sync;
    }

    void report() throws IOException {
      long bytes = to.bytes();
      if (bytes - synced >= SYNC_BYTES) {
        sync.sync();
        synced = bytes;
      }
      if (bytes > reported) {
        pace.wrote(bytes - reported);
        reported = bytes;
      }
    }
  }
}
