package dev.milonga.checkpoint;

import dev.milonga.log.LogPosition;
import dev.milonga.log.ReadLimit;
import dev.milonga.log.TrimmedException;
import dev.milonga.runtime.ObjectRuntime;
import java.time.Duration;

/**
 * Estimates how long a part of the log takes to replay, and how long a checkpoint takes to load, by
 * what both took on an ordinary machine. The bytes of the part are estimated from a few entries
 * spread over it.
 */
final class ReplayCost {

  private static final long NANOS_PER_ENTRY = 5_000;
  private static final long NANOS_PER_BYTE = 10;
  private static final int SAMPLES = 16;

  private ReplayCost() {}

  /** Of the entries in {@code [from, to)}. */
  static Duration ofReplay(ObjectRuntime runtime, LogPosition from, LogPosition to) {
    long entries = to.value() - from.value();
    long nanos = entries * NANOS_PER_ENTRY + (long) (entries * meanBytes(runtime, from, entries));
    return Duration.ofNanos(nanos);
  }

  // Times what a byte costs.
  private static double meanBytes(ObjectRuntime runtime, LogPosition from, long entries) {
    long bytes = 0;
    long step = Math.max(1, entries / SAMPLES);
    int samples = 0;
    for (long at = 0; at < entries && samples < SAMPLES; at += step, samples++) {
      bytes += bytesAt(runtime, new LogPosition(from.value() + at));
    }
    return samples == 0 ? 0 : (double) bytes * NANOS_PER_BYTE / samples;
  }

  private static int bytesAt(ObjectRuntime runtime, LogPosition position) {
    try {
      return runtime.await(runtime.log().readAll(position, ReadLimit.entries(1))).entries().stream()
          .findFirst()
          .map(found -> found.payload().size())
          .orElse(0);
    } catch (TrimmedException e) {
      return 0; // nobody will replay it
    }
  }

  /** Of a checkpoint of that size. */
  static Duration ofLoading(long bytes) {
    return Duration.ofNanos(bytes * NANOS_PER_BYTE);
  }
}
