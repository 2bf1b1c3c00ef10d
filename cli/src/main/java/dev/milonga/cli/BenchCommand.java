package dev.milonga.cli;

import dev.milonga.bench.BenchmarkException;
import dev.milonga.bench.PerformanceDocument;
import dev.milonga.bench.Row;
import dev.milonga.bench.Run;
import dev.milonga.bench.RunFile;
import dev.milonga.bench.Settings;
import dev.milonga.bench.Suite;
import dev.milonga.bench.Work;
import dev.milonga.bench.Works;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Measures the store against baselines and peers. */
@Command(
    name = "bench",
    description = {
      "Measure a durable store against what the hardware allows, and against other embedded stores.",
      "",
      "Each work is measured in turns with its baseline; figures are medians of the rounds. Keys"
          + " have 16 bytes, of which there are 10,000, values 100. docs/performance.md says how"
          + " each is measured, and shows what came out."
    })
final class BenchCommand implements Callable<Integer> {

  private static final Duration WARM_UP = Duration.ofMillis(500);
  private static final Set<String> WITHOUT_DISK = Set.of("tmpfs", "ramfs", "rootfs");

  private final Screen screen;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(
      paramLabel = "NAME",
      description =
          "What to measure: a name, a group, the beginning of names ('get' for get-1 and get-16), a"
              + " pattern ('peers-put-*'), or 'all'. --list shows them. Default: a small selection")
  private List<String> names = new ArrayList<>();

  @Option(names = "--list", description = "Print what there is to measure, and measure nothing.")
  private boolean list;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      defaultValue = "1",
      description = "Length of each measurement, over 0. Default: ${DEFAULT-VALUE}")
  private double seconds;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "3",
      description = "Rounds to take the median of, at least 1. Default: ${DEFAULT-VALUE}")
  private int rounds;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "1",
      description = "Seed of the keys and values. Default: ${DEFAULT-VALUE}")
  private long seed;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description =
          "Write to a temporary directory in that one, which is on the disk to measure. Default:"
              + " where the system has its temporary files")
  private Path data = Path.of(System.getProperty("java.io.tmpdir"));

  @Option(names = "--json", paramLabel = "FILE", description = "Write the figures there, too.")
  private @Nullable Path json;

  @Option(
      names = "--report",
      paramLabel = "FILE.md",
      description =
          "Put the figures into that document, between its markers, and the curves into the folder"
              + " 'images' beside it.")
  private @Nullable Path report;

  @Option(
      names = "--from",
      paramLabel = "FILE.json",
      description =
          "Measure nothing: take the figures from that file. May be given several times; of two rows"
              + " of one name, the later one counts.")
  private List<Path> from = new ArrayList<>();

  BenchCommand(Screen screen) {
    this.screen = screen;
  }

  @Override
  public Integer call() throws IOException, InterruptedException, BenchmarkException {
    if (seconds <= 0 || seconds > 3_600) {
      throw wrong("--seconds must be over 0 and at most 3600, was " + seconds);
    }
    if (rounds < 1) {
      throw wrong("--rounds must be at least 1, was " + rounds);
    }
    List<Work> works = works();
    if (list) {
      print(works);
      return 0;
    }
    List<Run> runs = from.isEmpty() ? List.of(measure(works)) : read();
    for (Run run : runs) {
      print(run);
    }
    if (report != null) {
      PerformanceDocument.update(report, runs);
    }
    return 0;
  }

  private List<Work> works() {
    if (!from.isEmpty() && (!names.isEmpty() || json != null)) {
      throw wrong("--from takes the figures as they are: give neither names nor --json with it");
    }
    try {
      return names.isEmpty() ? list ? Works.all() : Works.usual() : Works.named(names);
    } catch (IllegalArgumentException e) {
      throw wrong(e.getMessage());
    }
  }

  private Run measure(List<Work> works)
      throws IOException, InterruptedException, BenchmarkException {
    refuseMemory();
    Settings settings =
        new Settings(rounds, WARM_UP, Duration.ofNanos((long) (seconds * 1e9)), seed);
    long total = works.stream().mapToLong(work -> work.measurements(settings)).sum();
    Run run;
    try (WorkingDirectory directory = WorkingDirectory.temporary(data, false);
        Progress progress = screen.progress("Measuring", "measurements", total)) {
      int[] measured = {0};
      run =
          new Suite(settings, directory.path(), InstantSource.system())
              .run(works, command(), () -> progress.done(++measured[0]));
    }
    if (json != null) {
      RunFile.write(run, json);
    }
    return run;
  }

  /** What can be typed to get such figures anywhere: without the paths of this machine. */
  private String command() {
    List<String> words = new ArrayList<>(List.of("bin/milonga", "bench"));
    words.addAll(names);
    words.addAll(List.of("--rounds", String.valueOf(rounds), "--seconds", String.valueOf(seconds)));
    return String.join(" ", words);
  }

  private List<Run> read() throws IOException, BenchmarkException {
    List<Run> runs = new ArrayList<>();
    for (Path file : from) {
      runs.add(RunFile.read(file));
    }
    return runs;
  }

  private void refuseMemory() throws IOException {
    if (!Files.isDirectory(data)) {
      throw new CommandFailedException(data + " is not a directory; name one with --data");
    }
    String type = Files.getFileStore(data).type();
    if (WITHOUT_DISK.contains(type)) {
      throw new CommandFailedException(
          data
              + " is in memory ("
              + type
              + "), where a sync costs nothing and the figures would mean nothing; name a directory"
              + " on a disk with --data");
    }
  }

  private void print(List<Work> works) {
    try (Rows rows = new Rows(screen.out(), Format.TABLE, "name", "group", "what")) {
      works.forEach(work -> rows.add(work.name(), work.group(), work.description()));
    }
  }

  private void print(Run run) {
    screen.out().println(run.machine().describe());
    try (Rows rows = new Rows(screen.out(), Format.TABLE, Row.COLUMNS.toArray(String[]::new))) {
      run.rows().forEach(row -> rows.add(row.cells().toArray()));
    }
  }

  private ParameterException wrong(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
