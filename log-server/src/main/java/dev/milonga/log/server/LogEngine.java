package dev.milonga.log.server;

import dev.milonga.log.AppendRequest;
import dev.milonga.log.ConflictException;
import dev.milonga.log.ConflictKeys;
import dev.milonga.log.LogEntry;
import dev.milonga.log.LogPosition;
import dev.milonga.log.Principal;
import dev.milonga.log.RequestId;
import dev.milonga.log.SessionId;
import dev.milonga.log.StoreException;
import dev.milonga.log.StreamId;
import dev.milonga.log.StreamKeys;
import dev.milonga.log.format.EntryFormat;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The state machine that orders the log: given its state and a batch of commands, it decides an
 * outcome for each and what is to be stored for all. It has no clock, threads, randomness or I/O;
 * all it needs is an ordered, durable sequence of batches. Not thread-safe.
 *
 * <p><b>Order.</b> Commands take effect one after the other. An entry gets the tail as its position
 * and the batch's time; time never goes back, whatever the driver says.
 *
 * <p><b>Conflicts</b> are decided by {@link CommitRule} from three things: each stream's last write
 * and last whole-object write, kept for all streams; and the {@link ConflictIndex}, which forgets
 * by generations. A generation ends with the entry that brings its writes to the number fixed in
 * {@link EngineParameters}.
 *
 * <p><b>Restart.</b> All memory is a function of the stored rows and of the entries from the {@link
 * EngineState#horizon() horizon} on: {@link #open} reads them once, and the engine decides from
 * then on as one that never stopped. Below the horizon nothing is looked up by key, below the trim
 * mark no stream's last write is believed; so what is lost there in a restart makes no difference.
 * Sessions are kept by {@link SessionTable}. Where the store has kept the {@link EngineMemory} of
 * its very state, that is read instead.
 */
final class LogEngine {

  /** What a batch has led to: an outcome for each command, in order, and what is to be stored. */
  record Applied(List<Outcome> outcomes, WriteSet writes) {}

  private static final long NEVER = -1;

  private static final class StreamWrites {
    long last = NEVER;
    long lastWhole = NEVER; // <= last
  }

  private final EngineParameters parameters;
  private final SessionTable sessions;
  private final Map<StreamId, StreamWrites> streams = new HashMap<>();
  private final ConflictIndex keys = new ConflictIndex();
  private final CommitRule.Memory memory = new Memory();

  // As in EngineState.
  private long batches;
  private long tail;
  private long trimMark;
  private long timeMicros;
  private long nextSession;
  private long generation;
  private long previousGeneration;
  private int generationWrites;

  private LogEngine(EngineParameters parameters, EngineState state) {
    this.parameters = parameters;
    this.sessions = new SessionTable(parameters.sessionTimeoutMicros(), state.horizon());
    this.batches = state.batches();
    this.tail = state.tail();
    this.trimMark = state.trimMark();
    this.timeMicros = state.timeMicros();
    this.nextSession = state.nextSession();
    this.generation = state.generation();
    this.previousGeneration = state.previousGeneration();
    this.generationWrites = state.generationWrites();
  }

  /** The engine that has applied all that the store holds. */
  static LogEngine open(LogStore store) {
    return open(store, store.memory());
  }

  /** The same with what one in this very state has written with {@link #writeTo}, if any has. */
  static LogEngine open(LogStore store, Optional<ByteBuffer> memory) {
    EngineState state = store.state();
    LogEngine engine = new LogEngine(store.parameters(), state);
    if (memory.isPresent()) {
      engine.readFrom(memory.get());
      return engine;
    }
    store.forEachStreamTail(
        state.trimMark(),
        state.tail(),
        (stream, last) -> {
          StreamWrites writes = engine.stream(stream);
          writes.last = Math.max(writes.last, last);
        });
    engine.sessions.restore(store.sessions(), store.outcomes());
    boolean current = false;
    try (LogStore.Entries entries = store.entries(state.horizon(), state.tail())) {
      for (LogEntry entry = entries.next(); entry != null; entry = entries.next()) {
        if (!current && entry.position().value() >= state.generation()) {
          engine.keys.rotate();
          current = true;
        }
        engine.remember(entry);
        engine.sessions.restore(entry);
      }
    }
    if (!current) {
      engine.keys.rotate();
    }
    engine.generationWrites = state.generationWrites(); // remembering has counted them again
    engine.sessions.restored();
    return engine;
  }

  /** Writes all that it remembers beside its {@link #state}, between two batches. */
  void writeTo(DataOutputStream out) throws IOException {
    out.writeInt(streams.size());
    for (Map.Entry<StreamId, StreamWrites> stream : streams.entrySet()) {
      out.writeLong(stream.getKey().high());
      out.writeLong(stream.getKey().low());
      out.writeLong(stream.getValue().last);
      out.writeLong(stream.getValue().lastWhole);
    }
    keys.writeTo(out);
    sessions.writeTo(out);
  }

  private void readFrom(ByteBuffer in) {
    for (int left = in.getInt(); left > 0; left--) {
      StreamWrites writes = stream(new StreamId(in.getLong(), in.getLong()));
      writes.last = in.getLong();
      writes.lastWhole = in.getLong();
    }
    keys.readFrom(in);
    sessions.readFrom(in);
    if (in.hasRemaining()) {
      throw new AssertionError(in.remaining() + " bytes follow after what an engine remembers");
    }
  }

  /** Applies a batch. Its time, in microseconds since 1970, counts as the last one if earlier. */
  Applied apply(long batchTimeMicros, List<LogCommand> commands) {
    timeMicros = Math.max(timeMicros, batchTimeMicros);
    sessions.begin(timeMicros);
    EngineState before = state();
    List<Outcome> outcomes = new ArrayList<>(commands.size());
    List<AcceptedEntry> entries = new ArrayList<>(commands.size());
    for (LogCommand command : commands) {
      outcomes.add(decide(command, entries));
    }
    batches++;
    EngineState after = state();
    boolean promises =
        after.tail() != before.tail()
            || after.trimMark() != before.trimMark()
            || after.nextSession() != before.nextSession();
    return new Applied(outcomes, sessions.end(after, promises, entries));
  }

  /** The numbers in the engine's state, after the last batch. */
  EngineState state() {
    return new EngineState(
        batches,
        tail,
        trimMark,
        timeMicros,
        nextSession,
        generation,
        previousGeneration,
        generationWrites);
  }

  /** How many sessions have not expired. */
  int sessionCount() {
    return sessions.count();
  }

  /** How many streams are known. */
  int streamCount() {
    return streams.size();
  }

  /** Shows the last write of every stream that is known. */
  void forEachStream(LogStore.StreamTailVisitor visitor) {
    streams.forEach((stream, writes) -> visitor.tail(stream, writes.last));
  }

  private Outcome decide(LogCommand command, List<AcceptedEntry> entries) {
    if (command instanceof LogCommand.Append append) {
      return append(append.request(), append.by(), entries);
    }
    if (command instanceof LogCommand.Trim trim) {
      return trim(trim.before());
    }
    LogCommand.OpenSession open = (LogCommand.OpenSession) command;
    long session = nextSession++;
    sessions.open(session, open.by(), timeMicros);
    return new Outcome.SessionOpened(new SessionId(session));
  }

  private Outcome append(
      AppendRequest request, @Nullable Principal by, List<AcceptedEntry> entries) {
    RequestId id = request.requestId().orElse(null);
    if (id != null) {
      long first;
      try {
        first = sessions.firstPosition(request, id, by, timeMicros);
      } catch (StoreException refused) {
        return new Outcome.Refused(refused);
      }
      if (first >= 0) {
        return new Outcome.Appended(new LogPosition(first));
      }
    }
    if (request.condition().isPresent()) {
      LogPosition snapshot = request.condition().get().snapshot();
      if (snapshot.value() > tail) {
        return new Outcome.Refused(
            new IllegalArgumentException(
                "the snapshot at " + snapshot + " is beyond the tail " + tail));
      }
      Optional<ConflictException> conflict = CommitRule.conflict(request.condition().get(), memory);
      if (conflict.isPresent()) {
        return new Outcome.Refused(conflict.get());
      }
    }
    AcceptedEntry accepted = accept(request, id, by);
    entries.add(accepted);
    return new Outcome.Appended(accepted.entry().position());
  }

  private AcceptedEntry accept(
      AppendRequest request, @Nullable RequestId id, @Nullable Principal by) {
    LogEntry entry =
        new LogEntry(
            new LogPosition(tail), timeMicros, request.writes(), request.payload(), id, by);
    long[] previous = remember(entry);
    tail++;
    if (id != null) {
      sessions.accepted(entry, id);
    }
    if (generationWrites >= parameters.generationWrites()) {
      beginGeneration();
    }
    return new AcceptedEntry(entry, EntryFormat.encode(entry), previous);
  }

  /** Takes in what the entry writes; gives the last write of each of its streams before it. */
  private long[] remember(LogEntry entry) {
    long position = entry.position().value();
    List<StreamKeys> writes = entry.writes();
    long[] previous = new long[writes.size()];
    for (int i = 0; i < previous.length; i++) {
      StreamKeys write = writes.get(i);
      StreamWrites stream = stream(write.stream());
      previous[i] = stream.last;
      stream.last = Math.max(stream.last, position);
      ConflictKeys written = write.keys();
      if (written.isWholeObject()) {
        stream.lastWhole = position;
      }
      for (int k = 0; k < written.size(); k++) {
        keys.written(write.stream(), written.hashAt(k), position);
      }
      generationWrites += Math.max(1, written.size());
    }
    return previous;
  }

  private void beginGeneration() {
    keys.rotate();
    previousGeneration = generation;
    generation = tail;
    generationWrites = 0;
  }

  private Outcome trim(LogPosition before) {
    if (before.value() > tail) {
      return new Outcome.Refused(
          new IllegalArgumentException(
              "cannot trim before " + before + ", which is beyond the tail " + tail));
    }
    trimMark = Math.max(trimMark, before.value());
    return new Outcome.Trimmed(new LogPosition(trimMark));
  }

  private StreamWrites stream(StreamId id) {
    StreamWrites known = streams.get(id);
    if (known == null) {
      known = new StreamWrites();
      streams.put(id, known);
    }
    return known;
  }

  /** What the commit rule is given to decide by. */
  private final class Memory implements CommitRule.Memory {

    @Override
    public long trimMark() {
      return trimMark;
    }

    @Override
    public long horizon() {
      return Math.max(trimMark, previousGeneration);
    }

    @Override
    public long lastWrite(StreamId stream) {
      StreamWrites writes = streams.get(stream);
      return writes == null ? NEVER : writes.last;
    }

    @Override
    public long lastWholeWrite(StreamId stream) {
      StreamWrites writes = streams.get(stream);
      return writes == null ? NEVER : writes.lastWhole;
    }

    @Override
    public long lastKeyWrite(StreamId stream, long keyHash) {
      return keys.lastWrite(stream, keyHash);
    }
  }
}
