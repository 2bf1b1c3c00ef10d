package dev.milonga.log.server;

import dev.milonga.log.LogEntry;
import dev.milonga.log.ReadBatch;
import dev.milonga.log.ReadLimit;
import dev.milonga.log.StreamId;
import dev.milonga.log.StreamKeys;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * The newest entries in memory, by position, each with the position of the entry before it in each
 * of its streams: a stream is read by going back from its tail, at a cost of its own entries only.
 *
 * <p>One thread adds. Any thread reads: a slot holds the entry of a position or has been taken by
 * another one, and the reader sees which, since the entry carries its position.
 */
final class RecentEntries {

  private static final int ENTRY_OVERHEAD_BYTES = 256;
  private static final int STEPS_BACK_MAX = 4_096; // for a reader that will likely end in the store

  private record Recent(LogEntry entry, long[] previous, int bytes) {}

  private final AtomicReferenceArray<@Nullable Recent> slots;
  private final int mask;
  private final long bytesMax;
  private long bytes; // of the adding thread
  private long end; // of the adding thread: the next position

  // The lowest position that may be held. Written by the adding thread after the slots are empty.
  private volatile long oldest; // end - capacity <= oldest <= end

  /** Holds at most that many entries, a power of two, of at most that many bytes. */
  RecentEntries(int capacity, long bytesMax, long tail) {
    this.slots = new AtomicReferenceArray<>(capacity);
    this.mask = capacity - 1;
    this.bytesMax = bytesMax;
    this.oldest = tail;
    this.end = tail;
  }

  /** Adds the entry at the position after the last one. */
  void add(AcceptedEntry accepted) {
    Recent added =
        new Recent(
            accepted.entry(), accepted.previous(), accepted.bytes().length + ENTRY_OVERHEAD_BYTES);
    long first = oldest;
    bytes += added.bytes;
    while (first < end && (bytes > bytesMax || end - first > mask)) {
      int slot = (int) first & mask;
      bytes -= slots.get(slot).bytes;
      slots.set(slot, null);
      first++;
    }
    slots.set((int) end & mask, added);
    end++;
    oldest = first;
  }

  /** The entries in {@code [from, to)}, up to the limit; empty if some are not held. */
  Optional<ReadBatch> readAll(long from, long to, ReadLimit limit) {
    BatchBuilder batch = new BatchBuilder(limit);
    for (long position = from; position < to; position++) {
      Recent entry = at(position);
      if (entry == null) {
        return Optional.empty();
      }
      if (!batch.add(entry.entry())) {
        return Optional.of(batch.build(position));
      }
    }
    return Optional.of(batch.build(to));
  }

  /**
   * The entries of that stream in {@code [from, to)}, up to the limit; empty if some are not held.
   *
   * @param streamTail the position after an entry of the stream, below which none is left out
   */
  Optional<ReadBatch> read(StreamId stream, long streamTail, long from, long to, ReadLimit limit) {
    int stepsMax = from < oldest ? STEPS_BACK_MAX : Integer.MAX_VALUE;
    List<LogEntry> newestFirst = new ArrayList<>();
    long position = streamTail - 1;
    for (int steps = 0; position >= from; steps++) {
      Recent entry = at(position);
      if (entry == null || steps > stepsMax) {
        return Optional.empty();
      }
      if (position < to) {
        newestFirst.add(entry.entry());
      }
      position = previous(entry, stream);
    }
    BatchBuilder batch = new BatchBuilder(limit);
    for (int i = newestFirst.size() - 1; i >= 0; i--) {
      LogEntry entry = newestFirst.get(i);
      if (!batch.add(entry)) {
        return Optional.of(batch.build(entry.position().value()));
      }
    }
    return Optional.of(batch.build(to));
  }

  private @Nullable Recent at(long position) {
    Recent entry = slots.get((int) position & mask);
    return entry != null && entry.entry().position().value() == position ? entry : null;
  }

  private static long previous(Recent entry, StreamId stream) {
    List<StreamKeys> writes = entry.entry().writes();
    for (int i = 0; i < writes.size(); i++) {
      if (writes.get(i).stream().equals(stream)) {
        return entry.previous()[i];
      }
    }
    throw new AssertionError(
        "the entry before one of stream " + stream + " is " + entry.entry() + ", not in it");
  }
}
