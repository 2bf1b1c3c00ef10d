package dev.milonga.tests;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A file system of its own, for a test to fill or to cut off. Needs Linux and root ({@link
 * Tools#need}). Closing it unmounts and forgets it. Used by one thread; what lies on it by any.
 */
final class Disk implements AutoCloseable {

  /** What there is. */
  enum Kind {
    TMPFS(0),
    EXT4(0),
    XFS(300); // it is not made any smaller

    private final int mebibytesMin;

    Kind(int mebibytesMin) {
      this.mebibytesMin = mebibytesMin;
    }
  }

  private static final String BALLAST = "ballast";
  private static final long FULL_BELOW_BYTES = 32L << 20; // of its own, or just given back

  private final Kind kind;
  private final Path home; // of the image and the mount point
  private final Path image;
  private final Path mounted;

  private Disk(Kind kind, Path home) {
    this.kind = kind;
    this.home = home;
    this.image = home.resolve("image");
    this.mounted = home.resolve("mounted");
  }

  /** Makes one of about that size. */
  static Disk mount(Kind kind, int mebibytes) {
    Tools.need("sh", "-c", "test $(id -u) = 0 || { echo 'mount as root'; exit 1; }");
    try {
      Disk disk = new Disk(kind, Files.createTempDirectory("milonga-disk"));
      Files.createDirectory(disk.mounted);
      String size = Math.max(mebibytes, kind.mebibytesMin) + "M";
      if (kind == Kind.TMPFS) {
        Tools.need("mount", "-t", "tmpfs", "-o", "size=" + size, "tmpfs", disk.mounted);
        return disk;
      }
      Tools.need("truncate", "-s", size, disk.image);
      if (kind == Kind.EXT4) {
        Tools.need("mkfs.ext4", "-q", "-m", "0", disk.image);
      } else {
        Tools.need("mkfs.xfs", "-q", disk.image);
      }
      Tools.need("mount", "-o", "loop", disk.image, disk.mounted);
      return disk;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A place on it, which does not exist yet. */
  Path store() {
    return mounted.resolve("store");
  }

  /** Leaves about that much room. */
  void leave(int mebibytes) throws IOException {
    makeRoom();
    long ballast = Files.getFileStore(mounted).getUsableSpace() - ((long) mebibytes << 20);
    byte[] block = new byte[1 << 20];
    try (OutputStream out =
        Files.newOutputStream(
            mounted.resolve(BALLAST), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      for (; ballast > block.length; ballast -= block.length) {
        out.write(block);
      }
    }
  }

  /** Takes what room is left. */
  void fill() throws IOException {
    byte[] block = new byte[64 << 10];
    try (OutputStream out =
        Files.newOutputStream(
            mounted.resolve(BALLAST), StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      while (true) {
        out.write(block);
      }
    } catch (IOException full) {
      if (Files.getFileStore(mounted).getUnallocatedSpace() > FULL_BELOW_BYTES) {
        throw full;
      }
    }
  }

  /** How many bytes are used. */
  long used() throws IOException {
    FileStore files = Files.getFileStore(mounted);
    return files.getTotalSpace() - files.getUnallocatedSpace();
  }

  /** Gives the room back. */
  void makeRoom() throws IOException {
    Files.deleteIfExists(mounted.resolve(BALLAST));
  }

  /** Cuts the power: from now on nothing reaches the disk, whatever it was told before. */
  void cut() {
    Tools.need("xfs_io", "-x", "-c", "shutdown", mounted);
  }

  /** Gives it back as it was when it was cut. Nobody may hold a file of it open. */
  void remount() {
    Tools.run("umount", mounted);
    Tools.run("mount", "-o", "loop", image, mounted);
  }

  @Override
  public void close() {
    Tools.run("umount", mounted);
    try {
      Files.deleteIfExists(image);
      Files.delete(mounted);
      Files.delete(home);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public String toString() {
    return kind + " at " + mounted;
  }
}
