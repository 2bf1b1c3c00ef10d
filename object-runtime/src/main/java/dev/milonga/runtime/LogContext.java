package dev.milonga.runtime;

import dev.milonga.log.LogEntry;
import dev.milonga.log.LogPosition;
import dev.milonga.log.SessionId;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;

/**
 * What the log lines of a thread are about, in SLF4J's mapped diagnostic context: an object, and
 * perhaps an entry of it. The store sets it around its own lines that concern one object, and
 * around the calls of listeners. Immutable.
 *
 * @param object the name of the object
 * @param position the position of the entry, if it is about one
 * @param session the session under which the entry was appended, if that is known
 */
public record LogContext(
    String object, Optional<LogPosition> position, Optional<SessionId> session) {

  /** The key of the name of the object. */
  public static final String OBJECT = "milonga.object";

  /** The key of the position of the entry. */
  public static final String POSITION = "milonga.position";

  /** The key of the number of the session. */
  public static final String SESSION = "milonga.session";

  /** About that object. */
  public static LogContext of(String object) {
    return new LogContext(object, Optional.empty(), Optional.empty());
  }

  /** About the entry of the object at that position. */
  public LogContext at(LogPosition entry) {
    return new LogContext(object, Optional.of(entry), session);
  }

  /** About that entry of the object. */
  public LogContext at(LogEntry entry) {
    return new LogContext(
        object, Optional.of(entry.position()), entry.requestId().map(id -> id.session()));
  }

  /** Runs {@code body} in this context; afterwards the thread has the one that it had before. */
  public void run(Runnable body) {
    String objectBefore = replace(OBJECT, object);
    String positionBefore = replace(POSITION, position.map(LogPosition::toString).orElse(null));
    String sessionBefore = replace(SESSION, session.map(SessionId::toString).orElse(null));
    try {
      body.run();
    } finally {
      replace(OBJECT, objectBefore);
      replace(POSITION, positionBefore);
      replace(SESSION, sessionBefore);
    }
  }

  private static @Nullable String replace(String key, @Nullable String value) {
    String before = MDC.get(key);
    if (value != null) {
      MDC.put(key, value);
    } else if (before != null) {
      MDC.remove(key);
    }
    return before;
  }
}
