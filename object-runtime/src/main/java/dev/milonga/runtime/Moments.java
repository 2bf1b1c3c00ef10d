package dev.milonga.runtime;

import dev.milonga.log.LogEntry;
import dev.milonga.log.LogPosition;
import dev.milonga.log.ReadLimit;
import dev.milonga.log.SharedLog;
import dev.milonga.log.TrimmedException;
import java.time.Instant;
import java.time.InstantSource;

/** Finds positions by time, which never decreases along the log. */
final class Moments {

  private final SharedLog log;
  private final Waiting waiting;
  private final InstantSource clock;

  Moments(SharedLog log, Waiting waiting, InstantSource clock) {
    this.log = log;
    this.waiting = waiting;
    this.clock = clock;
  }

  /**
   * The position of the first entry that the log has accepted after that moment, or the tail.
   *
   * @throws IllegalArgumentException if the moment has not come yet, by the clock and by the log
   * @throws TrimmedException if it lies before the oldest entry of a log that was trimmed
   */
  LogPosition firstAfter(Instant moment) {
    long mark = waiting.await(log.trimMark()).value();
    long low = mark; // every entry below it is no later than the moment
    long high = waiting.await(log.tail()).value(); // every entry at or above it is later
    if (moment.isAfter(clock.instant()) && (low == high || time(high - 1).isBefore(moment))) {
      throw new IllegalArgumentException(
          "a block was to see the moment " + moment + ", which has not come yet");
    }
    while (low < high) {
      long middle = low + (high - low) / 2;
      if (time(middle).isAfter(moment)) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    if (low == mark && mark > 0) {
      throw new TrimmedException(new LogPosition(mark - 1), new LogPosition(mark));
    }
    return new LogPosition(low);
  }

  private Instant time(long position) {
    return waiting
        .await(log.readAll(new LogPosition(position), ReadLimit.entries(1)))
        .entries()
        .stream()
        .findFirst()
        .map(LogEntry::time)
        .orElseThrow(() -> new AssertionError("no entry at " + position + " below the tail"));
  }
}
