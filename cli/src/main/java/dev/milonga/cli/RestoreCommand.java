package dev.milonga.cli;

import dev.milonga.log.server.Backup;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Makes a store of a backup. */
@Command(
    name = "restore",
    description = {
      "Make a store of a backup, in a directory that is empty or does not exist yet.",
      "",
      "A backup that is cut off or altered is refused, and nothing is left in the directory."
    })
final class RestoreCommand implements Callable<Integer> {

  private final Screen screen;

  @Parameters(index = "0", paramLabel = "FILE", description = "The backup.")
  private Path file = Path.of("");

  @Parameters(index = "1", paramLabel = "DIR", description = "The directory of the new store.")
  private Path directory = Path.of("");

  RestoreCommand(Screen screen) {
    this.screen = screen;
  }

  @Override
  public Integer call() {
    try {
      Backup backup = Backup.restore(file, directory);
      screen.out().println(described(backup) + " is now a store in " + directory);
      return 0;
    } catch (IllegalArgumentException e) {
      throw new CommandFailedException(String.valueOf(e.getMessage()), e);
    }
  }

  /** What is in a backup, as the subject of a sentence. */
  static String described(Backup backup) {
    return String.format(
        Locale.ROOT,
        "A backup of %,d entries, positions %s to %s (exclusive), taken %s,",
        backup.entries(),
        backup.trimMark(),
        backup.tail(),
        backup.taken());
  }
}
