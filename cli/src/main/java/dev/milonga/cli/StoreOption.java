package dev.milonga.cli;

import dev.milonga.log.SharedLog;
import dev.milonga.runtime.LogInspector;
import dev.milonga.runtime.Registration;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options that name a store: a directory, or a server to connect to. */
final class StoreOption {

  private static final int NAMES_SHOWN = 10;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "Directory of the store. Default: " + StoreDirectoryOption.STANDARD)
  private @Nullable Path directory;

  @Mixin private ConnectionOptions connection = new ConnectionOptions();

  /**
   * Opens the log of the store.
   *
   * @throws CommandFailedException if there is none
   * @throws ParameterException if options do not go together
   */
  SharedLog open() {
    String target = connection.target();
    if (target == null) {
      if (connection.areGiven()) {
        throw new ParameterException(
            spec.commandLine(), "tokens, certificates and TLS are of use with --connect only");
      }
      return StoreDirectoryOption.open(directory());
    }
    if (directory != null) {
      throw new ParameterException(
          spec.commandLine(), "--data and --connect name a store each; give one of them");
    }
    return connection.open(target);
  }

  /** Where to connect to; empty if a directory is meant. */
  Optional<String> target() {
    return Optional.ofNullable(connection.target());
  }

  private Path directory() {
    return directory == null ? Path.of(StoreDirectoryOption.STANDARD) : directory;
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
                    "there is no object \""
                        + name
                        + "\" in "
                        + target().orElseGet(() -> directory().toString())
                        + names(inspector)));
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
