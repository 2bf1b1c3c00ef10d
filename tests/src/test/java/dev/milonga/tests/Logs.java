package dev.milonga.tests;

import dev.milonga.Milonga;
import dev.milonga.log.LogPosition;
import dev.milonga.log.SettableClock;
import dev.milonga.log.SharedLog;
import dev.milonga.log.server.Durability;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * One log with any number of clients, and what can be done to it. All that was opened is closed
 * with it, and its directory is removed. Used by one thread; the clients by any.
 */
final class Logs implements AutoCloseable {

  private final LogKind kind;
  private final Durability durability;
  private final Path directory;
  private final SettableClock clock = new SettableClock(Instant.parse("2026-11-20T12:00:00Z"));
  private final List<Milonga> clients = new ArrayList<>();
  private SharedLog log;
  private FaultyLog faulty;

  private Logs(LogKind kind, Durability durability) {
    this.kind = kind;
    this.durability = durability;
    try {
      this.directory = Files.createTempDirectory("milonga-tests");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    openLog();
  }

  static Logs open(LogKind kind) {
    return new Logs(kind, Durability.SYNC);
  }

  /** For tests of many calls, in which nothing crashes. */
  static Logs openWithoutSync(LogKind kind) {
    return new Logs(kind, Durability.ASYNC);
  }

  private void openLog() {
    log = kind.open(directory, clock, durability);
    faulty = new FaultyLog(log);
  }

  /** The log itself, past all faults. */
  SharedLog log() {
    return log;
  }

  /** The log as the clients see it. */
  FaultyLog faults() {
    return faulty;
  }

  /** The clock of the log. */
  SettableClock clock() {
    return clock;
  }

  LogPosition tail() {
    return log.tail().join();
  }

  /** A further client, which shares nothing with the others but the log. */
  Milonga client() {
    return client(builder -> {});
  }

  /** The same with settings of its own; unless they say so, its blocks have no leases. */
  Milonga client(Consumer<Milonga.Builder> settings) {
    Milonga.Builder builder = Milonga.builder().log(faulty).blockLease(Duration.ZERO);
    settings.accept(builder);
    Milonga client = builder.open();
    clients.add(client);
    return client;
  }

  /**
   * Ends all clients, and the log where its contents survive that; what is opened then has nothing
   * in memory.
   */
  void reopen() {
    closeClients();
    if (kind.isDurable()) {
      log.close();
      openLog();
    }
  }

  private void closeClients() {
    clients.forEach(Milonga::close);
    clients.clear();
  }

  @Override
  public void close() {
    closeClients();
    log.close();
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
