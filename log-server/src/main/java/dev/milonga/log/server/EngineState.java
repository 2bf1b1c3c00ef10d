package dev.milonga.log.server;

import java.nio.ByteBuffer;

/**
 * The numbers in an engine's state. Stored with every batch, so that what a store holds can be
 * checked against them.
 *
 * @param batches how many batches have been applied
 * @param tail the first unwritten position
 * @param trimMark the first readable position; at most the tail
 * @param timeMicros log time: the time of the last batch; never goes back
 * @param nextSession the number of the next session
 * @param generation where the conflict index's current generation begins; at most the tail
 * @param previousGeneration where the one before it begins; at most {@code generation}
 * @param generationWrites the number of writes in the current generation
 */
record EngineState(
    long batches,
    long tail,
    long trimMark,
    long timeMicros,
    long nextSession,
    long generation,
    long previousGeneration,
    int generationWrites) {

  static final EngineState EMPTY = new EngineState(0, 0, 0, Long.MIN_VALUE, 1, 0, 0, 0);

  EngineState {
    if (batches < 0
        || nextSession < 1
        || generationWrites < 0
        || trimMark < 0
        || trimMark > tail
        || previousGeneration < 0
        || previousGeneration > generation
        || generation > tail) {
      throw new IllegalArgumentException(
          "no engine is ever in this state: batches "
              + batches
              + ", tail "
              + tail
              + ", trim mark "
              + trimMark
              + ", next session "
              + nextSession
              + ", generations "
              + previousGeneration
              + " and "
              + generation
              + " with "
              + generationWrites
              + " writes");
    }
  }

  /** Appends its numbers in their order, 8 bytes each, as rows and files of a store hold them. */
  ByteBuffer putTo(ByteBuffer to) {
    return to.putLong(batches)
        .putLong(tail)
        .putLong(trimMark)
        .putLong(timeMicros)
        .putLong(nextSession)
        .putLong(generation)
        .putLong(previousGeneration)
        .putLong(generationWrites);
  }

  /**
   * The oldest position from which on everything is remembered: what the log must be read from to
   * rebuild the engine's memory, and the oldest snapshot against which a key can be checked.
   */
  long horizon() {
    return Math.max(trimMark, previousGeneration);
  }
}
