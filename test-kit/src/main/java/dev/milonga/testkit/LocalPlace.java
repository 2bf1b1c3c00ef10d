package dev.milonga.testkit;

import dev.milonga.Milonga;
import dev.milonga.log.InMemoryLog;
import java.time.Duration;
import java.util.function.Supplier;

/** A log in the process of the test, in memory or in a directory. */
final class LocalPlace implements Place {

  private final Supplier<Milonga> opening;
  private final AutoCloseable contents;
  private Clients clients = new Clients();
  private Milonga store;

  /**
   * @param opening opens the store, over and over
   * @param contents what is left when everything is closed
   */
  private LocalPlace(Supplier<Milonga> opening, AutoCloseable contents) {
    this.opening = opening;
    this.contents = contents;
    this.store = clients.add(opening.get());
  }

  static LocalPlace inMemory() {
    InMemoryLog log = InMemoryLog.create();
    return new LocalPlace(() -> Milonga.over(log), log);
  }

  static LocalPlace embedded() {
    TemporaryDirectory directory = TemporaryDirectory.make();
    return new LocalPlace(() -> Milonga.open(directory.path().resolve("store")), directory);
  }

  @Override
  public Milonga store() {
    return store;
  }

  @Override
  public Milonga client() {
    return clients.add(Milonga.over(store.log()));
  }

  @Override
  public Link link(Duration callTimeout) {
    return clients.add(new LocalLink(store.log(), callTimeout));
  }

  @Override
  public void restart() {
    clients.close();
    clients = new Clients();
    store = clients.add(opening.get());
  }

  @Override
  public void close() {
    Clients all = new Clients();
    all.add(contents);
    all.add(clients);
    all.close();
  }
}
