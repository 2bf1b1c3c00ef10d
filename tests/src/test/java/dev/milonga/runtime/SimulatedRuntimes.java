package dev.milonga.runtime;

import dev.milonga.log.SharedLog;

/** Opens clients in environments of a simulation, which check each class once among them. */
public final class SimulatedRuntimes {

  private final Codec codec = Codec.standard();
  private final TypeBinding types = new TypeBinding(codec);

  /** A client of that log. */
  public ObjectRuntime open(SharedLog log, Environment environment) {
    return ObjectRuntime.builder(log).codec(codec).environment(environment).types(types).build();
  }
}
