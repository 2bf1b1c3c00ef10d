package dev.milonga.log;

/**
 * Identity of an append: a retry carries the same one and gets the first outcome.
 *
 * <p>A client numbers its requests 0, 1, 2 … within a session and may have many of them under way.
 * With each it says below which sequence number it has learnt every outcome, so that the log can
 * forget those; a smaller number in a later request takes nothing back. Numbers may be skipped.
 *
 * @param session the client's session
 * @param sequence this request's number within the session; at least 0
 * @param learntBelow the client knows the outcome of every request with a smaller sequence number
 *     and will never retry it; {@code 0 <= learntBelow <= sequence}
 */
public record RequestId(SessionId session, long sequence, long learntBelow) {

  /** Refuses numbers out of range. */
  public RequestId {
    if (sequence < 0) {
      throw new IllegalArgumentException("sequence must be >= 0, was " + sequence);
    }
    if (learntBelow < 0 || learntBelow > sequence) {
      throw new IllegalArgumentException(
          "learntBelow must be in [0, " + sequence + "], was " + learntBelow);
    }
  }
}
