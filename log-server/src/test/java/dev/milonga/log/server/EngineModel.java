package dev.milonga.log.server;

import dev.milonga.log.AppendCondition;
import dev.milonga.log.AppendRequest;
import dev.milonga.log.ConflictException;
import dev.milonga.log.ConflictKeys;
import dev.milonga.log.LogPosition;
import dev.milonga.log.Principal;
import dev.milonga.log.RequestId;
import dev.milonga.log.RequestMismatchException;
import dev.milonga.log.SessionExpiredException;
import dev.milonga.log.SessionId;
import dev.milonga.log.StoreException;
import dev.milonga.log.StreamId;
import dev.milonga.log.StreamKeys;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.Predicate;

/** What an engine must decide, worked out from a list of everything that ever happened. */
final class EngineModel {

  private static final class ModelSession {
    final TreeMap<Long, Integer> accepted = new TreeMap<>(); // sequence to position
    Principal owner;
    long learntBelow;
    long lastUsed;
  }

  private final EngineParameters parameters;
  private final List<AppendRequest> log = new ArrayList<>();
  private final List<Optional<String>> principals = new ArrayList<>(); // of the log's entries
  private final Map<Long, ModelSession> sessions = new HashMap<>();
  private long sessionsOpened;
  private long trimMark;
  private long clock = 1_000_000;
  private long time = Long.MIN_VALUE;

  EngineModel(EngineParameters parameters) {
    this.parameters = parameters;
  }

  void passes(long micros) {
    clock += micros;
  }

  List<String> apply(List<LogCommand> commands) {
    time = Math.max(time, clock);
    List<String> outcomes = new ArrayList<>();
    for (LogCommand command : commands) {
      try {
        outcomes.add(decide(command).toString());
      } catch (StoreException | IllegalArgumentException e) {
        outcomes.add(e.getClass().getSimpleName() + ": " + e.getMessage());
      }
    }
    return outcomes;
  }

  /** Who appended the entry at that position. */
  Optional<String> principal(long position) {
    return principals.get((int) position);
  }

  private Outcome decide(LogCommand command) {
    if (command instanceof LogCommand.OpenSession open) {
      ModelSession session = new ModelSession();
      session.owner = open.by();
      session.lastUsed = time;
      sessions.put(++sessionsOpened, session);
      return new Outcome.SessionOpened(new SessionId(sessionsOpened));
    }
    if (command instanceof LogCommand.Trim trim) {
      if (trim.before().value() > log.size()) {
        throw new IllegalArgumentException(
            "cannot trim before " + trim.before() + ", which is beyond the tail " + log.size());
      }
      trimMark = Math.max(trimMark, trim.before().value());
      return new Outcome.Trimmed(new LogPosition(trimMark));
    }
    AppendRequest request = ((LogCommand.Append) command).request();
    Principal by = ((LogCommand.Append) command).by();
    Integer first = request.requestId().map(id -> first(request, id, by)).orElse(null);
    if (first != null) {
      return new Outcome.Appended(new LogPosition(first));
    }
    request.condition().ifPresent(this::check);
    request
        .requestId()
        .ifPresent(
            id -> sessions.get(id.session().value()).accepted.put(id.sequence(), log.size()));
    log.add(request);
    principals.add(Optional.ofNullable(by).map(Principal::name));
    return new Outcome.Appended(new LogPosition(log.size() - 1));
  }

  private Integer first(AppendRequest request, RequestId id, Principal by) {
    ModelSession session = sessions.get(id.session().value());
    if (session == null
        || !Objects.equals(session.owner, by)
        || time - session.lastUsed > parameters.sessionTimeoutMicros()) {
      throw new SessionExpiredException(id.session());
    }
    session.lastUsed = time;
    session.learntBelow = Math.max(session.learntBelow, id.learntBelow());
    if (id.sequence() < session.learntBelow) {
      throw new RequestMismatchException(
          id, "its client has said that it knows every outcome below " + session.learntBelow);
    }
    Integer first = session.accepted.get(id.sequence());
    if (first != null
        && !(log.get(first).writes().equals(request.writes())
            && log.get(first).payload().equals(request.payload()))) {
      throw new RequestMismatchException(
          id,
          "its number was used for another request, accepted at "
              + first
              + "; give each request a number of its own");
    }
    return first;
  }

  private void check(AppendCondition condition) {
    long snapshot = condition.snapshot().value();
    if (snapshot > log.size()) {
      throw new IllegalArgumentException(
          "the snapshot at " + snapshot + " is beyond the tail " + log.size());
    }
    for (StreamKeys read : condition.reads()) {
      long lastOfStream = lastWrite(read.stream(), keys -> true);
      if (lastOfStream < trimMark) {
        if (snapshot < trimMark) {
          throw ConflictException.tooOld(
              read.stream(), condition.snapshot(), new LogPosition(trimMark));
        }
      } else if (lastOfStream >= snapshot) {
        checkWritten(read, condition.snapshot(), lastOfStream);
      }
    }
  }

  private void checkWritten(StreamKeys read, LogPosition snapshot, long lastOfStream) {
    if (read.keys().isWholeObject()) {
      throw ConflictException.written(
          read.stream(), OptionalLong.empty(), snapshot, new LogPosition(lastOfStream));
    }
    long horizon = Math.max(trimMark, previousGeneration());
    if (snapshot.value() < horizon) {
      throw ConflictException.tooOld(read.stream(), snapshot, new LogPosition(horizon));
    }
    for (int i = 0; i < read.keys().size(); i++) {
      long key = read.keys().hashAt(i);
      long winner = lastWrite(read.stream(), keys -> keys.isWholeObject() || contains(keys, key));
      if (winner >= snapshot.value()) {
        throw ConflictException.written(
            read.stream(), OptionalLong.of(key), snapshot, new LogPosition(winner));
      }
    }
  }

  private long previousGeneration() {
    long generation = 0;
    long previous = 0;
    int writes = 0;
    for (int position = 0; position < log.size(); position++) {
      for (StreamKeys write : log.get(position).writes()) {
        writes += Math.max(1, write.keys().size());
      }
      if (writes >= parameters.generationWrites()) {
        previous = generation;
        generation = position + 1;
        writes = 0;
      }
    }
    return previous;
  }

  private long lastWrite(StreamId stream, Predicate<ConflictKeys> of) {
    for (int position = log.size() - 1; position >= 0; position--) {
      for (StreamKeys write : log.get(position).writes()) {
        if (write.stream().equals(stream) && of.test(write.keys())) {
          return position;
        }
      }
    }
    return -1;
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
