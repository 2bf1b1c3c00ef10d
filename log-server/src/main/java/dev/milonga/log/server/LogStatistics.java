package dev.milonga.log.server;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * What a log has done since it was opened, and how it stands. The numbers are live: each call looks
 * anew, and numbers read one after the other belong to one moment only if nothing runs. May be used
 * from any thread, also when the log is closed, and never blocks.
 */
public final class LogStatistics {

  private final LogCounters counters;
  private final LogWriter writer;
  private final PublishedLog published;
  private final Collection<?> subscriptions;

  LogStatistics(
      LogCounters counters, LogWriter writer, PublishedLog published, Collection<?> subscriptions) {
    this.counters = counters;
    this.writer = writer;
    this.published = published;
    this.subscriptions = subscriptions;
  }

  /** Entries appended. */
  public long appends() {
    return counters.appends.get();
  }

  /** Bytes of the entries appended, as they are stored. */
  public long appendedBytes() {
    return counters.appendedBytes.get();
  }

  /** Requests that were decided, accepted or not: appends, trims, and sessions to be opened. */
  public long requests() {
    return counters.requests.get();
  }

  /** Batches that those requests were committed in. */
  public long batches() {
    return counters.batches.get();
  }

  /** Nanoseconds that the writing of those batches took, syncs included. */
  public long commitNanos() {
    return counters.commitNanos.get();
  }

  /** The times that {@link #commitsOver} counts for, ascending. */
  public static List<Duration> slow() {
    return LogCounters.SLOW_NANOS.stream().map(Duration::ofNanos).toList();
  }

  /**
   * Batches whose writing took longer than that.
   *
   * @throws IllegalArgumentException if {@code time} is not one of {@link #slow()}
   */
  public long commitsOver(Duration time) {
    int index = LogCounters.SLOW_NANOS.indexOf(TimeUnit.NANOSECONDS.convert(time));
    if (index < 0) {
      throw new IllegalArgumentException("time must be one of " + slow() + ", was " + time);
    }
    return counters.slowCommits[index].get();
  }

  /** Appends refused because something they had read was written since. */
  public long conflicts() {
    return counters.conflicts.get();
  }

  /** Appends refused because their session is not known any more. */
  public long sessionsExpired() {
    return counters.sessionsExpired.get();
  }

  /** Appends refused because their request number was used for something else. */
  public long mismatches() {
    return counters.mismatches.get();
  }

  /** Requests refused because they are wrong: a snapshot or a trim beyond the tail. */
  public long invalid() {
    return counters.invalid.get();
  }

  /** Appends refused because their entry is larger than the log takes. */
  public long tooLarge() {
    return counters.tooLarge.sum();
  }

  /** Requests refused because too many bytes were waiting. */
  public long overloaded() {
    return counters.overloaded.sum();
  }

  /** Requests that failed, or were refused, because the log could not write. */
  public long unavailable() {
    return counters.unavailable.sum();
  }

  /** Requests that wait for their batch at this moment. */
  public int waiting() {
    return writer.waiting();
  }

  /** About the bytes that those requests hold in memory. */
  public long waitingBytes() {
    return writer.waitingBytes();
  }

  /** The first unwritten position; after the log was closed, the last that was seen. */
  public long tail() {
    return published.lastTail();
  }

  /** The first readable position. */
  public long trimMark() {
    return published.trimMark();
  }

  /** Sessions that have not expired, as of the last batch. */
  public long sessions() {
    return counters.sessions.get();
  }

  /** Streams that have entries, or had some since the log was opened. */
  public long streams() {
    return counters.streams.get();
  }

  /** Subscriptions that have not ended. */
  public int subscriptions() {
    return subscriptions.size();
  }

  /** Whether nothing is accepted for want of room, until there is some. */
  public boolean isDiskFull() {
    return writer.isDiskFull();
  }

  /** Whether nothing is accepted until the log is opened again, because writing has failed. */
  public boolean isBroken() {
    return writer.isBroken();
  }

  /** Reads of entries that were all in memory. */
  public long readsFromMemory() {
    return counters.readsFromMemory.sum();
  }

  /** Reads of entries that were not. */
  public long readsFromStore() {
    return counters.readsFromStore.sum();
  }
}
