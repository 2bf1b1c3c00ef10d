package dev.milonga.cli;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A directory that a command writes to: one that the user has named, which stays, or a temporary
 * one, which is removed when the command ends, also by an interrupt.
 */
final class WorkingDirectory implements AutoCloseable {

  private final Path path;
  private final @Nullable Thread removal; // run by the JVM if it ends before close

  private WorkingDirectory(Path path, @Nullable Thread removal) {
    this.path = path;
    this.removal = removal;
  }

  /**
   * The user's directory, which may be missing.
   *
   * @throws CommandFailedException if there is something in it
   */
  static WorkingDirectory named(Path path) throws IOException {
    if (Files.isDirectory(path)) {
      try (Stream<Path> files = Files.list(path)) {
        if (files.findAny().isPresent()) {
          throw new CommandFailedException(
              path + " is not empty; name a directory that is empty or does not exist yet");
        }
      }
    } else if (Files.exists(path)) {
      throw new CommandFailedException(path + " is not a directory");
    }
    return new WorkingDirectory(path, null);
  }

  /** A new directory in that one, which stays only if it is to be kept. */
  static WorkingDirectory temporary(Path parent, boolean keep) throws IOException {
    Path path = Files.createTempDirectory(parent, "milonga-");
    if (keep) {
      return new WorkingDirectory(path, null);
    }
    Thread removal = new Thread(() -> removeAtExit(path), "removes " + path);
    Runtime.getRuntime().addShutdownHook(removal);
    return new WorkingDirectory(path, removal);
  }

  Path path() {
    return path;
  }

  /** Whether the directory is there after {@link #close}. */
  boolean stays() {
    return removal == null;
  }

  @Override
  public void close() throws IOException {
    if (removal != null) {
      Runtime.getRuntime().removeShutdownHook(removal);
      remove(path);
    }
  }

  private static void removeAtExit(Path path) {
    try {
      remove(path);
    } catch (IOException e) {
      System.err.println("milonga: " + path + " could not be removed: " + e);
    }
  }

  private static void remove(Path directory) throws IOException {
    Files.walkFileTree(
        directory,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.delete(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path folder, @Nullable IOException failure)
              throws IOException {
            if (failure != null) {
              throw failure;
            }
            Files.delete(folder);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
