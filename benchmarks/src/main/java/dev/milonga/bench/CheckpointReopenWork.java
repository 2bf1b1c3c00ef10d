package dev.milonga.bench;

import dev.milonga.Milonga;
import dev.milonga.bench.NewProcess.Opened;
import dev.milonga.bench.Reopening.What;
import dev.milonga.checkpoint.CheckpointReport;
import dev.milonga.log.SharedLog;
import dev.milonga.log.StreamId;
import dev.milonga.log.server.EmbeddedLog;
import dev.milonga.runtime.CheckpointContents;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Opening a store that has checkpoints, in a new process. */
final class CheckpointReopenWork {

  private static final int ENTRY_BYTES = 116;

  private CheckpointReopenWork() {}

  /** From a checkpoint of a large map, and nothing to replay after it. */
  static Work large(String name, String group, int entries) {
    String description =
        String.format(Locale.ROOT, "open a map of %,d entries from a checkpoint", entries);
    return Work.of(
        name,
        group,
        description,
        settings -> 4 * settings.rounds() + 1,
        bench -> {
          Path store = checkpointed(bench, entries);
          Path small = checkpointed(bench, Reopening.SMALL);
          Place state = new Place(What.STATE, state(bench, store), entries, state(bench, small));
          bench.measured();
          compare(
              bench,
              name,
              description,
              new Place(What.STORE, store, entries, small),
              "reading the checkpoint's bytes from a file and decoding them by Jackson",
              state,
              Goal.ratioAtMost(2));
        });
  }

  private static Path checkpointed(Bench bench, int entries) throws Exception {
    Path store = bench.newDirectory();
    try (Milonga opened = Stores.withoutCheckpoints(store)) {
      LargeMap.fill(bench, opened, entries);
      requireComplete(opened.checkpointer().checkpoint(), entries);
      opened.checkpointer().trim(); // there is nothing else to open it from
    }
    return store;
  }

  private static Path state(Bench bench, Path store) throws Exception {
    Path state = bench.newDirectory().resolve("state.cbor");
    try (SharedLog log = EmbeddedLog.open(store)) {
      CheckpointContents.copy(log, StreamId.named(Reopening.MAP), state);
    }
    return state;
  }

  /** After many updates during which the store has checkpointed itself. */
  static Work background(String name, String group, int updates) {
    String description =
        String.format(
            Locale.ROOT,
            "reopen after %,d updates to 10,000 keys, with background checkpoints",
            updates);
    return Work.of(
        name,
        group,
        description,
        settings -> 4 * settings.rounds() + 2,
        bench -> {
          Path with = bench.newDirectory();
          try (Milonga opened = Milonga.open(with)) {
            ReopenWork.update(bench, opened, updates);
          }
          bench.measured();
          Path without = bench.newDirectory();
          try (Milonga opened = Stores.withoutCheckpoints(without)) {
            ReopenWork.update(bench, opened, updates);
          }
          bench.measured();
          int entries = Math.min(Pairs.KEYS, updates);
          Path small = checkpointed(bench, Reopening.SMALL);
          compare(
              bench,
              name,
              description,
              new Place(What.STORE_WITH_BACKGROUND_CHECKPOINTS, with, entries, small),
              "the same without checkpoints",
              new Place(What.STORE, without, entries, small),
              Goal.ratioAtMost(0.1));
        });
  }

  /** Refuses to measure what is not a checkpoint of all the entries. */
  static void requireComplete(CheckpointReport report, int entries) throws BenchmarkException {
    if (!report.failed().isEmpty() || report.bytes() < (long) ENTRY_BYTES * entries) {
      throw new BenchmarkException("not all entries were checkpointed: " + report);
    }
  }

  private record Place(What what, Path path, int parts, Path small) {}

  private static void compare(
      Bench bench,
      String name,
      String description,
      Place ours,
      String against,
      Place baseline,
      Goal goal)
      throws Exception {
    NewProcess process = new NewProcess(bench);
    List<Opened> stores = new ArrayList<>();
    List<Opened> baselines = new ArrayList<>();
    List<Opened> newStores = new ArrayList<>();
    List<Opened> newBaselines = new ArrayList<>();
    for (int round = 0; round < bench.settings().rounds(); round++) {
      baselines.add(openAfterSmall(process, baseline));
      bench.measured();
      stores.add(openAfterSmall(process, ours));
      bench.measured();
      newBaselines.add(process.open(baseline.what, baseline.path, baseline.parts));
      bench.measured();
      newStores.add(process.open(ours.what, ours.path, ours.parts));
      bench.measured();
    }
    bench.add(Row.of(name, description, seconds(stores), against, seconds(baselines), goal));
    bench.add(
        Row.of(
            name + "-new",
            "the same as the first thing that a process does",
            seconds(newStores),
            against,
            seconds(newBaselines),
            Goal.NONE));
  }

  private static Opened openAfterSmall(NewProcess process, Place place) throws Exception {
    return process.openAfter(place.small, place.what, place.path, place.parts);
  }

  private static Figure seconds(List<Opened> rounds) {
    return Figure.of(Measurement.median(rounds, Opened::seconds), Unit.SECONDS);
  }
}
