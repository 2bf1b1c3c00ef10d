package dev.milonga.log.server;

import dev.milonga.log.DamagedEntryException;
import dev.milonga.log.LogEntry;
import dev.milonga.log.LogPosition;
import dev.milonga.log.Principal;
import dev.milonga.log.format.EntryFormat;
import dev.milonga.log.server.HighWaterMark.Mark;
import dev.milonga.log.server.Storage.Cursor;
import dev.milonga.log.server.Storage.Family;
import dev.milonga.log.server.WriteSet.SessionRow;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Compares the rows of a store with each other and with its mark, all of them. */
final class StoreRowsCheck {

  private final String where;
  private final Optional<Mark> reached;
  private final List<EntryCheck> further;
  private final Problems problems;

  private String store = "";
  private EngineState state = EngineState.EMPTY;
  private long entries;
  private long sessions;
  private final Map<Long, SessionRow> sessionRows = new HashMap<>(); // those that can be read
  private long lastTime = Long.MIN_VALUE;

  StoreRowsCheck(
      String where, Optional<Mark> reached, List<EntryCheck> further, Problems problems) {
    this.where = where;
    this.reached = reached;
    this.further = further;
    this.problems = problems;
  }

  String store() {
    return store;
  }

  /** The numbers of the engine, as far as they could be read. */
  EngineState state() {
    return state;
  }

  long entries() {
    return entries;
  }

  long sessions() {
    return sessions;
  }

  /**
   * Checks all rows.
   *
   * @throws NewerFormatException if the format is newer than this program
   */
  void run(Storage storage) {
    if (!readMeta(storage)) {
      return; // nothing to compare the rest with
    }
    boolean sessionsRead = attempt("sessions", () -> readSessions(storage));
    long last = StreamIndex.bucket(Math.max(state.tail() - 1, 0));
    for (long bucket = StreamIndex.bucket(state.trimMark()); bucket <= last; bucket++) {
      checkBucket(storage, bucket);
    }
    attempt("entries beyond the tail", () -> checkNoneBeyond(storage, last + 1));
    if (sessionsRead) {
      attempt("outcomes of requests", () -> checkOutcomes(storage));
    }
    for (EntryCheck check : further) {
      check
          .problems(new LogPosition(state.trimMark()), new LogPosition(state.tail()))
          .forEach(problems::add);
    }
  }

  private interface Step {
    void run() throws IOException;
  }

  private boolean attempt(String what, Step step) {
    try {
      step.run();
      return true;
    } catch (IOException e) {
      problems.add("reading " + what + " failed: " + e.getMessage());
      return false;
    }
  }

  private boolean readMeta(Storage storage) {
    try {
      StoreMeta meta = StoreMeta.read(where, key -> storage.get(Family.META, key));
      store = meta.identity();
      state = meta.state();
      if (reached.isPresent()) {
        meta.checkAgainst(reached.get(), where);
      }
      return true;
    } catch (DamagedStoreException e) {
      problems.add(e.what());
      return !store.isEmpty();
    } catch (IOException e) {
      problems.add("the rows that tell its format and tail cannot be read: " + e.getMessage());
      return false;
    }
  }

  /** Checks the entries of a bucket, and then the index rows against them. */
  private void checkBucket(Storage storage, long bucket) {
    long from = Math.max(state.trimMark(), bucket << StreamIndex.BUCKET_BITS);
    long to = Math.min(state.tail(), (bucket + 1) << StreamIndex.BUCKET_BITS);
    IndexCheck index = new IndexCheck(from, to, problems);
    attempt(
        "entries from position " + from + " to " + to,
        () -> checkEntries(storage, from, to, index));
    attempt(
        "the index of positions " + from + " to " + to,
        () -> {
          try (Cursor rows =
              storage.cursor(
                  Family.INDEX, StreamIndex.bucketKey(bucket), StreamIndex.bucketKey(bucket + 1))) {
            for (rows.seek(StreamIndex.bucketKey(bucket)); rows.isValid(); rows.next()) {
              index.row(rows.key(), rows.value());
            }
          }
          index.end();
        });
  }

  private void checkEntries(Storage storage, long from, long to, IndexCheck index)
      throws IOException {
    long next = from;
    try (Cursor rows = storage.cursor(Family.ENTRIES, Bytes.ofLong(from), Bytes.ofLong(to))) {
      for (rows.seek(Bytes.ofLong(from)); rows.isValid(); rows.next()) {
        byte[] key = rows.key();
        if (key.length != Long.BYTES) {
          problems.add("a row among the entries has a key of " + key.length + " bytes");
          continue;
        }
        long position = Bytes.longAt(key, 0);
        missing(next, position, index);
        next = position + 1;
        try {
          whole(EntryFormat.decode(new LogPosition(position), rows.value()), index);
        } catch (DamagedEntryException e) {
          problems.add(e.getMessage());
          index.unknown(position, position + 1);
        }
      }
    } catch (IOException e) {
      index.unknown(next, to); // the first that could not be read, and all after it
      throw e;
    }
    missing(next, to, index);
  }

  private void missing(long from, long to, IndexCheck index) {
    if (from < to) {
      problems.add(
          from + 1 == to
              ? "the entry at position " + from + " is missing"
              : "the entries from position " + from + " to " + to + " (exclusive) are missing");
      index.unknown(from, to);
    }
  }

  private void whole(LogEntry entry, IndexCheck index) {
    entries++;
    index.entry(entry);
    String which = "the entry at position " + entry.position();
    if (entry.timeMicros() < lastTime || entry.timeMicros() > state.timeMicros()) {
      problems.add(which + " has a time out of order");
    }
    lastTime = Math.max(lastTime, entry.timeMicros());
    entry
        .requestId()
        .filter(id -> id.session().value() >= state.nextSession())
        .ifPresent(id -> problems.add(which + " is of session " + id.session() + ", never opened"));
    entry
        .requestId()
        .flatMap(id -> Optional.ofNullable(sessionRows.get(id.session().value())))
        .filter(
            row -> !Optional.ofNullable(row.owner()).map(Principal::name).equals(entry.principal()))
        .ifPresent(
            row ->
                problems.add(
                    which
                        + " is of "
                        + entry.principal().orElse("nobody")
                        + ", but under session "
                        + row.session()
                        + " of "
                        + Optional.ofNullable(row.owner()).map(Principal::name).orElse("nobody")));
    for (EntryCheck check : further) {
      check.entry(entry);
    }
  }

  private void checkNoneBeyond(Storage storage, long bucket) throws IOException {
    long beyond = storage.count(Family.ENTRIES, Bytes.ofLong(state.tail()), LogStore.LAST_KEY);
    if (beyond > 0) {
      problems.add("there are " + beyond + " entries beyond its tail " + state.tail());
    }
    long rows = storage.count(Family.INDEX, StreamIndex.bucketKey(bucket), LogStore.LAST_KEY);
    if (rows > 0) {
      problems.add("there are " + rows + " index rows beyond its tail " + state.tail());
    }
  }

  private void readSessions(Storage storage) throws IOException {
    try (Cursor rows = storage.cursor(Family.SESSIONS, LogStore.FIRST_KEY, LogStore.LAST_KEY)) {
      for (rows.seek(LogStore.FIRST_KEY); rows.isValid(); rows.next()) {
        byte[] key = rows.key();
        if (key.length == LogStore.SESSION_KEY_BYTES) {
          sessions++;
          try {
            SessionRow row = SessionRow.of(key, rows.value());
            sessionRows.put(row.session(), row);
            checkSession(row);
          } catch (IllegalArgumentException e) {
            problems.add(
                "the row of session "
                    + Bytes.longAt(key, 0)
                    + " cannot be read: "
                    + e.getMessage());
          }
        }
      }
    }
  }

  private void checkOutcomes(Storage storage) throws IOException {
    try (Cursor rows = storage.cursor(Family.SESSIONS, LogStore.FIRST_KEY, LogStore.LAST_KEY)) {
      for (rows.seek(LogStore.FIRST_KEY); rows.isValid(); rows.next()) {
        byte[] key = rows.key();
        byte[] value = rows.value();
        if (key.length == LogStore.SESSION_KEY_BYTES) {
          continue; // was checked before the entries
        }
        if (key.length != LogStore.OUTCOME_KEY_BYTES) {
          problems.add("a row among the sessions has a key of " + key.length + " bytes");
        } else if (value.length != 2 * Long.BYTES) {
          problems.add("the row of an outcome holds " + value.length + " bytes instead of 16");
        } else {
          checkOutcome(Bytes.longAt(key, 0), Bytes.longAt(key, 8), Bytes.longAt(value, 0));
        }
      }
    }
  }

  private void checkSession(SessionRow row) {
    long session = row.session();
    if (session < 1 || session >= state.nextSession()) {
      problems.add("session " + session + " is stored, but was never opened");
    }
    if (row.lastUsedMicros() > state.timeMicros()) {
      problems.add("session " + session + " was used later than the log's own time");
    }
  }

  private void checkOutcome(long session, long sequence, long position) {
    String which = "the outcome of request " + sequence + " of session " + session;
    SessionRow row = sessionRows.get(session);
    if (row == null) {
      problems.add(which + " is stored without its session");
    } else if (sequence < row.learntBelow()) {
      problems.add(which + " is stored, though its client has learnt it");
    }
    if (position < 0 || position >= state.tail()) {
      problems.add(which + " is position " + position + ", beyond the tail " + state.tail());
    }
  }
}
