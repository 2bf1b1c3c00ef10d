package dev.milonga.cli;

import dev.milonga.bench.BenchmarkException;
import dev.milonga.bench.Contest;
import dev.milonga.bench.Figure;
import dev.milonga.bench.Work;
import java.io.IOException;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Measures the store against a baseline. */
@Command(
    name = "bench",
    description = {
      "Measure a replicated map in a durable store against what one would write by hand.",
      "",
      "The baseline is a ConcurrentHashMap in front of RocksDB: each put is one WriteBatch of an"
          + " entry and its index row, synced; a get reads the map; asynchronous puts are batches of"
          + " 1,000 with one sync. Keys have 16 bytes, of which there are 10,000, values 100. The"
          + " two are measured in turns; figures are medians of the rounds, in operations per"
          + " second."
    })
final class BenchCommand implements Callable<Integer> {

  private static final Duration WARM_UP = Duration.ofMillis(500);
  private static final Set<String> WITHOUT_DISK = Set.of("tmpfs", "ramfs", "rootfs");

  private final Screen screen;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(
      paramLabel = "NAME",
      description = "What to measure: put-1, put-16, get-1, get-16, put-async. Default: all")
  private List<String> names = new ArrayList<>();

  @Option(
      names = "--seconds",
      paramLabel = "S",
      defaultValue = "2",
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

  BenchCommand(Screen screen) {
    this.screen = screen;
  }

  @Override
  public Integer call() throws IOException, InterruptedException, BenchmarkException {
    List<Work> works = works();
    if (seconds <= 0 || seconds > 3_600) {
      throw wrong("--seconds must be over 0 and at most 3600, was " + seconds);
    }
    if (rounds < 1) {
      throw wrong("--rounds must be at least 1, was " + rounds);
    }
    refuseMemory();
    List<Figure> figures = new ArrayList<>();
    Contest contest = new Contest(rounds, WARM_UP, Duration.ofNanos((long) (seconds * 1e9)), seed);
    try (WorkingDirectory directory = WorkingDirectory.temporary(data, false);
        Progress progress =
            screen.progress("Measuring", "measurements", 2L * rounds * works.size())) {
      int[] measured = {0};
      contest.run(directory.path(), works, figures::add, () -> progress.done(++measured[0]));
    }
    print(figures, screen.out(), Format.TABLE);
    if (json != null) {
      try (PrintWriter file =
          new PrintWriter(Files.newBufferedWriter(json, StandardCharsets.UTF_8))) {
        print(figures, file, Format.JSON);
      }
    }
    return 0;
  }

  private List<Work> works() {
    return names.isEmpty()
        ? List.of(Work.values())
        : names.stream().distinct().map(this::work).toList();
  }

  private Work work(String name) {
    return Work.labelled(name)
        .orElseThrow(
            () ->
                wrong(
                    "there is no measurement '"
                        + name
                        + "'; there are "
                        + Arrays.stream(Work.values())
                            .map(Work::label)
                            .collect(Collectors.joining(", "))));
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

  private static void print(List<Figure> figures, PrintWriter out, Format format) {
    try (Rows rows =
        new Rows(out, format, "name", "what", "store_per_s", "baseline_per_s", "ratio")) {
      for (Figure figure : figures) {
        rows.add(
            figure.work().label(),
            figure.work().description(),
            Math.round(figure.store()),
            Math.round(figure.baseline()),
            new BigDecimal(String.format(Locale.ROOT, "%.3f", figure.ratio())));
      }
    }
  }

  private ParameterException wrong(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
