package dev.milonga.log.server;

import dev.milonga.tests.simulation.Scheduler;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;

/** Makes and opens the real embedded log over a simulated disk, on threads of the simulation. */
public final class SimulatedLog {

  private static final Path NOWHERE = Path.of("simulated");

  private SimulatedLog() {}

  /** Makes an empty log on an empty disk, before the simulation begins. */
  public static void create(SimulatedDisk disk, int generationWrites, Duration sessionTimeout) {
    try {
      disk.create(new EngineParameters(generationWrites, sessionTimeout.toNanos() / 1_000));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Opens the log that is on the disk, in a process. Called by a thread of that process. */
  public static EmbeddedLog open(
      SimulatedDisk disk,
      Scheduler scheduler,
      Scheduler.Process process,
      InstantSource clock,
      long cacheBytesMax) {
    LogStore store = LogStore.open("simulated", disk.storage(), new HighWaterMark(disk.slots()));
    return EmbeddedLog.builder(NOWHERE)
        .clock(clock)
        .cacheBytesMax(cacheBytesMax)
        .threads(
            (writer, completions) -> new SimulatedThreads(scheduler, process, writer, completions))
        .over("simulated", store, store);
  }
}
