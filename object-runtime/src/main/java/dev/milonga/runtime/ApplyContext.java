package dev.milonga.runtime;

import dev.milonga.annotations.Deterministic;
import java.time.Instant;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * Time and randomness of the call that is being applied, as a function of its log entry alone.
 * Confined to the thread that applies.
 */
final class ApplyContext implements Deterministic.Source {

  private long timeMicros;
  private long seed;
  private @Nullable Random random; // made on first use within a call

  /** Moves on to the {@code index}-th call of an entry. */
  void enter(Moment moment, int index) {
    this.timeMicros = moment.timeMicros;
    this.seed = mix(mix(moment.seed) + index);
    this.random = null;
  }

  @Override
  public Instant now() {
    return Instant.ofEpochSecond(
        Math.floorDiv(timeMicros, 1_000_000L), Math.floorMod(timeMicros, 1_000_000L) * 1_000L);
  }

  @Override
  public Random random() {
    Random current = random;
    if (current == null) {
      current = new Random(seed);
      random = current;
    }
    return current;
  }

  // The finalizer of SplitMix64: neighbouring positions get unrelated seeds.
  private static long mix(long value) {
    long mixed = value + 0x9e3779b97f4a7c15L;
    mixed = (mixed ^ (mixed >>> 30)) * 0xbf58476d1ce4e5b9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94d049bb133111ebL;
    return mixed ^ (mixed >>> 31);
  }

  /**
   * What the time and the randomness of an entry's calls derive from.
   *
   * @param timeMicros in microseconds since 1970-01-01T00:00Z
   * @param seed the entry's position, or what the transaction that made the entry has drawn
   */
  record Moment(long timeMicros, long seed) {}
}
