package dev.milonga.cli;

import dev.milonga.log.server.Backup;
import dev.milonga.log.server.StoreCheck;
import dev.milonga.log.server.StoreInUseException;
import dev.milonga.log.server.StoreReport;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Reads a store or a backup and says what is wrong with it. */
@Command(
    name = "verify",
    description = {
      "Read all of a store, or of a backup, and say what is wrong with it. Changes nothing.",
      "",
      "Of a store: every block of every file, every entry, the index against the entries, the"
          + " sessions, and the high-water mark. It must not be in use. Of a backup: every byte."
    })
final class VerifyCommand implements Callable<Integer> {

  private final Screen screen;

  @Parameters(
      paramLabel = "DIR|FILE",
      defaultValue = "data",
      description = "A store's directory, or a backup. Default: ${DEFAULT-VALUE}")
  private Path path = Path.of("data");

  VerifyCommand(Screen screen) {
    this.screen = screen;
  }

  @Override
  public Integer call() {
    if (!Files.exists(path)) {
      throw new CommandFailedException("there is neither a store nor a backup at " + path);
    }
    if (Files.isDirectory(path)) {
      return verifyStore();
    }
    screen.out().println(RestoreCommand.described(Backup.verify(path)) + " is whole");
    return 0;
  }

  private int verifyStore() {
    try {
      StoreReport report = StoreCheck.check(path);
      for (String problem : report.problems()) {
        screen.err().println("milonga: " + problem);
      }
      screen.out().println(described(report));
      return report.isWhole() ? 0 : 1;
    } catch (StoreInUseException e) {
      throw new CommandFailedException(e.getMessage() + "; stop that process first", e);
    } catch (IllegalArgumentException e) {
      throw new CommandFailedException(String.valueOf(e.getMessage()), e);
    }
  }

  private static String described(StoreReport report) {
    String content =
        String.format(
            Locale.ROOT,
            "%,d whole entries in positions %s to %s (exclusive), %,d sessions",
            report.entries(),
            report.trimMark(),
            report.tail(),
            report.sessions());
    return report.isWhole()
        ? "The store in " + report.directory() + " is whole: " + content
        : "The store in " + report.directory() + " is damaged; restore a backup. It has " + content;
  }
}
