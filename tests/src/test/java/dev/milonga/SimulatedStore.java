package dev.milonga;

import dev.milonga.log.SharedLog;
import dev.milonga.runtime.Environment;
import dev.milonga.runtime.SimulatedRuntimes;

/** Opens the real store of a client in an environment of the simulation. */
public final class SimulatedStore {

  private SimulatedStore() {}

  /** A client of that log. */
  public static Milonga open(SharedLog log, Environment environment, SimulatedRuntimes runtimes) {
    return Milonga.over(runtimes.open(log, environment));
  }
}
