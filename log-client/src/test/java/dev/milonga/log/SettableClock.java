package dev.milonga.log;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicReference;

/** A clock that stands still until it is set. Thread-safe. */
public final class SettableClock implements InstantSource {

  private final AtomicReference<Instant> now = new AtomicReference<>(Instant.EPOCH);

  /** A clock that stands at that instant. */
  public SettableClock(Instant now) {
    set(now);
  }

  @Override
  public Instant instant() {
    return now.get();
  }

  /** Sets the clock, forwards or back. */
  public void set(Instant instant) {
    now.set(instant);
  }

  /** Sets the clock forward, or back by a negative duration. */
  public void advance(Duration by) {
    now.updateAndGet(instant -> instant.plus(by));
  }
}
