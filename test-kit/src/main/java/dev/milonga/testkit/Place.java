package dev.milonga.testkit;

import dev.milonga.Milonga;
import java.time.Duration;

/** Where the log of a test is, and what clients it has. Not thread-safe. */
interface Place extends AutoCloseable {

  /** The store that the test is about. */
  Milonga store();

  /** A further client. */
  Milonga client();

  /** A further client, behind a link. */
  Link link(Duration callTimeout);

  /** Ends what holds the log, and begins it again. */
  void restart();

  /** Closes everything, and removes the log. */
  @Override
  void close();
}
