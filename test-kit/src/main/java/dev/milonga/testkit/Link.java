package dev.milonga.testkit;

import dev.milonga.Milonga;
import java.time.Duration;

/**
 * The connection of one client to the log, and the faults that a test makes on it. Other clients of
 * the same log are not concerned. All methods may be called from any thread, and return at once.
 *
 * <p>A client behind a link is as one in another process: it asks the log for its tail before each
 * linearizable read. A call that waits for what does not come fails with {@link
 * dev.milonga.log.LogUnavailableException} after the link's call time-out, and then it is not known
 * whether it has taken effect.
 */
public interface Link {

  /** The store behind the link; closed with the {@link TestStore}. */
  Milonga store();

  /**
   * The next append of this client takes effect, and its acknowledgement gets lost. A client in the
   * process of the log learns that the outcome is unknown; one of a server asks again, and learns
   * the outcome.
   */
  void loseNextAcknowledgement();

  /** From now on each request and each answer takes that much longer; 0 ends that. */
  void delay(Duration each);

  /** Nothing that this client asks for reaches the log, until {@link #heal}. Answers do arrive. */
  void holdRequests();

  /**
   * No answer and no pushed entry reaches this client, until {@link #heal}. What it asks for does
   * take effect.
   */
  void holdAnswers();

  /** Nothing gets through in either direction, until {@link #heal}. */
  void cut();

  /**
   * Ends all faults, delays as well. What was held arrives now, in its order; a connection that was
   * lost is made anew by the client itself.
   */
  void heal();
}
