package dev.milonga.testkit;

import dev.milonga.Milonga;
import dev.milonga.log.InMemoryLog;
import dev.milonga.log.SharedLog;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

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
  private final Deque<AutoCloseable> clients = new ArrayDeque<>(); // but for the store itself
  private @Nullable Milonga store; // null once it is closed

  private TestStore(Place place) {
    this.place = place;
    this.store = place.open();
  }

  /** A log in memory. */
  public static TestStore inMemory() {
    return new TestStore(new Memory());
  }

  /** A durable log in a temporary directory, in this process. */
  public static TestStore embedded() {
    return new TestStore(new Directory());
  }

  /** The store. The same one for each call, until it is {@linkplain #restart restarted}. */
  public Milonga store() {
    Milonga open = store;
    if (open == null) {
      throw new IllegalStateException("the test store is closed");
    }
    return open;
  }

  /** A further client of the same log: shares the objects with the store, and nothing else. */
  public Milonga client() {
    Milonga client = Milonga.over(store().log());
    clients.push(client);
    return client;
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
    LocalLink link = new LocalLink(store().log(), callTimeout);
    clients.push(link);
    return link;
  }

  /**
   * Closes all clients and opens the store anew, as when its process has ended and begins again.
   * Everything that was acknowledged is there; a log in memory stays. What the former store, other
   * clients and links have handed out is of no use any more.
   *
   * @return the new store
   */
  public Milonga restart() {
    closeClients();
    store = place.open();
    return store;
  }

  private void closeClients() {
    Milonga closing = store();
    store = null;
    try {
      while (!clients.isEmpty()) {
        close(clients.pop());
      }
    } finally {
      closing.close();
    }
  }

  private static void close(AutoCloseable client) {
    try {
      client.close();
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new AssertionError("neither a store nor a link throws such", e);
    }
  }

  /** Closes all clients, and removes what they have left. Closing twice does nothing. */
  @Override
  public void close() {
    if (store != null) {
      try {
        closeClients();
      } finally {
        place.remove();
      }
    }
  }

  /** Where the log is. */
  private interface Place {

    /** Opens the store that is closed first of all. */
    Milonga open();

    /** Removes the log, which nobody has open. */
    void remove();
  }

  private static final class Memory implements Place {

    private final SharedLog log = InMemoryLog.create();

    @Override
    public Milonga open() {
      return Milonga.over(log);
    }

    @Override
    public void remove() {
      log.close();
    }
  }

  private static final class Directory implements Place {

    private final Path directory;

    Directory() {
      try {
        directory = Files.createTempDirectory("milonga-test-");
      } catch (IOException e) {
        throw new UncheckedIOException("no temporary directory for the store of a test", e);
      }
    }

    @Override
    public Milonga open() {
      return Milonga.open(directory.resolve("store"));
    }

    @Override
    public void remove() {
      try {
        List<Path> all;
        try (Stream<Path> below = Files.walk(directory)) {
          all = below.sorted((one, other) -> other.compareTo(one)).toList(); // contents first
        }
        for (Path each : all) {
          Files.delete(each);
        }
      } catch (IOException e) {
        throw new UncheckedIOException("the store of a test cannot be removed", e);
      }
    }
  }
}
