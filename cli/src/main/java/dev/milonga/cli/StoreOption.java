package dev.milonga.cli;

import dev.milonga.log.server.EmbeddedLog;
import dev.milonga.runtime.LogInspector;
import dev.milonga.runtime.Registration;
import java.nio.file.Path;
import java.util.stream.Collectors;
import picocli.CommandLine.Option;

/** The option that names a store, of the commands that look into one and change nothing. */
final class StoreOption {

  private static final int NAMES_SHOWN = 10;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      defaultValue = "data",
      description = "Directory of the store. Default: ${DEFAULT-VALUE}")
  private Path directory = Path.of("data");

  /**
   * Opens the log of the store.
   *
   * @throws CommandFailedException if there is none
   */
  EmbeddedLog open() {
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

  Path directory() {
    return directory;
  }

  /**
   * The object of that name.
   *
   * @throws CommandFailedException if there is none, naming some that there are
   */
  Registration object(LogInspector inspector, String name) {
    return inspector
        .object(name)
        .orElseThrow(
            () ->
                new CommandFailedException(
                    "there is no object \"" + name + "\" in " + directory + names(inspector)));
  }

  private static String names(LogInspector inspector) {
    int count = inspector.objects().size();
    if (count == 0) {
      return ", nor any other";
    }
    return inspector.objects().stream()
        .limit(NAMES_SHOWN)
        .map(Registration::name)
        .collect(
            Collectors.joining(
                ", ", "; there are: ", count > NAMES_SHOWN ? ", … (" + count + " in all)" : ""));
  }
}
