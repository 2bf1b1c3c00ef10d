package dev.milonga.cli;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Serves a store to other processes, until it is told to stop. */
@Command(
    name = "serve",
    description = {
      "Serve a store, so that processes on this and other machines share its objects.",
      "",
      "Every option can also stand in a file (without the hyphens before it: address = HOST:PORT)"
          + " that --config or MILONGA_CONFIG names, and in the environment (MILONGA_ADDRESS). What is"
          + " given here counts most, then the environment, then the file. See docs/server.md.",
      "",
      "Runs until SIGTERM or Ctrl-C, and then answers what is under way before it ends."
    })
final class ServeCommand implements Callable<Integer> {

  private final Screen screen;
  private final Map<String, String> environment;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(names = "--config", paramLabel = "FILE", description = "File of settings.")
  private @Nullable Path config;

  private ServeCommand(Screen screen, Map<String, String> environment) {
    this.screen = screen;
    this.environment = environment;
  }

  /** The command with an option for each setting. */
  static CommandLine commandLine(Screen screen, Map<String, String> environment) {
    CommandLine line = new CommandLine(new ServeCommand(screen, environment));
    SettingsReader.ALL.forEach(setting -> line.getCommandSpec().addOption(option(setting)));
    return line;
  }

  private static OptionSpec option(Setting<?> setting) {
    OptionSpec.Builder option =
        OptionSpec.builder(setting.flag())
            .type(setting.isSwitch() ? Boolean.class : String.class)
            .description(
                setting.description()
                    + setting
                        .standard()
                        .filter(standard -> !setting.isSwitch())
                        .map(standard -> " Default: " + standard)
                        .orElse(""));
    return setting.isSwitch()
        ? option.arity("0").build()
        : option.paramLabel(setting.value()).build();
  }

  @Override
  public Integer call() throws InterruptedException {
    ServerSettings settings = SettingsReader.read(flags(), config, environment);
    return Termination.run(screen, termination -> serve(settings, termination));
  }

  private void serve(ServerSettings settings, Termination termination) throws InterruptedException {
    try (ServedStore served = ServedStore.start(settings)) {
      served.warning().ifPresent(warning -> screen.err().println("milonga: " + warning));
      screen.out().println(served.line());
      screen.out().flush();
      termination.wanted().join();
      screen.err().println("milonga: stopping, when what is under way is answered");
    }
    screen.err().println("milonga: stopped");
  }

  private Map<String, String> flags() {
    Map<String, String> flags = new HashMap<>();
    for (Setting<?> setting : SettingsReader.ALL) {
      Object given = spec.findOption(setting.flag()).getValue();
      if (given != null) {
        flags.put(setting.name(), given.toString());
      }
    }
    return flags;
  }
}
