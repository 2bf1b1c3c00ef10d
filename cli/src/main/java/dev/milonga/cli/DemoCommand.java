package dev.milonga.cli;

import dev.milonga.cli.LoadedObjects.Source;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Prepares the {@link Demo} and its directory. */
@Command(
    name = "demo",
    description = {
      "Load real data, kill the loading process halfway, and prove that nothing was lost.",
      "",
      "Loads 82,068 cities and towns (or the rows of a CSV file) into replicated objects. The"
          + " loading process is killed hard in the middle; the store is reopened and compared with"
          + " the source, field by field. Ends with 0 only if every acknowledged record is there,"
          + " and nothing else."
    })
final class DemoCommand implements Callable<Integer> {

  private final Screen screen;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description =
          "Make the store there and leave it there. Default: a temporary directory, which is"
              + " removed.")
  private @Nullable Path data;

  @Option(
      names = "--input",
      paramLabel = "FILE.csv",
      description = "Load the rows of that file: CSV with a header, in UTF-8.")
  private @Nullable Path input;

  @Option(names = "--keep", description = "Do not remove the temporary directory, and name it.")
  private boolean keep;

  DemoCommand(Screen screen) {
    this.screen = screen;
  }

  @Override
  public Integer call() throws Exception {
    List<String> file = input == null ? List.of() : List.of(input.toString());
    Source source = source(file);
    try (WorkingDirectory directory =
        data == null
            ? WorkingDirectory.temporary(Path.of(System.getProperty("java.io.tmpdir")), keep)
            : WorkingDirectory.named(data)) {
      new Demo(screen, source, directory.path(), file).run();
      if (directory.stays()) {
        String where = " --data " + directory.path();
        screen.out().println();
        screen.out().println("The store is still there. Look into it:");
        screen.out().println("  milonga objects" + where);
        screen.out().println("  milonga log" + where + " --limit 20");
      }
    }
    return 0;
  }

  /**
   * The source of a demo.
   *
   * @param file the CSV file to load, or nothing for the cities
   */
  static Source source(List<String> file) throws IOException {
    if (file.isEmpty()) {
      return LoadedCities.source(Cities.read());
    }
    String name = file.get(0);
    try (InputStream in = new BufferedInputStream(Files.newInputStream(Path.of(name)))) {
      return LoadedTable.source(name, CsvReader.read(name, in));
    } catch (NoSuchFileException e) {
      throw new CommandFailedException(name + " does not exist; name a CSV file", e);
    } catch (CsvException e) {
      throw new CommandFailedException(e.getMessage() == null ? name : e.getMessage(), e);
    }
  }
}
