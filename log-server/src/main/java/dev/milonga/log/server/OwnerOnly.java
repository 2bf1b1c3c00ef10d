package dev.milonga.log.server;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A directory that is for its owner only, with the files right in it, where the file system knows
 * owners: 0700 and 0600.
 *
 * <p>The directory is what keeps others out, from before anything is in it. The database makes its
 * files at any time, as the process's umask lets it; those are tightened from time to time. Used by
 * one thread at a time.
 */
final class OwnerOnly {

  private static final Set<PosixFilePermission> DIRECTORY =
      PosixFilePermissions.fromString("rwx------");
  private static final Set<PosixFilePermission> FILE = PosixFilePermissions.fromString("rw-------");

  private final Path directory;

  // The files are looked at when the directory was changed, and once more the next time: what is
  // made within the same tick of its clock does not show.
  private @Nullable FileTime changed;
  private boolean settled;

  OwnerOnly(Path directory) {
    this.directory = directory;
  }

  /** Makes that directory, and those above it that are missing. */
  static void create(Path directory) throws IOException {
    if (knowsOwners(directory)) {
      Files.createDirectories(directory, PosixFilePermissions.asFileAttribute(DIRECTORY));
    } else {
      Files.createDirectories(directory);
    }
  }

  /** Tightens the directory, and what has been made in it since the last time. */
  void tighten() throws IOException {
    if (!knowsOwners(directory)) {
      return;
    }
    FileTime now = Files.getLastModifiedTime(directory);
    if (now.equals(changed) && settled) {
      return;
    }
    settled = now.equals(changed);
    changed = now;
    restrict(directory, DIRECTORY);
    try (DirectoryStream<Path> children = Files.newDirectoryStream(directory)) {
      for (Path child : children) {
        if (Files.isRegularFile(child, LinkOption.NOFOLLOW_LINKS)) {
          restrict(child, FILE);
        }
      }
    }
  }

  private static void restrict(Path path, Set<PosixFilePermission> permissions) throws IOException {
    try {
      if (!permissions.containsAll(Files.getPosixFilePermissions(path))) {
        Files.setPosixFilePermissions(path, permissions);
      }
    } catch (NoSuchFileException e) {
      // the database has just removed it
    }
  }

  private static boolean knowsOwners(Path path) {
    return path.getFileSystem().supportedFileAttributeViews().contains("posix");
  }
}
