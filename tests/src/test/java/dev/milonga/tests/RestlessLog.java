package dev.milonga.tests;

import dev.milonga.log.LocalTails;
import dev.milonga.log.LogPosition;
import dev.milonga.log.SharedLog;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * A log that moves on each time one thread has asked for its tail: the tail is out of date when it
 * is answered. Shows no tails in memory.
 */
final class RestlessLog extends DelegatingLog {

  private final Thread asking = Thread.currentThread();
  private volatile Runnable next = () -> {}; // what happens once the tail is known

  RestlessLog(SharedLog behind) {
    super(behind);
  }

  /** From now on, {@code next} runs after each question of the thread that has made this log. */
  void afterEachTail(Runnable next) {
    this.next = next;
  }

  @Override
  public CompletableFuture<LogPosition> tail() {
    CompletableFuture<LogPosition> tail = super.tail();
    if (Thread.currentThread() == asking) {
      tail.join();
      next.run();
    }
    return tail;
  }

  @Override
  public Optional<LocalTails> localTails() {
    return Optional.empty();
  }
}
