package dev.milonga.tests;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a test of faults has done, by number, as one JSON object in {@code target/reliability}, for
 * {@code docs/reliability.md}. Written after all checks have passed: where there is no file, there
 * is no result. Used by one thread.
 */
public final class Report {

  private final String name;
  private final long began = System.nanoTime();
  private final Map<String, Object> counts = new LinkedHashMap<>();

  /** A report of that name; tells the seed at once. */
  public Report(String name, long seed) {
    this.name = name;
    System.out.println(name + ": milonga.seed=" + seed);
    counts.put("test", name);
    counts.put("seed", seed);
    counts.put("soak", Numbers.soak());
    try {
      Files.deleteIfExists(file()); // of an earlier run
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Adds a number, or what else is to be told. */
  public Report put(String count, Object value) {
    counts.put(count, value);
    return this;
  }

  /** Writes it: every check has passed. */
  public void write() {
    counts.put("seconds", Duration.ofNanos(System.nanoTime() - began).toSeconds());
    try {
      Files.createDirectories(file().getParent());
      String json = JsonMapper.shared().writerWithDefaultPrettyPrinter().writeValueAsString(counts);
      Files.writeString(file(), json + "\n");
      System.out.println(json);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Path file() {
    return Path.of("target", "reliability", name + ".json");
  }
}
