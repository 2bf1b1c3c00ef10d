package dev.milonga.log.grpc;

import dev.milonga.log.LogEntry;
import dev.milonga.log.LogPosition;
import dev.milonga.log.ReadBatch;
import dev.milonga.log.ReadLimit;
import dev.milonga.log.StreamId;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The latest entries of one watched stream. It holds every entry of the stream from {@link #from}
 * on that was received; what is below was dropped, or never sent.
 *
 * <p>All fields are guarded by this; nothing is called under it.
 */
final class StreamBuffer {

  // Of an entry in memory, beside its payload and its keys.
  private static final int ENTRY_BYTES = 200;

  final StreamId stream;

  private final ArrayDeque<LogEntry> entries = new ArrayDeque<>(); // ascending, from `from` on
  private long from = Long.MAX_VALUE; // that is: nothing yet, or nothing any more
  private long bytes; // of the entries
  private boolean watched; // the server has said so
  private boolean given; // to the server, to be watched
  private boolean closed; // never to be used again
  private long usedNanos; // when it was read last

  StreamBuffer(StreamId stream, long nowNanos) {
    this.stream = stream;
    this.usedNanos = nowNanos;
  }

  /** What an entry is taken to occupy. */
  static long sizeOf(LogEntry entry) {
    long keys = 0;
    for (int i = 0; i < entry.writes().size(); i++) {
      keys += entry.writes().get(i).keys().size();
    }
    return ENTRY_BYTES + entry.payload().size() + keys * Long.BYTES;
  }

  /** Notes that the server has been asked to watch the stream; whether that was new. */
  synchronized boolean give() {
    boolean isNew = !given && !closed;
    given = true;
    return isNew;
  }

  /** Notes that the server sends all entries from there on. */
  synchronized void watchedFrom(long position) {
    if (!closed) {
      watched = true;
      from = position;
    }
  }

  /** Whether the server sends the stream's entries. */
  synchronized boolean isWatched() {
    return watched;
  }

  /** Notes that the conversation has ended in which the stream was to be watched, and was not. */
  synchronized void takeBackUnlessWatched() {
    given = watched;
  }

  /**
   * Adds an entry that was sent. The oldest are dropped to stay within the bound.
   *
   * @return by how many bytes the buffer has grown; may be negative
   */
  synchronized long add(LogEntry entry, long bytesMax) {
    long position = entry.position().value();
    if (!watched || position < from) {
      return 0;
    }
    long before = bytes;
    entries.addLast(entry);
    bytes += sizeOf(entry);
    while (bytes > bytesMax) {
      LogEntry oldest = entries.removeFirst();
      bytes -= sizeOf(oldest);
      from = oldest.position().value() + 1;
    }
    return bytes - before;
  }

  /**
   * Drops all entries below a position, of which there may be more than are here.
   *
   * @return how many bytes that was
   */
  synchronized long dropBelow(long position) {
    long before = bytes;
    if (watched && position > from) {
      while (!entries.isEmpty() && entries.getFirst().position().value() < position) {
        bytes -= sizeOf(entries.removeFirst());
      }
      from = position;
    }
    return before - bytes;
  }

  /** Drops all entries; returns how many bytes that was. */
  synchronized long dropAll() {
    return entries.isEmpty() ? 0 : dropBelow(entries.getLast().position().value() + 1);
  }

  /**
   * Ends it, if the server watches the stream and nobody has read it since that moment.
   *
   * @return how many bytes were dropped, or -1 if it goes on
   */
  synchronized long closeIfUnusedSince(long nanos) {
    if (!watched || usedNanos - nanos >= 0) {
      return -1;
    }
    closed = true;
    watched = false;
    from = Long.MAX_VALUE;
    entries.clear();
    return bytes;
  }

  synchronized long usedNanos() {
    return usedNanos;
  }

  /** Whether it has, or will be sent, whatever follows from a position on. */
  synchronized boolean covers(long position) {
    return position >= from;
  }

  /**
   * What a read returns, if all of that is here.
   *
   * @param position where to read from; below {@code next}
   * @param next every entry below it was received before the call
   */
  synchronized @Nullable ReadBatch read(long position, ReadLimit limit, long next, long nowNanos) {
    usedNanos = nowNanos;
    if (position < from) {
      return null;
    }
    List<LogEntry> found = new ArrayList<>();
    long foundBytes = 0;
    Iterator<LogEntry> wanted = from(position);
    while (wanted.hasNext()) {
      LogEntry entry = wanted.next();
      long size = entry.payload().size();
      if (!found.isEmpty()
          && (found.size() == limit.entriesMax() || foundBytes + size > limit.bytesMax())) {
        return new ReadBatch(found, found.get(found.size() - 1).position().next());
      }
      found.add(entry);
      foundBytes += size;
    }
    long last = found.isEmpty() ? -1 : found.get(found.size() - 1).position().value();
    return new ReadBatch(found, new LogPosition(Math.max(next, last + 1)));
  }

  // Most reads want the last few of many.
  private Iterator<LogEntry> from(long position) {
    if (entries.isEmpty() || entries.getLast().position().value() < position) {
      return List.<LogEntry>of().iterator();
    }
    if (entries.getFirst().position().value() >= position) {
      return entries.iterator();
    }
    ArrayDeque<LogEntry> latest = new ArrayDeque<>();
    Iterator<LogEntry> backwards = entries.descendingIterator();
    while (backwards.hasNext()) {
      LogEntry entry = backwards.next();
      if (entry.position().value() < position) {
        break;
      }
      latest.addFirst(entry);
    }
    return latest.iterator();
  }
}
