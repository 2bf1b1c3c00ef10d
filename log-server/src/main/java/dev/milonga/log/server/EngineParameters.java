package dev.milonga.log.server;

/**
 * What a store was created with and decides by ever after; two engines decide alike only if these
 * are alike.
 *
 * @param generationWrites after how many writes of a key or a whole object the conflict index drops
 *     the older half of what it remembers; at least 1
 * @param sessionTimeoutMicros a session unused for longer than that, in log time, is gone; at least
 *     1
 */
record EngineParameters(int generationWrites, long sessionTimeoutMicros) {

  static final EngineParameters DEFAULT = new EngineParameters(1 << 18, 24 * 3_600_000_000L);

  EngineParameters {
    if (generationWrites < 1) {
      throw new IllegalArgumentException("generationWrites must be >= 1, was " + generationWrites);
    }
    if (sessionTimeoutMicros < 1) {
      throw new IllegalArgumentException(
          "sessionTimeoutMicros must be >= 1, was " + sessionTimeoutMicros);
    }
  }
}
