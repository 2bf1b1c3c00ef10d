package dev.milonga.log;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The sessions of an {@link InMemoryLog} and the requests accepted in each whose outcome its client
 * has not said it has learnt. Guarded by the log's lock. Times are log time in microseconds and
 * never go back.
 */
final class Sessions {

  /** One client's session. */
  private static final class Session {
    final TreeMap<Long, LogEntry> accepted = new TreeMap<>(); // by sequence; none < learntBelow
    long learntBelow;
    long lastUsed;
  }

  private final long timeoutMicros;
  // In order of last use, the longest unused first.
  private final Map<SessionId, Session> sessions = new LinkedHashMap<>(16, 0.75f, true);
  private long opened;

  Sessions(long timeoutMicros) {
    this.timeoutMicros = timeoutMicros;
  }

  SessionId open(long now) {
    dropExpired(now);
    SessionId id = new SessionId(++opened);
    Session session = new Session();
    session.lastUsed = now;
    sessions.put(id, session);
    return id;
  }

  /**
   * The position at which this request was accepted before; empty if it is to be decided now.
   * Counts as a use of the session.
   */
  Optional<LogPosition> firstOutcome(RequestId id, AppendRequest request, long now) {
    dropExpired(now);
    Session session = sessions.get(id.session());
    if (session == null) {
      throw new SessionExpiredException(id.session());
    }
    session.lastUsed = now;
    if (id.sequence() < session.learntBelow) {
      throw new RequestMismatchException(
          id, "its client has said that it has learnt every outcome below " + session.learntBelow);
    }
    if (id.learntBelow() > session.learntBelow) {
      session.learntBelow = id.learntBelow();
      session.accepted.headMap(session.learntBelow).clear();
    }
    LogEntry first = session.accepted.get(id.sequence());
    if (first == null) {
      return Optional.empty();
    }
    if (!first.payload().equals(request.payload()) || !first.writes().equals(request.writes())) {
      throw new RequestMismatchException(
          id,
          "another request with this number was accepted at "
              + first.position()
              + "; give each request a number of its own");
    }
    return Optional.of(first.position());
  }

  /** Notes what {@link #firstOutcome} let through and the log has accepted. */
  void accepted(RequestId id, LogEntry entry) {
    sessions.get(id.session()).accepted.put(id.sequence(), entry);
  }

  private void dropExpired(long now) {
    Iterator<Session> longestUnused = sessions.values().iterator();
    while (longestUnused.hasNext() && now - longestUnused.next().lastUsed > timeoutMicros) {
      longestUnused.remove();
    }
  }
}
