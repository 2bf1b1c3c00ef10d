package dev.milonga.runtime;

import com.google.protobuf.ByteString;
import dev.milonga.log.LocalTails;
import dev.milonga.log.LogEntry;
import dev.milonga.log.LogPosition;
import dev.milonga.log.ReadBatch;
import dev.milonga.log.ReadLimit;
import dev.milonga.log.SharedLog;
import dev.milonga.log.StoreException;
import dev.milonga.log.StreamId;
import dev.milonga.log.TrimmedException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.function.LongFunction;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The checkpoints that a log holds: finds them, and reads the states in them. Thread-safe.
 *
 * <p>A checkpoint counts if its end is there and stands for no less than the trim mark: its chunks,
 * and the entries that follow what it stands for, then lie at or above the mark.
 */
final class StoredCheckpoints {

  private static final Logger LOG = LoggerFactory.getLogger(StoredCheckpoints.class);

  // Of chunks, so that little more than one is held at a time.
  private static final ReadLimit CHUNKS = new ReadLimit(4, 1 << 20);

  private static final long LARGE_BYTES = 1 << 20; // what threads are worth being started for

  private final SharedLog log;
  private final Waiting waiting;
  private final @Nullable LocalTails localTails;
  private final LongFunction<Optional<Schema>> schemas;
  private final LongSupplier agreedMark;

  /**
   * @param schemas finds a schema by its fingerprint
   * @param agreedMark the trim mark that the ledger has agreed to: nothing was dropped below it
   *     that is not in a checkpoint
   */
  StoredCheckpoints(
      SharedLog log,
      Waiting waiting,
      LongFunction<Optional<Schema>> schemas,
      LongSupplier agreedMark) {
    this.log = log;
    this.waiting = waiting;
    this.localTails = log.localTails().orElse(null);
    this.schemas = schemas;
    this.agreedMark = agreedMark;
  }

  /** For objects of which nothing is known but what is in their own streams. */
  static StoredCheckpoints alone(SharedLog log, Waiting waiting) {
    return new StoredCheckpoints(log, waiting, fingerprint -> Optional.empty(), () -> 0);
  }

  /** A state that was read, what it stands for, and its bytes as they were written. */
  record Loaded<T>(T state, long upTo, long bytes) {}

  /** The checkpoints of the object of that stream that count, oldest first. */
  List<Checkpoint> of(StreamId stream, Deadline deadline) {
    StreamId ends = CheckpointFormat.endsOf(stream);
    return isEmpty(ends, deadline) ? List.of() : read(ends, deadline);
  }

  /** The checkpoints of all objects that count, in the order of their ends. */
  List<Checkpoint> ofAll(Deadline deadline) {
    return read(CheckpointFormat.ALL_ENDS, deadline);
  }

  private boolean isEmpty(StreamId ends, Deadline deadline) {
    if (localTails != null) {
      return localTails.of(ends).value() == 0;
    }
    return deadline
        .await(log.tail(List.of(ends)))
        .getOrDefault(ends, LogPosition.FIRST)
        .equals(LogPosition.FIRST);
  }

  private List<Checkpoint> read(StreamId ends, Deadline deadline) {
    while (true) {
      LogPosition mark = deadline.await(log.trimMark());
      try {
        List<Checkpoint> found = new ArrayList<>();
        ReadBatch batch;
        LogPosition next = mark;
        do {
          batch = deadline.await(log.read(ends, next, ReadLimit.DEFAULT));
          for (LogEntry entry : batch.entries()) {
            Checkpoint checkpoint = CheckpointFormat.parseEnd(entry);
            if (checkpoint.upTo().compareTo(mark) >= 0) {
              found.add(checkpoint);
            }
          }
          next = batch.next();
        } while (!batch.entries().isEmpty());
        return found;
      } catch (TrimmedException e) {
        // The mark has moved meanwhile; each turn reads from a later one.
      }
    }
  }

  /**
   * Reads the newest state of an object that stands for more than {@code above} and, where there is
   * such a one, for no more than {@code atMost}; without, for as little as can be had.
   *
   * @param strictly whether a state that stands for more than {@code atMost} is of no use
   * @return empty if there is none that this class can take
   * @throws ViewHaltedException if there is one that only a newer version of the class can take,
   *     and what it stands for is not in the log any more
   */
  <T> Optional<Loaded<T>> load(
      View<T> view, long above, long atMost, boolean strictly, Deadline deadline) {
    while (true) {
      List<Checkpoint> all = of(view.stream(), deadline);
      try {
        return load(view, preferred(all, above, atMost, strictly), deadline);
      } catch (TrimmedException e) {
        // A newer one has taken its place meanwhile.
      }
    }
  }

  private static List<Checkpoint> preferred(
      List<Checkpoint> all, long above, long atMost, boolean strictly) {
    List<Checkpoint> preferred = new ArrayList<>();
    for (Checkpoint each : all) {
      long upTo = each.upTo().value();
      if (upTo > above && upTo <= atMost) {
        preferred.add(0, each);
      } else if (upTo > above && !strictly) {
        preferred.add(each);
      }
    }
    return preferred;
  }

  private <T> Optional<Loaded<T>> load(
      View<T> view, List<Checkpoint> candidates, Deadline deadline) {
    String refusal = null;
    for (Checkpoint each : candidates) {
      try {
        ensureReadable(view.type, each);
        T state = restore(view.type.image(), each);
        return Optional.of(new Loaded<>(state, each.upTo().value(), each.bytes()));
      } catch (DecodingException e) {
        LogContext.of(view.name())
            .at(each.end())
            .run(
                () ->
                    LOG.warn(
                        "the checkpoint of \"{}\" that ends at {} cannot be used: {}",
                        view.name(),
                        each.end(),
                        e.getMessage()));
        refusal = refusal == null ? e.getMessage() : refusal;
      }
    }
    if (refusal != null && view.upTo() < deadline.await(log.trimMark()).value()) {
      Checkpoint newest = candidates.get(candidates.size() - 1);
      throw new ViewHaltedException(
          view.name(),
          newest.end(),
          "the log begins after what this client has seen, and its checkpoint cannot be used: "
              + refusal,
          StoreException.Durable.NOTHING,
          null);
    }
    return Optional.empty();
  }

  private <T> T restore(StateImage<T> image, Checkpoint checkpoint) {
    if (checkpoint.bytes() < LARGE_BYTES) {
      return image.restore(new Chunks(checkpoint));
    }
    ExecutorService threads = waiting.environment().background();
    try {
      return image.restore(new Chunks(checkpoint), DecodingAhead.on(threads, waiting));
    } finally {
      threads.shutdown();
    }
  }

  // An older version of a class would drop what it has no field for, and checkpoint that.
  private void ensureReadable(BoundType<?> type, Checkpoint checkpoint) {
    if (checkpoint.codec() != type.codec().id()) {
      throw new DecodingException(
          "it was encoded by codec "
              + checkpoint.codec()
              + "; this store was opened with codec "
              + type.codec().id(),
          null);
    }
    if (checkpoint.schema() == type.model().fingerprint()) {
      return;
    }
    Optional<Schema> written = schemas.apply(checkpoint.schema());
    if (written.isEmpty()) {
      return;
    }
    for (Schema.Call mutator : written.get().mutators()) {
      if (type.mutatorNamed(mutator.name()) == null) {
        throw new DecodingException(
            "it was written by a version of the class that has the mutator \""
                + mutator.name()
                + "\", which "
                + type.model().rawClass().getName()
                + " does not have: deploy a version that has it, or an alias for it",
            null);
      }
    }
  }

  /**
   * Whether the object of that stream cannot have had any entry below a mark that the log was
   * trimmed to: its first one came later, or it was agreed to trim that part, and there was never a
   * need for a checkpoint of the object.
   */
  boolean isEmptyBelow(StreamId stream, LogPosition mark, Deadline deadline) {
    List<Checkpoint> all = of(stream, deadline);
    return all.isEmpty()
        ? mark.value() <= agreedMark.getAsLong()
        : all.get(0).writtenFrom().compareTo(mark) >= 0;
  }

  /** The state in a checkpoint, chunk by chunk; {@link TrimmedException} if it goes meanwhile. */
  Chunks chunks(Checkpoint checkpoint) {
    return new Chunks(checkpoint);
  }

  /** Reads the chunks of one checkpoint in their order. Confined to one thread. */
  final class Chunks implements Iterator<byte[]> {

    private final Checkpoint checkpoint;
    private final StreamReader entries;
    private int taken;
    private long bytes;

    private Chunks(Checkpoint checkpoint) {
      this.checkpoint = checkpoint;
      this.entries =
          new StreamReader(
              log,
              waiting,
              CheckpointFormat.chunksOf(checkpoint.stream()),
              checkpoint.first(),
              checkpoint.end(),
              CHUNKS,
              true);
    }

    @Override
    public boolean hasNext() {
      return taken < checkpoint.chunks();
    }

    @Override
    public byte[] next() {
      while (hasNext() && entries.hasNext()) {
        Optional<ByteString> chunk = CheckpointFormat.chunkOf(checkpoint, taken, entries.next());
        if (chunk.isPresent()) {
          taken++;
          bytes += chunk.get().size();
          if (!hasNext() && bytes != checkpoint.bytes()) {
            throw new DecodingException(
                "it has " + bytes + " bytes, where " + checkpoint.bytes() + " were written", null);
          }
          return chunk.get().toByteArray();
        }
      }
      throw new DecodingException(
          "it has " + taken + " chunks, where " + checkpoint.chunks() + " were written", null);
    }
  }
}
