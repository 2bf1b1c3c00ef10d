package dev.milonga.cli;

import dev.milonga.bench.BenchmarkException;
import dev.milonga.log.StoreException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.UnmatchedArgumentException;

/** The {@code milonga} command: options that all subcommands share, and what happens to errors. */
@Command(
    name = "milonga",
    description = "Replicated, durable, linearizable Java objects on a shared log.",
    mixinStandardHelpOptions = true,
    versionProvider = Main.Version.class,
    scope = ScopeType.INHERIT,
    synopsisSubcommandLabel = "COMMAND",
    usageHelpAutoWidth = true,
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:done", "1:failed; the error output says why", "2:wrong usage"})
public final class Main {

  @Option(
      names = "--debug",
      scope = ScopeType.INHERIT,
      description = "Print the stack trace of an error.")
  private boolean debug;

  private Main() {}

  /** Runs the command and ends the process with its exit code. */
  public static void main(String[] arguments) {
    Screen screen =
        new Screen(
            new PrintWriter(System.out, false, StandardCharsets.UTF_8),
            new PrintWriter(System.err, true, StandardCharsets.UTF_8),
            Boolean.getBoolean("milonga.terminal"),
            System::nanoTime);
    System.exit(run(screen, arguments));
  }

  /** Runs the command and returns its exit code. */
  static int run(Screen screen, String... arguments) {
    Main main = new Main();
    CommandLine command =
        new CommandLine(main)
            .addSubcommand(new DemoCommand(screen))
            .addSubcommand(new ObjectsCommand(screen))
            .addSubcommand(new ShowCommand(screen))
            .addSubcommand(new HistoryCommand(screen))
            .addSubcommand(new LogCommand(screen))
            .addSubcommand(new TailCommand(screen))
            .addSubcommand(new TopCommand(screen, Boolean.getBoolean("milonga.terminal.out")))
            .addSubcommand(new BackupCommand(screen))
            .addSubcommand(new RestoreCommand(screen))
            .addSubcommand(new VerifyCommand(screen))
            .addSubcommand(new AuditCommand(screen))
            .addSubcommand(new DiffCommand(screen))
            .addSubcommand(new CheckpointCommand(screen))
            .addSubcommand(new TrimCommand(screen))
            .addSubcommand(ServeCommand.commandLine(screen, System.getenv()))
            .addSubcommand(new BenchCommand(screen))
            .setOut(screen.out())
            .setErr(screen.err())
            .setCaseInsensitiveEnumValuesAllowed(true)
            .setParameterExceptionHandler((e, given) -> wrongUsage(screen, e))
            .setExecutionExceptionHandler((e, line, given) -> main.failed(screen, e));
    int exitCode = command.execute(arguments);
    screen.out().flush();
    return exitCode;
  }

  private static int wrongUsage(Screen screen, ParameterException e) {
    CommandLine command = e.getCommandLine();
    screen.err().println("milonga: " + e.getMessage());
    UnmatchedArgumentException.printSuggestions(e, screen.err());
    screen
        .err()
        .println(
            "Try '" + command.getCommandSpec().qualifiedName() + " --help' for what there is.");
    return 2;
  }

  private int failed(Screen screen, Exception e) {
    if (debug) {
      e.printStackTrace(screen.err());
    }
    boolean explained =
        e instanceof CommandFailedException
            || e instanceof StoreException
            || e instanceof BenchmarkException;
    screen
        .err()
        .println(
            explained
                ? "milonga: " + e.getMessage()
                : "milonga: " + e + (debug ? "" : " (--debug prints where)"));
    return 1;
  }

  /** The version as the jar has it. */
  static final class Version implements IVersionProvider {

    @Override
    public String[] getVersion() {
      String version = Main.class.getPackage().getImplementationVersion();
      return new String[] {"milonga " + (version == null ? "(built from source)" : version)};
    }
  }
}
