package dev.milonga.tests;

import dev.milonga.log.InMemoryLog;
import dev.milonga.log.SettableClock;
import dev.milonga.log.SharedLog;
import java.nio.file.Path;
import java.time.Duration;

/** Every kind of log that the scenarios run over. */
enum LogKind {
  IN_MEMORY((directory, clock) -> inMemory(clock), false),

  /** What a log in another process looks like: it answers later, and shows no tail for nothing. */
  DISTANT((directory, clock) -> new DistantLog(inMemory(clock)), false);

  static final Duration SESSION_TIMEOUT = Duration.ofHours(1);

  private final Opener opener;
  private final boolean durable;

  LogKind(Opener opener, boolean durable) {
    this.opener = opener;
    this.durable = durable;
  }

  SharedLog open(Path directory, SettableClock clock) {
    return opener.open(directory, clock);
  }

  /** Whether its contents are there again when it is closed and opened. */
  boolean isDurable() {
    return durable;
  }

  private static SharedLog inMemory(SettableClock clock) {
    return InMemoryLog.builder().clock(clock).sessionTimeout(SESSION_TIMEOUT).build();
  }

  private interface Opener {
    SharedLog open(Path directory, SettableClock clock);
  }
}
