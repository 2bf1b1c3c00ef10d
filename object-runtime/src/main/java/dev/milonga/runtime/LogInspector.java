package dev.milonga.runtime;

import dev.milonga.log.LogEntry;
import dev.milonga.log.LogPosition;
import dev.milonga.log.ReadBatch;
import dev.milonga.log.ReadLimit;
import dev.milonga.log.SharedLog;
import dev.milonga.log.StreamId;
import dev.milonga.log.StreamKeys;
import dev.milonga.log.TrimmedException;
import dev.milonga.runtime.record.Call;
import dev.milonga.runtime.record.Header;
import dev.milonga.runtime.record.Record;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Shows what a log holds without the classes of the objects in it: names and types from the
 * directory, calls by the schema that their callers recorded. Sees the directory as of its
 * creation. Not thread-safe.
 */
public final class LogInspector {

  private static final JsonMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS).build();

  private final SharedLog log;
  private final Codec codec;
  private final Waiting waiting = new Waiting(Duration.ofSeconds(30), Environment.system());
  private final List<Registration> objects;
  private final Map<StreamId, Registration> byStream = new HashMap<>();
  private final Map<Long, Schema> schemas = new HashMap<>();
  private final long agreedMark;

  private LogInspector(SharedLog log, Codec codec) {
    this.log = log;
    this.codec = codec;
    try (ObjectRuntime runtime = ObjectRuntime.builder(log).codec(codec).build()) {
      this.objects = runtime.registrations();
      this.agreedMark = runtime.trimLedger().mark();
      runtime.schemas().forEach(schema -> schemas.put(schema.fingerprint(), schema));
      Schema directory = runtime.directorySchema();
      schemas.put(directory.fingerprint(), directory);
    }
    objects.forEach(object -> byStream.put(StreamId.named(object.name()), object));
    byStream.put(Directory.STREAM, new Registration(Directory.NAME, Directory.NAME, ""));
    byStream.put(TrimLedger.STREAM, new Registration(TrimLedger.NAME, TrimLedger.NAME, ""));
  }

  /** An inspector of that log, whose calls were encoded by the standard codec. */
  public static LogInspector of(SharedLog log) {
    return new LogInspector(log, Codec.standard());
  }

  /** Every object, by name. */
  public List<Registration> objects() {
    return objects;
  }

  /** The object of that name, if there is one. */
  public Optional<Registration> object(String name) {
    return objects.stream().filter(object -> object.name().equals(name)).findFirst();
  }

  /**
   * The last entry of an object's stream, and how many there are from the trim mark on. Reads the
   * whole stream.
   */
  public Activity activity(Registration object) {
    long[] entries = {0};
    LogEntry[] last = {null};
    stream(object.name())
        .forEach(
            entry -> {
              entries[0]++;
              last[0] = entry;
            });
    return new Activity(entries[0], Optional.ofNullable(last[0]).map(LogEntry::position));
  }

  /**
   * A copy of an object's state as of now, where this program has the class of the object. Writes
   * nothing, whatever the log knows of the class.
   *
   * @return an ordinary local object, not thread-safe
   * @throws IncompatibleTypeException if the class cannot be a replicated object
   * @throws ViewHaltedException if the object's entries are not calls of that class
   */
  public <T> T state(Registration object, TypeToken<T> type) {
    View<T> view = view(object, type);
    view.syncToTail();
    return view.state();
  }

  /**
   * Like {@link #state(Registration, TypeToken)}, as it was after every entry below {@code before}.
   *
   * @throws TrimmedException if the object cannot be read so far back
   */
  public <T> T state(Registration object, TypeToken<T> type, LogPosition before) {
    return past(object, type, before).state();
  }

  private <T> View<T> past(Registration object, TypeToken<T> type, LogPosition before) {
    View<T> view = view(object, type);
    view.beginInThePast(null, 0, 0);
    view.syncExactlyTo(before.value());
    return view;
  }

  /** What of an object's state differs between two such moments. */
  public <T> List<Difference.Part> differences(
      Registration object, TypeToken<T> type, LogPosition before, LogPosition after) {
    View<T> earlier = past(object, type, before);
    View<T> later = past(object, type, after);
    return StateOutline.compare(
        StateOutline.of(earlier.type, earlier.state()), StateOutline.of(later.type, later.state()));
  }

  /**
   * The position of the first entry after that moment, or the tail.
   *
   * @param clock tells whether the moment has come yet
   * @throws IllegalArgumentException if it has not
   * @throws TrimmedException if it lies before the oldest entry of a log that was trimmed
   */
  public LogPosition firstAfter(Instant moment, InstantSource clock) {
    return new Moments(log, waiting, clock).firstAfter(moment);
  }

  /**
   * The position after that entry.
   *
   * @throws IllegalArgumentException if it was not written yet
   */
  public LogPosition after(LogPosition position) {
    LogPosition tail = waiting.await(log.tail());
    if (position.compareTo(tail) >= 0) {
      throw new IllegalArgumentException(
          "position " + position + " is not written yet; the log ends before " + tail);
    }
    return position.next();
  }

  private <T> View<T> view(Registration object, TypeToken<T> type) {
    return View.of(
        object.name(),
        StreamId.named(object.name()),
        new TypeBinding(codec).bind(type, Optional.empty()),
        log,
        waiting,
        new StoredCheckpoints(
            log,
            waiting,
            fingerprint -> Optional.ofNullable(schemas.get(fingerprint)),
            () -> agreedMark),
        new OpenSnapshots());
  }

  /** The calls on one object, oldest first. They are read as the stream advances. */
  public Stream<RecordedCall> history(String name) {
    return stream(name).flatMap(entry -> calls(entry, StreamId.named(name)).stream());
  }

  /**
   * All calls in the log from {@code from} on, up to the tail. They are read as the stream
   * advances.
   */
  public Stream<RecordedCall> calls(LogPosition from) {
    LogPosition tail = waiting.await(log.tail());
    return Stream.iterate(
            readAll(from), batch -> !batch.entries().isEmpty(), batch -> readAll(batch.next()))
        .flatMap(batch -> batch.entries().stream())
        .takeWhile(entry -> entry.position().compareTo(tail) < 0)
        .flatMap(entry -> calls(entry, null).stream());
  }

  /** The calls in an entry of this log. */
  public List<RecordedCall> describe(LogEntry entry) {
    return calls(entry, null);
  }

  /**
   * The stream in which objects are made known: an inspector that is made after an entry of it may
   * tell more of what follows.
   */
  public static StreamId directory() {
    return Directory.STREAM;
  }

  /**
   * Decides again, from the entries between the trim mark and the tail, whether each transaction
   * was to be accepted. Reads the whole log, and uses memory for each conflict key in it.
   */
  public AuditReport audit() {
    LogPosition tail = waiting.await(log.tail());
    LogPosition from = waiting.await(log.trimMark());
    CommitAudit audit = new CommitAudit(from);
    for (LogPosition next = from; next.compareTo(tail) < 0; ) {
      ReadBatch batch = readAll(next);
      batch.entries().forEach(audit::accept);
      next = batch.next();
    }
    return audit.report();
  }

  private ReadBatch readAll(LogPosition from) {
    return waiting.await(log.readAll(from, ReadLimit.DEFAULT));
  }

  private Stream<LogEntry> stream(String name) {
    return StreamReader.read(
        log,
        waiting,
        StreamId.named(name),
        waiting.await(log.trimMark()),
        waiting.await(log.tail()));
  }

  // The calls in an entry, of one stream or, if only is null, of all.
  private List<RecordedCall> calls(LogEntry entry, @Nullable StreamId only) {
    Record record;
    try {
      Record any = RecordFormat.parseAny(entry.payload());
      if (any.hasEnd() || any.hasChunk()) {
        return List.of(any.hasEnd() ? describeEnd(entry, any) : describeChunk(entry, any));
      }
      record = RecordFormat.parse(entry.payload());
    } catch (DecodingException e) {
      return List.of(unreadable(entry, "(" + e.getMessage() + ")", Header.getDefaultInstance()));
    }
    List<RecordedCall> calls = new ArrayList<>();
    for (Call call : record.getCallsList()) {
      StreamId stream = streamOf(call, entry);
      if (only == null || only.equals(stream)) {
        calls.add(describe(entry, record.getHeader(), call, stream));
      }
    }
    record
        .getSkipsList()
        .forEach(
            skip ->
                calls.add(
                    unreadable(
                        entry,
                        "(skip the entry at " + skip.getPosition() + ": " + skip.getReason() + ")",
                        record.getHeader())));
    return calls;
  }

  private RecordedCall describeEnd(LogEntry entry, Record record) {
    Checkpoint checkpoint = CheckpointFormat.parseEnd(entry);
    return note(
        entry,
        nameOf(checkpoint.stream()),
        "(checkpoint up to " + checkpoint.upTo() + ", " + checkpoint.bytes() + " bytes)",
        record.getHeader());
  }

  private RecordedCall describeChunk(LogEntry entry, Record record) {
    StreamId stream = CheckpointFormat.chunksOf(entry.writes().get(0).stream()); // its own inverse
    return note(
        entry,
        nameOf(stream),
        "(part " + record.getChunk().getIndex() + " of a checkpoint)",
        record.getHeader());
  }

  private static StreamId streamOf(Call call, LogEntry entry) {
    if (call.getStream().size() != 16) {
      return entry.writes().get(0).stream();
    }
    ByteBuffer bits = call.getStream().asReadOnlyByteBuffer();
    return new StreamId(bits.getLong(), bits.getLong());
  }

  private RecordedCall unreadable(LogEntry entry, String problem, Header header) {
    List<StreamId> streams = entry.writes().stream().map(StreamKeys::stream).toList();
    return note(entry, nameOf(streams.get(0)), problem, header);
  }

  private static RecordedCall note(LogEntry entry, String object, String problem, Header header) {
    return new RecordedCall(
        entry.position(),
        entry.time(),
        object,
        "",
        List.of(),
        RecordFormat.principal(entry, header),
        RecordFormat.nonEmpty(header.getApplicationVersion()),
        RecordFormat.nonEmpty(header.getRequestId()),
        RecordFormat.nonEmpty(header.getTraceParent()),
        Optional.of(problem));
  }

  private RecordedCall describe(LogEntry entry, Header header, Call call, StreamId stream) {
    List<RecordedCall.Argument> arguments;
    try {
      arguments = arguments(call);
    } catch (DecodingException e) {
      return unreadable(entry, "(" + call.getMutator() + ": " + e.getMessage() + ")", header);
    }
    return new RecordedCall(
        entry.position(),
        entry.time(),
        nameOf(stream),
        call.getMutator(),
        arguments,
        RecordFormat.principal(entry, header),
        RecordFormat.nonEmpty(header.getApplicationVersion()),
        RecordFormat.nonEmpty(header.getRequestId()),
        RecordFormat.nonEmpty(header.getTraceParent()),
        Optional.empty());
  }

  private List<RecordedCall.Argument> arguments(Call call) {
    if (call.getCodec() != codec.id()) {
      throw new DecodingException("encoded by codec " + call.getCodec() + ", unknown here", null);
    }
    JsonNode values = JSON.readTree(codec.toJson(call.getArguments().toByteArray()));
    List<String> names = parameterNames(call);
    List<RecordedCall.Argument> arguments = new ArrayList<>();
    for (int i = 0; i < values.size(); i++) {
      String name = i < names.size() ? names.get(i) : "arg" + i;
      arguments.add(new RecordedCall.Argument(name, values.get(i).toString()));
    }
    return arguments;
  }

  private List<String> parameterNames(Call call) {
    Schema schema = schemas.get(call.getSchema());
    if (schema == null) {
      return List.of();
    }
    return schema.mutators().stream()
        .filter(mutator -> mutator.name().equals(call.getMutator()))
        .findFirst()
        .map(mutator -> mutator.parameters().stream().map(Schema.Parameter::name).toList())
        .orElse(List.of());
  }

  /** The name of the object whose stream that is, or the stream itself if there is none. */
  public String nameOf(StreamId stream) {
    Registration object = byStream.get(stream);
    return object != null ? object.name() : stream.toString();
  }

  /**
   * How much has happened to an object.
   *
   * @param entries in its stream, from the trim mark on
   * @param last the position of the last of them; empty if there is none
   */
  public record Activity(long entries, Optional<LogPosition> last) {}
}
