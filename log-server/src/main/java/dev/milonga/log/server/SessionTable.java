package dev.milonga.log.server;

import dev.milonga.log.AppendRequest;
import dev.milonga.log.LogEntry;
import dev.milonga.log.Payload;
import dev.milonga.log.Principal;
import dev.milonga.log.RequestId;
import dev.milonga.log.RequestMismatchException;
import dev.milonga.log.SessionExpiredException;
import dev.milonga.log.StreamKeys;
import dev.milonga.log.server.Session.Accepted;
import dev.milonga.log.server.WriteSet.OutcomeKey;
import dev.milonga.log.server.WriteSet.OutcomeRow;
import dev.milonga.log.server.WriteSet.SessionRow;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The sessions that have not expired, and what has to be stored of them. Not thread-safe.
 *
 * <p><b>What is stored.</b> An entry carries its request's number, and its time. So a session can
 * be rebuilt from a row and the entries since, and an accepted append costs no row. The engine
 * reads entries from its <em>horizon</em> on when it is opened. This table therefore writes
 *
 * <ul>
 *   <li>a session's row when it is opened, when a request that left no entry has changed it, and
 *       when the horizon moves and entries have changed it since;
 *   <li>a row for each accepted, not learnt request whose entry the moving horizon leaves behind;
 * </ul>
 *
 * <p>and drops rows of outcomes when they are learnt, and all rows of a session when it expires.
 *
 * <p><b>Whose a session is.</b> It belongs to the principal that opened it, or to nobody, from its
 * first row on. A request of anybody else is refused as if there were no such session, and is no
 * use of it: neither its time nor what its client has learnt changes. So all requests that are told
 * apart by their digests within a session are of one principal, who need not be in the digest.
 */
final class SessionTable {

  private final long timeoutMicros;
  // In order of last use: `get` moves a session to the end.
  private final Map<Long, Session> sessions = new LinkedHashMap<>(16, 0.75f, true);
  private final Map<Long, Principal> owners = new HashMap<>(); // of those that have one
  private long horizon; // outcomes of accepted entries below it have rows

  // What the present batch has changed.
  private final List<Session> opened = new ArrayList<>();
  private final Set<Session> touched = new LinkedHashSet<>(); // by requests that left no entry
  private final List<Long> ended = new ArrayList<>();
  private final List<OutcomeKey> dropped = new ArrayList<>();

  SessionTable(long timeoutMicros, long horizon) {
    this.timeoutMicros = timeoutMicros;
    this.horizon = horizon;
  }

  /** Takes in what was stored. */
  void restore(List<SessionRow> rows, List<OutcomeRow> outcomes) {
    for (SessionRow row : rows) {
      sessions.put(
          row.session(), new Session(row.session(), row.learntBelow(), row.lastUsedMicros()));
      own(row.session(), row.owner());
    }
    for (OutcomeRow row : outcomes) {
      Session session = sessions.get(row.session());
      if (session != null && row.sequence() >= session.learntBelow()) {
        session.accepted(row.sequence(), new Accepted(row.position(), row.digest()));
      }
    }
  }

  /** Takes in an entry at or above the horizon; all of them, in ascending order of position. */
  void restore(LogEntry entry) {
    entry
        .requestId()
        .ifPresent(
            id -> {
              Session session = sessions.get(id.session().value());
              if (session != null) {
                session.used(entry.timeMicros());
                session.setBehind(true);
                session.learn(id.learntBelow(), (sequence, accepted) -> {});
                if (id.sequence() >= session.learntBelow()) {
                  session.accepted(id.sequence(), accepted(entry));
                }
              }
            });
  }

  /** Puts the sessions in order of last use, when all is restored. */
  void restored() {
    List<Session> inOrder = new ArrayList<>(sessions.values());
    inOrder.sort(
        (one, other) -> {
          int byUse = Long.compare(one.lastUsedMicros(), other.lastUsedMicros());
          return byUse != 0 ? byUse : Long.compare(one.number(), other.number());
        });
    sessions.clear();
    for (Session session : inOrder) {
      sessions.put(session.number(), session);
    }
  }

  /** How many there are. */
  int count() {
    return sessions.size();
  }

  /** Writes what it remembers, between two batches. */
  void writeTo(DataOutputStream out) throws IOException {
    out.writeInt(sessions.size());
    for (Session session : sessions.values()) {
      session.writeTo(out);
      Principal owner = owners.get(session.number());
      byte[] name = owner == null ? new byte[0] : owner.utf8(); // none is empty
      out.writeInt(name.length);
      out.write(name);
    }
  }

  /** Takes in what {@link #writeTo} wrote. */
  void readFrom(ByteBuffer in) {
    for (int left = in.getInt(); left > 0; left--) {
      Session session = Session.readFrom(in);
      sessions.put(session.number(), session);
      byte[] name = new byte[in.getInt()];
      in.get(name);
      own(session.number(), name.length == 0 ? null : Principal.ofUtf8(name, 0, name.length));
    }
  }

  /** Begins a batch: ends the sessions that have been unused for too long. */
  void begin(long timeMicros) {
    Iterator<Session> longestUnused = sessions.values().iterator();
    while (longestUnused.hasNext()) {
      Session session = longestUnused.next();
      if (timeMicros - session.lastUsedMicros() <= timeoutMicros) {
        return;
      }
      longestUnused.remove();
      owners.remove(session.number());
      ended.add(session.number());
      session.forEach((sequence, accepted) -> drop(session, sequence, accepted));
    }
  }

  /** Opens a session of that number, for that principal only. */
  void open(long number, @Nullable Principal owner, long timeMicros) {
    Session session = new Session(number, 0, timeMicros);
    sessions.put(number, session);
    own(number, owner);
    opened.add(session);
  }

  private void own(long number, @Nullable Principal owner) {
    if (owner != null) {
      owners.put(number, owner);
    }
  }

  /**
   * The position at which this request was accepted before; below 0 if it is to be decided now.
   * Counts as a use of the session.
   *
   * @throws SessionExpiredException if the session is not known, or is another's
   * @throws RequestMismatchException if the number was used for another request or was learnt, or
   *     if too many outcomes are not
   */
  long firstPosition(AppendRequest request, RequestId id, @Nullable Principal by, long timeMicros) {
    long number = id.session().value();
    boolean own = Objects.equals(owners.get(number), by);
    Session session = own ? sessions.get(number) : null; // `get` would be a use of another's
    if (session == null) {
      throw new SessionExpiredException(id.session());
    }
    session.used(timeMicros);
    session.learn(id.learntBelow(), (sequence, accepted) -> drop(session, sequence, accepted));
    touched.add(session);
    if (id.sequence() < session.learntBelow()) {
      throw new RequestMismatchException(
          id, "its client has said that it knows every outcome below " + session.learntBelow());
    }
    Accepted first = session.find(id.sequence());
    if (first == null) {
      if (!session.hasRoom()) {
        throw new RequestMismatchException(
            id,
            Session.UNLEARNT_MAX
                + " requests of its session were accepted since "
                + session.learntBelow()
                + ", below which its client has said that it knows every outcome; raise that");
      }
      return -1;
    }
    if (first.digest() != digest(request.writes(), request.payload())) {
      throw new RequestMismatchException(
          id,
          "its number was used for another request, accepted at "
              + first.position()
              + "; give each request a number of its own");
    }
    return first.position();
  }

  /** Notes what {@link #firstPosition} has let through and the engine has accepted. */
  void accepted(LogEntry entry, RequestId id) {
    Session session = sessions.get(id.session().value());
    if (session == null) {
      throw new AssertionError("session " + id.session() + " is gone within a batch");
    }
    session.accepted(id.sequence(), accepted(entry));
    session.setBehind(true);
    if (session.learntBelow() == id.learntBelow()) {
      touched.remove(session); // the entry tells all there is to be told
    }
  }

  /** Ends a batch after which the horizon is there: what is to be stored. */
  WriteSet end(EngineState state, boolean promises, List<AcceptedEntry> entries) {
    Set<Session> changed = new LinkedHashSet<>(opened);
    changed.addAll(touched);
    List<OutcomeRow> outcomes = new ArrayList<>(0);
    if (state.horizon() > horizon) {
      for (Session session : sessions.values()) {
        if (session.isBehind()) {
          changed.add(session);
        }
        session.forEach(
            (sequence, accepted) -> {
              long position = accepted.position();
              if (position >= horizon && position < state.horizon()) {
                outcomes.add(
                    new OutcomeRow(session.number(), sequence, position, accepted.digest()));
              }
            });
      }
      horizon = state.horizon();
    }
    List<SessionRow> rows = new ArrayList<>(changed.size());
    for (Session session : changed) {
      rows.add(
          new SessionRow(
              session.number(),
              session.learntBelow(),
              session.lastUsedMicros(),
              owners.get(session.number())));
      session.setBehind(false);
    }
    WriteSet writes =
        new WriteSet(
            state, promises, entries, rows, List.copyOf(ended), outcomes, List.copyOf(dropped));
    opened.clear();
    touched.clear();
    ended.clear();
    dropped.clear();
    return writes;
  }

  private void drop(Session session, long sequence, Accepted accepted) {
    if (accepted.position() < horizon) {
      dropped.add(new OutcomeKey(session.number(), sequence));
    }
  }

  private static Accepted accepted(LogEntry entry) {
    return new Accepted(entry.position().value(), digest(entry.writes(), entry.payload()));
  }

  /** Tells requests of one number apart: 64 bits of what they write and their payloads. */
  private static long digest(List<StreamKeys> writes, Payload payload) {
    long digest = writes.size();
    for (StreamKeys write : writes) {
      digest = mix(digest, write.stream().high());
      digest = mix(digest, write.stream().low());
      digest = mix(digest, write.keys().size());
      for (int i = 0; i < write.keys().size(); i++) {
        digest = mix(digest, write.keys().hashAt(i));
      }
    }
    byte[] bytes = payload.array();
    digest = mix(digest, bytes.length);
    int at = 0;
    for (; at + Long.BYTES <= bytes.length; at += Long.BYTES) {
      digest = mix(digest, Bytes.longAt(bytes, at));
    }
    long rest = 0;
    for (; at < bytes.length; at++) {
      rest = rest << 8 | bytes[at] & 0xff;
    }
    return mix(digest, rest);
  }

  private static long mix(long digest, long value) {
    long mixed = (digest ^ value) * 0x9e3779b97f4a7c15L;
    mixed = (mixed ^ (mixed >>> 32)) * 0xbf58476d1ce4e5b9L;
    return mixed ^ (mixed >>> 29);
  }
}
