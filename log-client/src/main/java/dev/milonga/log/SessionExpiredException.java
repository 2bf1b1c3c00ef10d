package dev.milonga.log;

/**
 * The log does not know the session any more. Nothing of this attempt is durable; if the request
 * had been sent before, whether that attempt was accepted can no longer be told by retrying it.
 * Open a new session.
 */
public final class SessionExpiredException extends StoreException {

  /** That session has expired, or was never opened. */
  public SessionExpiredException(SessionId session) {
    super(
        "session " + session + " has expired or was never opened; open a new one",
        Durable.NOTHING,
        null);
  }
}
