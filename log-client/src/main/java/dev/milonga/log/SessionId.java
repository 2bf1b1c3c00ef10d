package dev.milonga.log;

/**
 * Number of a client's session with a log, given out by {@link SharedLog#openSession()}.
 *
 * @param value at least 1; numbers are never given out twice by one log
 */
public record SessionId(long value) {

  /** Refuses what no log gives out. */
  public SessionId {
    if (value < 1) {
      throw new IllegalArgumentException("session number must be >= 1, was " + value);
    }
  }

  @Override
  public String toString() {
    return Long.toString(value);
  }
}
