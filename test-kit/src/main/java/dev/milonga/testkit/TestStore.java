package dev.milonga.testkit;

import dev.milonga.Milonga;
import java.time.Duration;

/**
 * A log for one test, and its clients: the store that the test is about, further ones, and ones
 * behind a {@link Link} on which the test makes faults. Closing it closes all of them, and removes
 * the directory if there is one. {@link StoreExtension} makes one for each test of JUnit.
 *
 * <p>The stores are thread-safe, this is not.
 */
public final class TestStore implements AutoCloseable {

  private static final Duration CALL_TIMEOUT = Duration.ofSeconds(30);

  private final Place place;
  private boolean closed;

  private TestStore(Place place) {
    this.place = place;
  }

  /** A log in memory. */
  public static TestStore inMemory() {
    return new TestStore(LocalPlace.inMemory());
  }

  /** A durable log in a temporary directory, in this process. */
  public static TestStore embedded() {
    return new TestStore(LocalPlace.embedded());
  }

  /**
   * A durable log in a temporary directory, behind a log server in this process that listens on a
   * free port of the loopback address. All clients are connected to it, as they would be from other
   * processes.
   */
  public static TestStore served() {
    return new TestStore(new ServedPlace());
  }

  /** The store; the same one for each call until the {@linkplain #restart next restart}. */
  public Milonga store() {
    return open().store();
  }

  /** A further client of the same log: shares the objects with the store, and nothing else. */
  public Milonga client() {
    return open().client();
  }

  /** A further client, behind a link on which faults can be made; it waits for 30 seconds. */
  public Link link() {
    return link(CALL_TIMEOUT);
  }

  /**
   * A further client, behind a link on which faults can be made.
   *
   * @param callTimeout how long one call of it waits for the log, more than 0
   */
  public Link link(Duration callTimeout) {
    return open().link(callTimeout);
  }

  /**
   * Ends what holds the log, and begins it again. Everything that was acknowledged is there.
   *
   * <p>Of a log in this process that is the store: it is closed with all other clients and links,
   * whose objects are of no use any more, and a new one is opened. Of a served one it is the
   * server, which comes back at the same address: the store, clients and links stay, and connect
   * again by themselves.
   *
   * @return {@link #store()} from now on
   */
  public Milonga restart() {
    open().restart();
    return store();
  }

  private Place open() {
    if (closed) {
      throw new IllegalStateException("the test store is closed");
    }
    return place;
  }

  /** Closes all clients, and removes what they have left. Closing twice does nothing. */
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      place.close();
    }
  }
}
