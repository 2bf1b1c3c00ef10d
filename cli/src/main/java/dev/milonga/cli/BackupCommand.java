package dev.milonga.cli;

import dev.milonga.log.server.Backup;
import dev.milonga.log.server.EmbeddedLog;
import dev.milonga.log.server.StoreInUseException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Copies a store into one file. */
@Command(
    name = "backup",
    description = {
      "Copy all that a store holds into one file, of which 'milonga restore' makes a store.",
      "",
      "The store must not be in use. A program that has it open makes the same file, and goes on"
          + " meanwhile, with store.backupTo(Path.of(\"FILE\"))."
    })
final class BackupCommand implements Callable<Integer> {

  private final Screen screen;

  @Mixin private StoreDirectoryOption store = new StoreDirectoryOption();

  @Parameters(paramLabel = "FILE", description = "The file to write, which must not exist yet.")
  private Path file = Path.of("");

  BackupCommand(Screen screen) {
    this.screen = screen;
  }

  @Override
  public Integer call() {
    try (EmbeddedLog log = store.open()) {
      Backup backup = log.backupTo(file, Long.MAX_VALUE); // nobody else is using it
      screen.out().println(RestoreCommand.described(backup) + " is in " + file);
      return 0;
    } catch (StoreInUseException e) {
      throw new CommandFailedException(
          e.getMessage()
              + "; stop that process, or let it make the backup itself while it goes on:"
              + " store.backupTo(Path.of(\""
              + file
              + "\"))",
          e);
    } catch (IllegalArgumentException e) {
      throw new CommandFailedException(String.valueOf(e.getMessage()), e);
    }
  }
}
