package dev.milonga.tests;

import dev.milonga.log.InMemoryLog;
import dev.milonga.log.SettableClock;
import dev.milonga.log.SharedLog;
import dev.milonga.log.server.Durability;
import dev.milonga.log.server.EmbeddedLog;
import java.nio.file.Path;
import java.time.Duration;

/** Every kind of log that the scenarios run over. */
enum LogKind {
  IN_MEMORY((directory, clock, durability) -> inMemory(clock), false),
  EMBEDDED(LogKind::embedded, true),

  /** What a log in another process looks like: it answers later, and shows no tail for nothing. */
  DISTANT((directory, clock, durability) -> new DistantLog(inMemory(clock)), false),

  /** A durable log behind a server, spoken to over a connection. */
  SERVED(
      (directory, clock, durability) -> new ServedLog(embedded(directory, clock, durability)),
      true);

  static final Duration SESSION_TIMEOUT = Duration.ofHours(24);

  private final Opener opener;
  private final boolean durable;

  LogKind(Opener opener, boolean durable) {
    this.opener = opener;
    this.durable = durable;
  }

  /** Opens it; the durability is that of a kind that has a choice. */
  SharedLog open(Path directory, SettableClock clock, Durability durability) {
    return opener.open(directory, clock, durability);
  }

  /** Whether its contents are there again when it is closed and opened. */
  boolean isDurable() {
    return durable;
  }

  private static SharedLog inMemory(SettableClock clock) {
    return InMemoryLog.builder().clock(clock).sessionTimeout(SESSION_TIMEOUT).build();
  }

  private static EmbeddedLog embedded(Path directory, SettableClock clock, Durability durability) {
    return EmbeddedLog.builder(directory)
        .durability(durability)
        .clock(clock)
        .sessionTimeout(SESSION_TIMEOUT)
        .open();
  }

  private interface Opener {
    SharedLog open(Path directory, SettableClock clock, Durability durability);
  }
}
