package dev.milonga.log.server;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The right to a directory, held by one store in one process at a time.
 *
 * <p>Between processes it is a file lock, which the operating system releases when its holder dies.
 * Within a process it is a system property: file locks belong to the process, and closing any other
 * descriptor of the locked file would release it, so a second attempt must not even open the file.
 * System properties are seen by all class loaders. The owner's name stands in a file of its own,
 * for the same reason.
 */
final class DirectoryLock implements AutoCloseable {

  static final String LOCK_FILE = "lock";
  static final String OWNER_FILE = "owner";

  private static final String PROPERTY_PREFIX = "dev.milonga.log.directory.";

  private final String property;
  private final @Nullable Path owner; // none if it is only read
  private final @Nullable FileChannel file;

  private DirectoryLock(String property, @Nullable Path owner, @Nullable FileChannel file) {
    this.property = property;
    this.owner = owner;
    this.file = file;
  }

  /**
   * Takes the right to that directory, which must exist.
   *
   * @throws StoreInUseException if somebody else has it; names who
   */
  static DirectoryLock take(Path directory, Instant now) throws IOException {
    String property = PROPERTY_PREFIX + directory.toRealPath();
    String name = "process " + ProcessHandle.current().pid() + " on " + host() + " since " + now;
    @Nullable Object holder = System.getProperties().putIfAbsent(property, name);
    if (holder != null) {
      throw new StoreInUseException(directory.toString(), "this very process, " + holder);
    }
    FileChannel file = null;
    try {
      file =
          FileChannel.open(
              directory.resolve(LOCK_FILE), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      FileLock lock = file.tryLock();
      Path owner = directory.resolve(OWNER_FILE);
      if (lock == null) {
        throw new StoreInUseException(directory.toString(), ownerIn(owner));
      }
      Files.writeString(owner, name);
      return new DirectoryLock(property, owner, file);
    } catch (IOException | RuntimeException e) {
      if (file != null) {
        file.close();
      }
      System.clearProperty(property);
      throw e;
    }
  }

  /**
   * Takes the right to read that directory while nobody changes it, and changes nothing itself.
   *
   * @throws StoreInUseException if somebody has it open; names who
   */
  static DirectoryLock takeToRead(Path directory) throws IOException {
    String property = PROPERTY_PREFIX + directory.toRealPath();
    @Nullable Object holder =
        System.getProperties()
            .putIfAbsent(property, "process " + ProcessHandle.current().pid() + ", reading");
    if (holder != null) {
      throw new StoreInUseException(directory.toString(), "this very process, " + holder);
    }
    FileChannel file = null;
    try {
      Path lock = directory.resolve(LOCK_FILE);
      if (Files.exists(lock)) { // else it was never open, or is a copy
        file = FileChannel.open(lock, StandardOpenOption.READ);
        if (file.tryLock(0, Long.MAX_VALUE, true) == null) {
          throw new StoreInUseException(
              directory.toString(), ownerIn(directory.resolve(OWNER_FILE)));
        }
      }
      return new DirectoryLock(property, null, file);
    } catch (IOException | RuntimeException e) {
      if (file != null) {
        file.close();
      }
      System.clearProperty(property);
      throw e;
    }
  }

  private static String ownerIn(Path owner) throws IOException {
    String name = Files.exists(owner) ? Files.readString(owner, StandardCharsets.UTF_8) : "";
    return name.isBlank() ? "another process" : name;
  }

  private static String host() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "this host, whose name is not known";
    }
  }

  @Override
  public void close() throws IOException {
    try {
      if (owner != null) {
        Files.deleteIfExists(owner);
      }
      if (file != null) {
        file.close();
      }
    } finally {
      System.clearProperty(property);
    }
  }
}
