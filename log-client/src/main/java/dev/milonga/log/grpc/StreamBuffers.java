package dev.milonga.log.grpc;

import dev.milonga.log.LogEntry;
import dev.milonga.log.StreamId;
import dev.milonga.log.StreamKeys;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The latest entries of all streams that are watched, within a bound for each and one for all. An
 * entry in several of the streams counts as many times.
 *
 * <p>Thread-safe. Entries are added by one thread at a time.
 */
final class StreamBuffers {

  private static final int STREAMS_MAX = 10_000;

  private final long bytesMax;
  private final long streamBytesMax;
  private final ConcurrentHashMap<StreamId, StreamBuffer> buffers = new ConcurrentHashMap<>();
  private final AtomicLong bytes = new AtomicLong();

  StreamBuffers(long bytesMax) {
    this.bytesMax = bytesMax;
    this.streamBytesMax = Math.max(1, bytesMax / 8);
  }

  /** The buffer of a stream, if there is one. */
  @Nullable StreamBuffer find(StreamId stream) {
    return buffers.get(stream);
  }

  /** The buffer of a stream, made if there is room for another; null if there is none. */
  @Nullable StreamBuffer findOrMake(StreamId stream, long nowNanos) {
    StreamBuffer buffer = buffers.get(stream);
    if (buffer != null || buffers.size() >= STREAMS_MAX) {
      return buffer;
    }
    return buffers.computeIfAbsent(stream, each -> new StreamBuffer(each, nowNanos));
  }

  /** Adds an entry to all of its streams that are watched. */
  void add(LogEntry entry) {
    List<StreamKeys> writes = entry.writes();
    for (int i = 0; i < writes.size(); i++) {
      StreamBuffer buffer = buffers.get(writes.get(i).stream());
      if (buffer != null) {
        bytes.addAndGet(buffer.add(entry, streamBytesMax));
      }
    }
    if (bytes.get() > bytesMax) {
      makeRoom();
    }
  }

  // Those that were read least recently lose theirs, until a quarter is free: so this is rare.
  private void makeRoom() {
    List<StreamBuffer> all = new ArrayList<>(buffers.values());
    all.sort(Comparator.comparingLong(StreamBuffer::usedNanos));
    for (StreamBuffer buffer : all) {
      if (bytes.get() <= bytesMax - bytesMax / 4) {
        return;
      }
      bytes.addAndGet(-buffer.dropAll());
    }
  }

  /** Notes that something below that position was missed, whatever stream it is in. */
  void missedBelow(long position) {
    for (StreamBuffer buffer : buffers.values()) {
      bytes.addAndGet(-buffer.dropBelow(position));
    }
  }

  /** The streams whose entries are sent. */
  List<StreamId> watched() {
    List<StreamId> watched = new ArrayList<>();
    for (StreamBuffer buffer : buffers.values()) {
      if (buffer.isWatched()) {
        watched.add(buffer.stream);
      }
    }
    return watched;
  }

  /** Those that are not watched yet, each given anew: a conversation has ended before they were. */
  List<StreamId> toBeGivenAgain() {
    List<StreamId> again = new ArrayList<>();
    for (StreamBuffer buffer : buffers.values()) {
      buffer.takeBackUnlessWatched();
      if (buffer.give()) {
        again.add(buffer.stream);
      }
    }
    return again;
  }

  /** Removes the buffers that nobody has read since that moment, and returns their streams. */
  List<StreamId> removeUnusedSince(long nanos) {
    List<StreamId> removed = new ArrayList<>();
    for (StreamBuffer buffer : buffers.values()) {
      long dropped = buffer.closeIfUnusedSince(nanos);
      if (dropped >= 0) {
        bytes.addAndGet(-dropped);
        buffers.remove(buffer.stream, buffer);
        removed.add(buffer.stream);
      }
    }
    return removed;
  }
}
