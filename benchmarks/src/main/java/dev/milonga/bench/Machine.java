package dev.milonga.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What the figures depend on, and nothing that tells whose machine it is.
 *
 * @param memoryGib what the machine has, rounded; 0 if unknown
 * @param fileSystem the type of the file system that was written to
 */
public record Machine(
    String processor, int cores, long memoryGib, String system, String fileSystem, String java) {

  /** This machine, with that directory's file system. */
  static Machine of(Path directory) throws IOException {
    return new Machine(
        field(Path.of("/proc/cpuinfo"), "model name").orElse(System.getProperty("os.arch")),
        Runtime.getRuntime().availableProcessors(),
        field(Path.of("/proc/meminfo"), "MemTotal")
            .map(text -> Math.round(Long.parseLong(text.split(" ")[0]) / 1024.0 / 1024))
            .orElse(0L),
        System.getProperty("os.name") + " " + System.getProperty("os.version"),
        Files.getFileStore(directory).type(),
        System.getProperty("java.vm.name") + " " + System.getProperty("java.runtime.version"));
  }

  private static Optional<String> field(Path file, String name) throws IOException {
    if (!Files.isReadable(file)) {
      return Optional.empty();
    }
    try (Stream<String> lines = Files.lines(file)) {
      return lines
          .filter(line -> line.startsWith(name))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst();
    }
  }

  /** In one line. */
  public String describe() {
    return String.format(
        Locale.ROOT,
        "%s, %d cores, %s%s, %s, %s",
        processor,
        cores,
        memoryGib == 0 ? "" : memoryGib + " GiB, ",
        system,
        fileSystem,
        java);
  }
}
