package dev.milonga.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** A directory of its own for one test, which is removed with what it holds. */
record TemporaryDirectory(Path path) implements AutoCloseable {

  static TemporaryDirectory make() {
    try {
      return new TemporaryDirectory(Files.createTempDirectory("milonga-test-"));
    } catch (IOException e) {
      throw new UncheckedIOException("no temporary directory for the store of a test", e);
    }
  }

  @Override
  public void close() {
    try {
      List<Path> contentsFirst;
      try (Stream<Path> all = Files.walk(path)) {
        contentsFirst = all.sorted(Comparator.reverseOrder()).toList();
      }
      for (Path each : contentsFirst) {
        Files.delete(each);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("the store of a test cannot be removed", e);
    }
  }
}
