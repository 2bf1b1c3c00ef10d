package dev.milonga.runtime;

import dev.milonga.log.LogEntry;
import dev.milonga.log.LogPosition;
import dev.milonga.log.ReadBatch;
import dev.milonga.log.ReadLimit;
import dev.milonga.log.SharedLog;
import dev.milonga.log.StreamId;
import java.util.Collections;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * Reads the entries of one stream in a range of positions, batch by batch. Confined to one thread.
 */
final class StreamReader implements Iterator<LogEntry> {

  private final SharedLog log;
  private final Waiting waiting;
  private final StreamId stream;
  private final LogPosition to;
  private final ReadLimit limit;
  private final boolean ahead; // whether a batch is asked for while the one before is handed out
  private @Nullable CompletableFuture<ReadBatch> underWay; // from next on
  private LogPosition next; // what is below it is in the batch or was handed out
  private Iterator<LogEntry> batch = Collections.emptyIterator();

  /**
   * Reads that stream in {@code [from, to)}, no more at once than the limit says; with {@code
   * ahead} twice as much.
   */
  StreamReader(
      SharedLog log,
      Waiting waiting,
      StreamId stream,
      LogPosition from,
      LogPosition to,
      ReadLimit limit,
      boolean ahead) {
    this.log = log;
    this.waiting = waiting;
    this.stream = stream;
    this.next = from;
    this.to = to;
    this.limit = limit;
    this.ahead = ahead;
  }

  /** The entries of that stream at positions in {@code [from, to)}. */
  static Stream<LogEntry> read(
      SharedLog log, Waiting waiting, StreamId stream, LogPosition from, LogPosition to) {
    StreamReader reader =
        new StreamReader(log, waiting, stream, from, to, ReadLimit.DEFAULT, false);
    return StreamSupport.stream(
        Spliterators.spliteratorUnknownSize(reader, Spliterator.ORDERED | Spliterator.NONNULL),
        false);
  }

  @Override
  public boolean hasNext() {
    while (!batch.hasNext() && next.compareTo(to) < 0) {
      ReadBatch read = waiting.await(underWay != null ? underWay : log.read(stream, next, limit));
      underWay = null;
      batch =
          read.entries().stream().filter(entry -> entry.position().compareTo(to) < 0).iterator();
      if (read.next().equals(next)) {
        return false; // the log ends here
      }
      next = read.next();
      if (ahead && next.compareTo(to) < 0) {
        underWay = log.read(stream, next, limit);
      }
    }
    return batch.hasNext();
  }

  @Override
  public LogEntry next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    return batch.next();
  }
}
