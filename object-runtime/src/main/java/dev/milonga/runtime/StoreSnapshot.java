package dev.milonga.runtime;

import dev.milonga.log.LogPosition;
import dev.milonga.log.ReadLimit;
import dev.milonga.log.SharedLog;
import dev.milonga.log.StreamId;
import dev.milonga.runtime.record.Header;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The states of all objects as of one position, to be written to the log as checkpoints, one after
 * the other. For the checkpointer; applications do not need it. Used by one thread.
 *
 * <p>How a state is come by, without stopping anybody:
 *
 * <ul>
 *   <li>an object that nobody has written since its last checkpoint: that one is copied, and no
 *       class is needed;
 *   <li>one that makes versions: its version as of the position;
 *   <li>any other: a replica of its own, brought to the position and thrown away afterwards.
 * </ul>
 *
 * <p>An object that was written, and that this client does not have open, cannot be taken.
 */
public final class StoreSnapshot {

  private final SharedLog log;
  private final Waiting waiting;
  private final Header header;
  private final StoredCheckpoints checkpoints;
  private final LogPosition position;
  private final Queue<Part> parts;
  private final int size;
  private final boolean gently;

  private StoreSnapshot(
      SharedLog log,
      Waiting waiting,
      Header header,
      StoredCheckpoints checkpoints,
      LogPosition position,
      Collection<Part> parts,
      boolean gently) {
    this.log = log;
    this.waiting = waiting;
    this.header = header;
    this.checkpoints = checkpoints;
    this.position = position;
    this.parts = new ArrayDeque<>(parts);
    this.size = parts.size();
    this.gently = gently;
  }

  /**
   * Takes it as of the present tail.
   *
   * @param open the objects that the client has open, by stream; what it has not is described by
   *     {@code names}
   */
  static StoreSnapshot take(
      SharedLog log,
      Waiting waiting,
      Header header,
      StoredCheckpoints checkpoints,
      OpenSnapshots snapshots,
      Map<StreamId, String> names,
      Map<StreamId, ObjectHandle<?>> open,
      boolean gently) {
    Deadline deadline = waiting.begin();
    int slot = snapshots.open(deadline.await(log.tail()).value());
    try {
      LogPosition position = deadline.await(log.tail());
      if (slot >= 0) {
        snapshots.settle(slot, position.value());
      }
      Map<StreamId, Checkpoint> newest = new HashMap<>();
      checkpoints.ofAll(deadline).forEach(each -> newest.put(each.stream(), each));
      Map<StreamId, LogPosition> tails = deadline.await(log.tail(names.keySet()));
      List<Part> parts = new ArrayList<>();
      names.forEach(
          (stream, name) -> {
            Checkpoint last = newest.get(stream);
            LogPosition written = tails.getOrDefault(stream, LogPosition.FIRST);
            parts.add(part(name, stream, last, written, open.get(stream), position));
          });
      return new StoreSnapshot(log, waiting, header, checkpoints, position, parts, gently);
    } finally {
      if (slot >= 0) {
        snapshots.close(slot);
      }
    }
  }

  private static Part part(
      String name,
      StreamId stream,
      @Nullable Checkpoint last,
      LogPosition written,
      @Nullable ObjectHandle<?> object,
      LogPosition position) {
    if (last != null && written.compareTo(last.upTo()) <= 0) {
      return new Part(name, stream, last, null, null);
    }
    Object version = null;
    if (object != null && object.view() instanceof VersionedView<?> view) {
      try {
        view.syncExactlyTo(position.value());
        version = view.versionAt(position.value());
      } catch (ViewHaltedException e) {
        // The replica that is tried instead halts as well, and says why.
      }
    }
    return new Part(name, stream, last, object, version);
  }

  /** What all the states stand for: every entry below it, and none at or above it. */
  public LogPosition position() {
    return position;
  }

  /** How many objects there are. */
  public int size() {
    return size;
  }

  /** The next object, which is then gone from here; empty if there is none left. */
  public Optional<Part> next() {
    return Optional.ofNullable(parts.poll());
  }

  /** The state of one object. */
  public static final class Part {

    private final String name;
    private final StreamId stream;
    private final @Nullable Checkpoint last;
    private final @Nullable ObjectHandle<?> object; // null if idle, or not open here
    private final @Nullable Object version;

    private Part(
        String name,
        StreamId stream,
        @Nullable Checkpoint last,
        @Nullable ObjectHandle<?> object,
        @Nullable Object version) {
      this.name = name;
      this.stream = stream;
      this.last = last;
      this.object = object;
      this.version = version;
    }

    /** The name of the object. */
    public String name() {
      return name;
    }
  }

  /**
   * A checkpoint that is complete.
   *
   * @param end the position of the entry that makes it so
   * @param bytes of state
   */
  public record Written(LogPosition end, long bytes) {}

  /**
   * Writes the state of one object as a checkpoint. Returns when all of it is on its way; the
   * future completes when the checkpoint does, or fails with {@link
   * dev.milonga.log.ConflictException} if another client has written one meanwhile. Empty if there
   * is nothing to write, since the object was never written.
   *
   * @param stopped asked between chunks whether to give up
   * @throws IllegalStateException if this client does not have the object open, and it was written
   *     since its last checkpoint
   * @throws EncodingException if the state cannot be written, with the path of the field
   * @throws ViewHaltedException if the object stands still
   * @throws java.util.concurrent.CancellationException if it was given up
   */
  public Optional<CompletableFuture<Written>> write(Part part, BooleanSupplier stopped) {
    if (part.last == null && part.object == null && neverWritten(part)) {
      return Optional.empty();
    }
    CheckpointWriter writer =
        new CheckpointWriter(log, waiting, header, part.stream, stopped, gently);
    CheckpointWriter.End end;
    if (part.object != null) {
      end = writeState(part, part.object, writer);
    } else if (part.last != null && !isBehind(part, part.last)) {
      end = copy(part, part.last, writer);
    } else {
      throw new IllegalStateException(
          "\""
              + part.name
              + "\" was written since its last checkpoint, and is not open in this store: open it"
              + " once");
    }
    long bytes = writer.bytes();
    return Optional.of(writer.end(end).thenApply(at -> new Written(at, bytes)));
  }

  private boolean neverWritten(Part part) {
    return firstEntry(part.stream, waiting.await(log.trimMark())).isEmpty();
  }

  private boolean isBehind(Part part, Checkpoint last) {
    return firstEntry(part.stream, last.upTo()).isPresent();
  }

  // The first entry from there on that the snapshot covers.
  private Optional<LogPosition> firstEntry(StreamId stream, LogPosition from) {
    return waiting.await(log.read(stream, from, ReadLimit.entries(1))).entries().stream()
        .map(entry -> entry.position())
        .filter(at -> at.compareTo(position) < 0)
        .findFirst();
  }

  private CheckpointWriter.End copy(Part part, Checkpoint last, CheckpointWriter writer) {
    checkpoints.chunks(last).forEachRemaining(writer);
    return new CheckpointWriter.End(position, last.codec(), last.schema(), writtenFrom(part));
  }

  private <T> CheckpointWriter.End writeState(
      Part part, ObjectHandle<T> object, CheckpointWriter writer) {
    BoundType<T> type = object.view().type;
    T state = part.version == null ? replica(object) : version(part.version);
    CallScopes.call(
        ApplyScope.INSTANCE,
        () -> {
          type.image().write(state, writer);
          return true;
        });
    return new CheckpointWriter.End(
        position, type.codec().id(), type.model().fingerprint(), writtenFrom(part));
  }

  @SuppressWarnings("unchecked") // a version of the very object
  private static <T> T version(Object version) {
    return (T) version;
  }

  private <T> T replica(ObjectHandle<T> object) {
    View<T> replica =
        View.of(
            object.name(),
            object.stream(),
            object.view().type,
            log,
            waiting,
            checkpoints,
            new OpenSnapshots());
    replica.syncExactlyTo(position.value());
    if (replica.upTo() > position.value()) {
      throw new IllegalStateException(
          "another client has written a later checkpoint of \"" + object.name() + "\" meanwhile");
    }
    return replica.state();
  }

  private LogPosition writtenFrom(Part part) {
    Checkpoint last = part.last;
    if (last != null && last.writtenFrom().compareTo(last.upTo()) < 0) {
      return last.writtenFrom();
    }
    LogPosition from = last != null ? last.upTo() : waiting.await(log.trimMark());
    return firstEntry(part.stream, from).orElse(position);
  }
}
