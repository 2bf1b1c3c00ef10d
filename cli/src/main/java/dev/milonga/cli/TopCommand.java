package dev.milonga.cli;

import dev.milonga.log.LogPosition;
import dev.milonga.log.SharedLog;
import dev.milonga.log.StoreException;
import dev.milonga.log.Subscription;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.http.HttpClient;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Shows what goes on in a log that is served. */
@Command(
    name = "top",
    description = {
      "Show what is written into a store that is served, by object and by client, until Ctrl-C.",
      "",
      "Every entry is fetched for that. How the server does is read at its metrics address."
    })
final class TopCommand implements Callable<Integer> {

  private static final String HOME = "\u001b[H";
  private static final String CLEAR_LINE = "\u001b[K";
  private static final String CLEAR_BELOW = "\u001b[J";
  private static final String CONFLICTS =
      "milonga_log_rejected_requests_total{reason=\"conflict\"}";
  private static final double NANOS_PER_SECOND = 1e9;

  private final Screen screen;
  private final boolean redraws;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Mixin private ConnectionOptions connection = new ConnectionOptions();

  @Option(
      names = "--metrics",
      paramLabel = "HOST:PORT",
      description = "Metrics address of the server. Default: port 7701 of the (first) server")
  private @Nullable String metrics;

  @Option(
      names = "--interval",
      paramLabel = "S",
      defaultValue = "2",
      description = "Seconds between two looks, at least 0.1. Default: ${DEFAULT-VALUE}")
  private double interval;

  @Option(
      names = "--rows",
      paramLabel = "N",
      defaultValue = "15",
      description = "Objects, and clients, to show, at least 1. Default: ${DEFAULT-VALUE}")
  private int rows;

  @Option(names = "--once", description = "Look once, after one interval, and end.")
  private boolean once;

  /** With {@code redraws} each picture takes the place of the one before. */
  TopCommand(Screen screen, boolean redraws) {
    this.screen = screen;
    this.redraws = redraws;
  }

  @Override
  public Integer call() throws InterruptedException {
    String target = connection.target();
    if (target == null) {
      throw wrong("--connect is missing: a store that is served has to be named");
    }
    if (!(interval >= 0.1 && interval <= 3_600)) {
      throw wrong("--interval must be 0.1 to 3600, was " + interval);
    }
    if (rows < 1) {
      throw wrong("--rows must be >= 1, was " + rows);
    }
    Endpoint at = metricsAddress(target);
    return Termination.run(screen, termination -> show(target, at, termination));
  }

  private ParameterException wrong(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  private Endpoint metricsAddress(String target) {
    try {
      return metrics != null
          ? Endpoint.parse(metrics)
          : Endpoint.parse(target.split(",")[0].strip()).at(SettingsReader.METRICS_PORT);
    } catch (IllegalArgumentException e) {
      throw wrong(e.getMessage());
    }
  }

  private void show(String target, Endpoint metricsAt, Termination termination)
      throws InterruptedException {
    HttpClient client = HttpClient.newHttpClient();
    try (SharedLog log = connection.open(target)) {
      LogPosition tail = log.tail().join();
      LiveInspector inspector = new LiveInspector(log, screen.nanoTime());
      Traffic traffic = new Traffic(tail.value());
      Subscription subscription = log.subscribeAll(tail, traffic);
      try {
        Figures before = figures(client, metricsAt);
        long begun = screen.nanoTime().getAsLong();
        while (!isOver(CompletableFuture.anyOf(traffic.end(), termination.wanted()))) {
          Figures now = figures(client, metricsAt);
          long end = screen.nanoTime().getAsLong();
          double seconds = (end - begun) / NANOS_PER_SECOND;
          Traffic.Sample sample = traffic.take();
          if (sample.news()) {
            inspector.newsCame();
          }
          print(picture(target, log.tail().join(), sample, inspector, before, now, seconds));
          if (once || screen.out().checkError()) {
            return;
          }
          before = now;
          begun = end;
        }
      } finally {
        subscription.close();
      }
    }
  }

  private boolean isOver(CompletableFuture<?> end) throws InterruptedException {
    try {
      end.get((long) (interval * NANOS_PER_SECOND), TimeUnit.NANOSECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (ExecutionException e) {
      throw e.getCause() instanceof StoreException known
          ? known
          : new CommandFailedException("nothing comes any more: " + e.getCause(), e);
    }
  }

  /** Either figures, or why there are none. */
  private record Figures(@Nullable ServerFigures known, String problem) {}

  private static Figures figures(HttpClient client, Endpoint at) throws InterruptedException {
    try {
      return new Figures(ServerFigures.of(client, at), "");
    } catch (IOException e) {
      return new Figures(
          null,
          "how the server does is not known: no metrics at "
              + at
              + " ("
              + e
              + "); name their address with --metrics");
    }
  }

  private String picture(
      String target,
      LogPosition tail,
      Traffic.Sample sample,
      LiveInspector inspector,
      Figures before,
      Figures now,
      double seconds) {
    StringWriter text = new StringWriter();
    PrintWriter out = new PrintWriter(text);
    out.println(
        line(
            "%s: tail %,d, %,.1f entries/s, %,.0f bytes/s, seen up to %,d (%,d behind)",
            target,
            tail.value(),
            sample.all().entries / seconds,
            sample.all().bytes / seconds,
            sample.next(),
            Math.max(0, tail.value() - sample.next())));
    out.println(server(before, now, seconds));
    out.println();
    table(out, "object", sample.streams(), inspector::nameOf, seconds);
    out.println();
    table(out, "client", sample.writers(), writer -> writer, seconds);
    if (sample.others().entries > 0) {
      out.println(line("others: %,d entries", sample.others().entries));
    }
    return text.toString();
  }

  private static String server(Figures before, Figures now, double seconds) {
    ServerFigures figures = now.known();
    if (figures == null) {
      return now.problem();
    }
    String standing =
        line(
            "clients %,.0f, connections %,.0f, subscriptions %,.0f, sessions %,.0f, trim mark %,.0f,"
                + " waiting %,.0f%s%s",
            figures.of("milonga_server_conversations"),
            figures.of("milonga_server_connections"),
            figures.of("milonga_server_subscriptions"),
            figures.of("milonga_log_sessions"),
            figures.of("milonga_log_trim_mark"),
            figures.of("milonga_log_waiting_requests"),
            figures.of("milonga_log_disk_full") > 0 ? ", DISK FULL" : "",
            figures.of("milonga_log_broken") > 0 ? ", BROKEN: start it again" : "");
    ServerFigures earlier = before.known();
    if (earlier == null) {
      return standing;
    }
    double commits = figures.since(earlier, "milonga_log_commits_seconds_count");
    double spent = figures.since(earlier, "milonga_log_commits_seconds_sum");
    return standing
        + System.lineSeparator()
        + line(
            "conflicts %,.1f/s, batches %,.1f/s of %,.2f ms each",
            figures.since(earlier, CONFLICTS) / seconds,
            commits / seconds,
            commits > 0 ? spent / commits * 1_000 : 0);
  }

  private <K> void table(
      PrintWriter out,
      String what,
      Map<K, Traffic.Amount> amounts,
      Function<K, String> name,
      double seconds) {
    List<Map.Entry<K, Traffic.Amount>> most =
        amounts.entrySet().stream()
            .sorted((one, other) -> Long.compare(other.getValue().entries, one.getValue().entries))
            .limit(rows)
            .toList();
    try (Rows table = new Rows(out, Format.TABLE, "entries/s", "bytes/s", what)) {
      for (Map.Entry<K, Traffic.Amount> each : most) {
        Traffic.Amount amount = each.getValue();
        table.add(
            line("%,10.1f", amount.entries / seconds),
            line("%,12.0f", amount.bytes / seconds),
            name.apply(each.getKey()));
      }
    }
    if (most.isEmpty()) {
      out.println("nothing was written: no " + what + " to show");
    }
  }

  private static String line(String format, Object... arguments) {
    return String.format(Locale.ROOT, format, arguments);
  }

  private void print(String picture) {
    if (redraws && !once) {
      String lines = picture.replace(System.lineSeparator(), CLEAR_LINE + System.lineSeparator());
      screen.out().print(HOME + lines + CLEAR_BELOW);
    } else {
      screen.out().print(picture);
    }
    screen.out().flush();
  }
}
