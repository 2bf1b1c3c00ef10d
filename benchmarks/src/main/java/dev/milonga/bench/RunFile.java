package dev.milonga.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** A {@link Run} as a JSON file. */
public final class RunFile {

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
          .enable(SerializationFeature.INDENT_OUTPUT)
          .build();

  private RunFile() {}

  /** Writes the run to that file, in place of what is in it. */
  public static void write(Run run, Path file) throws IOException {
    Files.writeString(file, JSON.writeValueAsString(run) + "\n", StandardCharsets.UTF_8);
  }

  /**
   * The run in that file.
   *
   * @throws BenchmarkException if there is none
   */
  public static Run read(Path file) throws IOException, BenchmarkException {
    try {
      return JSON.readValue(Files.readString(file, StandardCharsets.UTF_8), Run.class);
    } catch (JacksonException e) {
      throw new BenchmarkException(
          file + " does not hold figures as bench --json writes them: " + e.getOriginalMessage(),
          e);
    }
  }
}
