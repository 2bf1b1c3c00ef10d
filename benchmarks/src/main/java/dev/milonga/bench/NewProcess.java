package dev.milonga.bench;

import dev.milonga.bench.Reopening.What;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Runs {@link Reopening} in a new process each time. */
final class NewProcess {

  private static final Duration TIMEOUT = Duration.ofMinutes(2);

  private final Bench bench;

  /** What it took, and the heap in use when that was done. */
  record Opened(double seconds, long liveBytes) {}

  NewProcess(Bench bench) {
    this.bench = bench;
  }

  /**
   * Opens that.
   *
   * @param parts how many it must turn out to have
   * @throws BenchmarkException if the process fails or does not end; with what it printed
   */
  Opened open(What what, Path place, int parts) throws Exception {
    return open(what, List.of(place.toString(), String.valueOf(parts)));
  }

  /** The same after it has opened something small of the same kind. */
  Opened openAfter(Path small, What what, Path place, int parts) throws Exception {
    return open(what, List.of(place.toString(), String.valueOf(parts), small.toString()));
  }

  private Opened open(What what, List<String> arguments) throws Exception {
    Path output = bench.newDirectory().resolve("output");
    Optional<Opened> opened = tryToOpen(what, arguments, output, TIMEOUT, List.of());
    if (opened.isEmpty()) {
      throw new BenchmarkException(
          "a process that opens the "
              + what
              + " failed or did not end in "
              + TIMEOUT.toSeconds()
              + " s:\n"
              + text(output));
    }
    return opened.get();
  }

  /** The same with options for the JVM; empty if the process fails or does not end in that time. */
  Optional<Opened> tryToOpen(
      What what, Path place, int parts, Path output, Duration timeout, List<String> options)
      throws Exception {
    List<String> arguments = List.of(place.toString(), String.valueOf(parts));
    return tryToOpen(what, arguments, output, timeout, options);
  }

  private static Optional<Opened> tryToOpen(
      What what, List<String> arguments, Path output, Duration timeout, List<String> options)
      throws Exception {
    List<String> all = new ArrayList<>(List.of(what.name()));
    all.addAll(arguments);
    return ChildJvm.run(output, timeout, options, Reopening.class, all).map(NewProcess::parsed);
  }

  private static Opened parsed(String line) {
    String[] words = line.split(" ");
    return new Opened(Double.parseDouble(words[0]), Long.parseLong(words[1]));
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      return "its output cannot be read: " + e;
    }
  }
}
