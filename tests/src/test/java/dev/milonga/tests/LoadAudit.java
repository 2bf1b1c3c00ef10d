package dev.milonga.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milonga.log.LogEntry;
import dev.milonga.log.LogPosition;
import dev.milonga.log.ReadBatch;
import dev.milonga.log.ReadLimit;
import dev.milonga.log.SharedLog;
import dev.milonga.log.StreamId;
import dev.milonga.log.StreamKeys;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.CRC32C;

/**
 * Checks the contents of a log against what {@link LoadWriter}s were told: nothing acknowledged is
 * missing or elsewhere (lost); nothing is there twice, or was never sent (phantom); positions are
 * dense, each writer's entries are in its order and whole, and each entry is in all of its streams.
 * Goes on where it ended the last time. Used by one thread, but for {@link #told}.
 */
final class LoadAudit {

  private final Map<LoadWriter, Map<Long, Long>> told = new HashMap<>(); // and not yet checked
  private final Map<LoadWriter, Long> found = new HashMap<>(); // how many, or were trimmed
  private final Map<LoadWriter, Long> acknowledged = new HashMap<>(); // how many
  private final Set<LoadWriter> afterTrim = new HashSet<>(); // of whose entries some may be gone
  private final CRC32C contents = new CRC32C();
  private long acknowledgedInAll;
  private long next; // everything below was checked

  LoadAudit() {}

  /** One that has been told the same, and has checked nothing. */
  LoadAudit(LoadAudit other) {
    acknowledged.putAll(other.acknowledged);
    acknowledgedInAll = other.acknowledgedInAll;
  }

  /** That entry was acknowledged. Called by any thread, but not during a check. */
  synchronized void told(LoadWriter writer, long sequence, long position) {
    told.computeIfAbsent(writer, any -> new HashMap<>()).put(sequence, position);
    acknowledged.merge(writer, 1L, Long::sum);
    acknowledgedInAll++;
  }

  /** How many entries were acknowledged. */
  long acknowledged() {
    return acknowledgedInAll;
  }

  /** How many entries are there. */
  long entries() {
    return next;
  }

  /** A checksum of all entries that were checked, in their order. */
  long contents() {
    return contents.getValue();
  }

  /** How many entries are there though nobody was told. */
  long unacknowledged() {
    return found.values().stream().mapToLong(Long::longValue).sum() - acknowledgedInAll;
  }

  /** Checks what has come since the last time, as far as it has not been trimmed. */
  synchronized void check(SharedLog log) {
    long trimMark = log.trimMark().join().value();
    afterTrim.clear();
    if (trimMark > next) {
      next = trimMark;
      told.values().forEach(each -> each.values().removeIf(position -> position < trimMark));
      afterTrim.addAll(acknowledged.keySet());
    }
    long from = next;
    long tail = log.tail().join().value();
    Map<StreamId, List<Long>> byStream = new HashMap<>();
    while (next < tail) {
      ReadBatch batch = log.readAll(new LogPosition(next), ReadLimit.DEFAULT).join();
      assertThat(batch.entries())
          .as("entries from %d, with the tail at %d", next, tail)
          .isNotEmpty();
      for (LogEntry entry : batch.entries()) {
        assertThat(entry.position().value()).as("positions are dense").isEqualTo(next);
        LoadWriter.of(entry.payload()).ifPresent(writer -> check(writer, entry));
        for (StreamKeys write : entry.writes()) {
          byStream.computeIfAbsent(write.stream(), any -> new ArrayList<>()).add(next);
        }
        next++;
      }
    }
    byStream.forEach((stream, all) -> assertThat(positions(log, stream, from)).isEqualTo(all));
    told.forEach(
        (writer, lost) -> assertThat(lost).as("lost by %s, by position", writer).isEmpty());
    told.clear();
    found.forEach(
        (writer, count) ->
            assertThat(count - acknowledged.getOrDefault(writer, 0L))
                .as("entries of %s of which it was not told", writer)
                .isLessThanOrEqualTo(writer.window()));
  }

  private void check(LoadWriter writer, LogEntry entry) {
    long sequence = LoadWriter.sequence(entry.payload());
    long expected = found.getOrDefault(writer, 0L);
    boolean afterGap = afterTrim.remove(writer);
    if (sequence != expected && !(afterGap && sequence > expected)) {
      throw new AssertionError(
          writer
              + " should have its entry "
              + expected
              + " next, and has "
              + sequence
              + ": "
              + entry);
    }
    found.put(writer, sequence + 1);
    if (!entry.payload().equals(writer.payload(sequence))
        || !entry.writes().equals(writer.writes(sequence))) {
      throw new AssertionError("not what " + writer + " sent: " + entry);
    }
    contents.update(entry.payload().array());
    Map<Long, Long> acknowledgements = told.getOrDefault(writer, Map.of());
    Long position = acknowledgements.get(sequence);
    if (position != null) {
      if (position != next) {
        throw new AssertionError(entry + " was acknowledged at position " + position);
      }
      acknowledgements.remove(sequence);
    }
  }

  private static List<Long> positions(SharedLog log, StreamId stream, long from) {
    List<Long> positions = new ArrayList<>();
    LogPosition next = new LogPosition(from);
    while (true) {
      ReadBatch batch = log.read(stream, next, ReadLimit.DEFAULT).join();
      if (batch.entries().isEmpty()) {
        return positions;
      }
      batch.entries().forEach(entry -> positions.add(entry.position().value()));
      next = batch.next();
    }
  }
}
