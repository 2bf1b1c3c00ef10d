package dev.milonga.tests;

import dev.milonga.log.LogPosition;
import dev.milonga.log.SessionId;
import dev.milonga.log.SharedLog;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;

/** What the {@link LoadWriter}s of a process do until it dies, each on a thread of its own. */
final class Load {

  /** Takes down what was acknowledged. */
  @FunctionalInterface
  interface Acknowledged {
    void at(LoadWriter writer, long sequence, LogPosition position);
  }

  private Load() {}

  /** A writer's work: {@code entries} appends; told of each before more than the window follow. */
  static void run(SharedLog log, LoadWriter writer, long entries, Acknowledged acknowledged) {
    Optional<SessionId> session =
        writer.isInSession() ? Optional.of(log.openSession().join()) : Optional.empty();
    Semaphore window = new Semaphore(writer.window());
    for (long s = 0; s < entries; s++) {
      long sequence = s;
      window.acquireUninterruptibly();
      CompletableFuture<Void> told =
          log.append(writer.request(sequence, session))
              .thenAccept(
                  position -> {
                    acknowledged.at(writer, sequence, position);
                    window.release();
                  });
      if (!writer.isAsynchronous()) {
        told.join();
      } else if (told.isCompletedExceptionally()) {
        told.join();
      }
    }
    window.acquireUninterruptibly(writer.window());
  }
}
