package dev.milonga.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milonga.runtime.SimulatedRuntimes;
import dev.milonga.tests.simulation.Trace;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/**
 * The simulation of {@code docs/simulation.md} for {@code milonga.seeds} seeds, drawn from {@code
 * milonga.seed}. Give {@code milonga.replay} instead to run that one seed and to have every step of
 * it printed.
 */
class SimulationTest {

  private static final ExecutorService POOL =
      Executors.newCachedThreadPool(
          task -> {
            Thread thread = new Thread(task, "simulated");
            thread.setDaemon(true);
            return thread;
          });

  private static final SimulatedRuntimes RUNTIMES = new SimulatedRuntimes();

  @AfterAll
  static void endThreads() {
    POOL.shutdown();
  }

  private static long run(long seed, Trace trace) {
    Simulation simulation = new Simulation(seed, trace, POOL, RUNTIMES);
    try {
      simulation.run();
    } catch (RuntimeException | Error e) {
      trace.tail().forEach(System.out::println);
      throw new AssertionError(
          "seed "
              + seed
              + " fails: "
              + e.getMessage()
              + "; replay it with -Dmilonga.replay="
              + seed,
          e);
    }
    return simulation.steps();
  }

  @Test
  void everySeed_keepsEveryPromise() {
    Long replay = Long.getLong("milonga.replay");
    if (replay != null) {
      run(replay, new Trace(Optional.of(System.out)));
      return;
    }
    boolean soak = "soak".equals(System.getProperty("milonga.faults"));
    long seeds = Long.getLong("milonga.seeds", soak ? 20_000 : 120);
    long seed = Long.getLong("milonga.seed", new Random().nextLong());
    System.out.println("simulation: milonga.seed=" + seed);
    Random random = new Random(seed);
    long steps = 0;
    long began = System.nanoTime();
    for (long i = 0; i < seeds; i++) {
      steps += run(random.nextLong(), new Trace(Optional.empty()));
    }
    System.out.printf(
        "%d seeds, %d steps, %d ms%n", seeds, steps, (System.nanoTime() - began) / 1_000_000);
  }

  @Test
  void oneSeed_isTheSameStepByStep() {
    for (long seed = 1; seed <= 10; seed++) {
      Trace first = new Trace(Optional.empty());
      Trace second = new Trace(Optional.empty());

      run(seed, first);
      run(seed, second);

      assertThat(second.tail()).isEqualTo(first.tail());
      assertThat(second.hash()).isEqualTo(first.hash());
    }
  }
}
