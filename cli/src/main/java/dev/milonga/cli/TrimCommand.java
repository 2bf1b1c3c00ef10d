package dev.milonga.cli;

import dev.milonga.Milonga;
import dev.milonga.checkpoint.TrimReport;
import dev.milonga.log.SharedLog;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Drops the oldest part of a store's log. */
@Command(
    name = "trim",
    description = {
      "Drop the oldest entries of the log for good, as far as no object needs them: what lies below"
          + " the oldest checkpoint that is kept. History, and reads in the past, then begin there.",
      "",
      "What is to be kept is remembered by the store, which from then on also trims by itself."
    })
final class TrimCommand implements Callable<Integer> {

  private final Screen screen;

  @Mixin private StoreOption store = new StoreOption();

  @Option(
      names = "--keep-checkpoints",
      paramLabel = "N",
      description = "Keep the log from the N-th newest checkpoint of each object on.")
  private @Nullable Integer checkpoints;

  @Option(
      names = "--keep-time",
      paramLabel = "DURATION",
      description = "Keep every entry that is not older, such as P7D or PT12H.")
  private @Nullable Duration time;

  TrimCommand(Screen screen) {
    this.screen = screen;
  }

  @Override
  public Integer call() {
    try (SharedLog log = store.open();
        Milonga objects = Milonga.over(log)) {
      if (checkpoints != null || time != null) {
        objects
            .checkpointer()
            .retain(checkpoints == null ? 1 : checkpoints, time == null ? Duration.ZERO : time);
      }
      TrimReport report = objects.checkpointer().trim();
      screen
          .out()
          .printf(
              "dropped %,d entries; the log begins at position %d, which %s needs%n",
              report.mark().value() - report.before().value(),
              report.mark().value(),
              report.heldBackBy());
      return 0;
    }
  }
}
