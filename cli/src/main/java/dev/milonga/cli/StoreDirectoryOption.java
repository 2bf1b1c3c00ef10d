package dev.milonga.cli;

import dev.milonga.log.server.EmbeddedLog;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/** The option that names the directory of a store, of the commands that need its files. */
final class StoreDirectoryOption {

  static final String STANDARD = "data";

  @Option(
      names = "--data",
      paramLabel = "DIR",
      defaultValue = STANDARD,
      description = "Directory of the store. Default: ${DEFAULT-VALUE}")
  private Path directory = Path.of(STANDARD);

  /** Opens the log of the store; as below. */
  EmbeddedLog open() {
    return open(directory);
  }

  /**
   * Opens the log of the store in that directory.
   *
   * @throws CommandFailedException if there is none
   */
  static EmbeddedLog open(Path directory) {
    try {
      return EmbeddedLog.builder(directory).mustExist().open();
    } catch (IllegalArgumentException e) {
      throw new CommandFailedException(
          e.getMessage()
              + "; name the directory of a store with --data, or make one with 'milonga demo --data"
              + " DIR'",
          e);
    }
  }
}
