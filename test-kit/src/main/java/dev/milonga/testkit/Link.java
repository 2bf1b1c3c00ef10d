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
   * The next append takes effect, and its acknowledgement gets lost. In the process of the log the
   * client then learns that the outcome is unknown. From a server it is lost with the connection;
   * the client connects and asks again, and learns the outcome as if nothing had happened. (Over
   * such a link the next append of any client counts.)
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

  /**
   * Nothing gets through in either direction, until {@link #heal}. To a server the connection
   * breaks, and cannot be made again.
   */
  void cut();

  /**
   * Ends all faults, delays as well. What was held arrives now, in its order; a connection that was
   * lost is made anew by the client itself.
   */
  void heal();
}
