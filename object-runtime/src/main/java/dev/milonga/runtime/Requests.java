package dev.milonga.runtime;

import dev.milonga.log.SessionId;
import dev.milonga.log.SharedLog;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The identity of one client towards the log: its session, opened when it is first needed and again
 * when it has expired, and the numbers of its requests, which go on across sessions. Thread-safe.
 */
final class Requests {

  private final SharedLog log;
  private final Waiting waiting;
  private final RequestNumbers numbers = new RequestNumbers();
  private final ReentrantLock opening =
      new ReentrantLock(); // no thread under it takes another lock

  // Written under opening, read by anyone; a session is immutable, and an expired one is refused by
  // the log, so that reading it late does no harm.
  private volatile @Nullable SessionId session; // null until the first is opened

  Requests(SharedLog log, Waiting waiting) {
    this.log = log;
    this.waiting = waiting;
  }

  RequestNumbers numbers() {
    return numbers;
  }

  /** {@link #session(Deadline)} for a call that begins now. */
  SessionId session() {
    return session(waiting.begin());
  }

  /** The session to use for the next request; waits for the log if there is none yet. */
  SessionId session(Deadline deadline) {
    SessionId open = session;
    return open != null ? open : open(null, deadline);
  }

  /** A session other than {@code expired}, which the log has refused. */
  SessionId sessionAfter(SessionId expired) {
    return open(expired, waiting.begin());
  }

  private SessionId open(@Nullable SessionId expired, Deadline deadline) {
    deadline.lock(opening, "the session");
    try {
      SessionId current = session;
      if (current != null && !current.equals(expired)) {
        return current;
      }
      SessionId fresh = deadline.await(log.openSession());
      session = fresh;
      return fresh;
    } finally {
      opening.unlock();
    }
  }
}
