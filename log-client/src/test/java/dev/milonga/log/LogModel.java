package dev.milonga.log;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Predicate;

/**
 * A log as a list that is searched from end to end for every decision: too simple to be wrong. It
 * keeps what was trimmed and only refuses to read it. Outcomes are texts, to be compared.
 */
final class LogModel {

  /** What a session knows apart from the entries. */
  private static final class Session {
    long lastUsed;
    long learntBelow;
  }

  private final List<LogEntry> entries = new ArrayList<>(); // the one at position p at index p
  private final Map<SessionId, Session> sessions = new HashMap<>();
  private final long timeoutMicros;
  private final long entryBytesMax;
  private long trimMark;
  private long time = Long.MIN_VALUE;

  LogModel(long timeoutMicros, long entryBytesMax) {
    this.timeoutMicros = timeoutMicros;
    this.entryBytesMax = entryBytesMax;
  }

  long tail() {
    return entries.size();
  }

  long trimMark() {
    return trimMark;
  }

  void opened(SessionId id, long now) {
    Session session = new Session();
    session.lastUsed = tick(now);
    sessions.put(id, session);
  }

  String append(AppendRequest request, long now) {
    tick(now);
    if (request.payload().size() > entryBytesMax) {
      return "too large";
    }
    if (request.requestId().isPresent()) {
      Optional<String> decided = decidedBefore(request.requestId().get(), request);
      if (decided.isPresent()) {
        return decided.get();
      }
    }
    Optional<String> conflict = request.condition().flatMap(this::conflict);
    if (conflict.isPresent()) {
      return conflict.get();
    }
    LogPosition position = new LogPosition(tail());
    entries.add(
        new LogEntry(
            position, time, request.writes(), request.payload(), request.requestId().orElse(null)));
    return "at " + position;
  }

  String trim(long before) {
    if (before > tail()) {
      return "refused";
    }
    trimMark = Math.max(trimMark, before);
    return "mark " + trimMark;
  }

  String read(Predicate<LogEntry> wanted, long from, ReadLimit limit) {
    if (from < trimMark) {
      return "trimmed to " + trimMark;
    }
    List<LogEntry> found = new ArrayList<>();
    long bytes = 0;
    for (LogEntry entry : from(from, wanted)) {
      bytes += entry.payload().size();
      if (found.size() == limit.entriesMax() || (bytes > limit.bytesMax() && found.size() > 0)) {
        return describe(found) + " and more";
      }
      found.add(entry);
    }
    return describe(found);
  }

  long tail(StreamId stream) {
    List<LogEntry> readable = from(trimMark, entry -> entry.isIn(stream));
    return readable.isEmpty() ? 0 : readable.get(readable.size() - 1).position().value() + 1;
  }

  /** All entries of that kind at or above that position, trimmed or not. */
  List<LogEntry> from(long from, Predicate<LogEntry> wanted) {
    return entries.stream()
        .filter(entry -> entry.position().value() >= from)
        .filter(wanted)
        .toList();
  }

  static String describe(List<LogEntry> entries) {
    StringBuilder text = new StringBuilder();
    for (LogEntry entry : entries) {
      text.append(entry.position())
          .append(" at ")
          .append(entry.timeMicros())
          .append(entry.writes())
          .append(entry.payload().hashCode())
          .append(entry.requestId())
          .append("; ");
    }
    return text.toString();
  }

  private long tick(long now) {
    time = Math.max(time, now);
    return time;
  }

  private Optional<String> decidedBefore(RequestId id, AppendRequest request) {
    Session session = sessions.get(id.session());
    if (session == null || time - session.lastUsed > timeoutMicros) {
      return Optional.of("expired");
    }
    session.lastUsed = time;
    if (id.sequence() < session.learntBelow) {
      return Optional.of("mismatch");
    }
    session.learntBelow = Math.max(session.learntBelow, id.learntBelow());
    for (LogEntry entry : entries) {
      RequestId accepted = entry.requestId().orElse(null);
      if (accepted != null
          && accepted.session().equals(id.session())
          && accepted.sequence() == id.sequence()) {
        boolean same =
            entry.writes().equals(request.writes()) && entry.payload().equals(request.payload());
        return Optional.of(same ? "at " + entry.position() : "mismatch");
      }
    }
    return Optional.empty();
  }

  private Optional<String> conflict(AppendCondition condition) {
    for (StreamKeys read : condition.reads()) {
      ConflictKeys keys = read.keys();
      if (keys.isWholeObject()) {
        Optional<LogPosition> winner =
            lastWrite(condition.snapshot(), read.stream(), written -> true);
        if (winner.isPresent()) {
          return Optional.of(conflict(read.stream(), OptionalLong.empty(), winner.get()));
        }
      }
      for (int i = 0; i < keys.size(); i++) {
        long key = keys.hashAt(i);
        Optional<LogPosition> winner =
            lastWrite(
                condition.snapshot(),
                read.stream(),
                written -> written.isWholeObject() || contains(written, key));
        if (winner.isPresent()) {
          return Optional.of(conflict(read.stream(), OptionalLong.of(key), winner.get()));
        }
      }
    }
    return Optional.empty();
  }

  static String conflict(StreamId stream, OptionalLong key, LogPosition winner) {
    return "conflict " + stream + " " + key + " " + winner;
  }

  private Optional<LogPosition> lastWrite(
      LogPosition snapshot, StreamId stream, Predicate<ConflictKeys> overlapping) {
    return from(
            snapshot.value(),
            entry ->
                entry.writes().stream()
                    .anyMatch(
                        write -> write.stream().equals(stream) && overlapping.test(write.keys())))
        .stream()
        .map(LogEntry::position)
        .reduce((earlier, later) -> later);
  }

  private static boolean contains(ConflictKeys keys, long key) {
    for (int i = 0; i < keys.size(); i++) {
      if (keys.hashAt(i) == key) {
        return true;
      }
    }
    return false;
  }
}
