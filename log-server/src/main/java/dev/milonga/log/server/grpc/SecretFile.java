package dev.milonga.log.server.grpc;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Set;

/** Reads files of which nobody but their owner may know the content. */
final class SecretFile {

  private static final Set<PosixFilePermission> OWNERS =
      PosixFilePermissions.fromString("rwx------");

  private SecretFile() {}

  /**
   * The content of that file.
   *
   * @throws IllegalArgumentException if it cannot be read, or others than its owner may do
   *     something with it, where the file system knows owners
   */
  static byte[] read(Path file) {
    try {
      if (file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
        Set<PosixFilePermission> others = EnumSet.noneOf(PosixFilePermission.class);
        others.addAll(Files.getPosixFilePermissions(file));
        others.removeAll(OWNERS);
        if (!others.isEmpty()) {
          throw new IllegalArgumentException(
              file
                  + " holds secrets and is open to others than its owner ("
                  + PosixFilePermissions.toString(Files.getPosixFilePermissions(file))
                  + "); restrict it: chmod 600 "
                  + file);
        }
      }
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new IllegalArgumentException("cannot read " + file + ": " + e, e);
    }
  }
}
