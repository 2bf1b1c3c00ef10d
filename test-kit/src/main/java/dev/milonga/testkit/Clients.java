package dev.milonga.testkit;

import java.util.ArrayDeque;
import java.util.Deque;

/** What is to be closed in the reverse order of its making. Not thread-safe. */
final class Clients implements AutoCloseable {

  private final Deque<AutoCloseable> open = new ArrayDeque<>();

  <C extends AutoCloseable> C add(C client) {
    open.push(client);
    return client;
  }

  /** Closes everything; what one of them throws is thrown when all are closed. */
  @Override
  public void close() {
    RuntimeException failure = null;
    while (!open.isEmpty()) {
      try {
        open.pop().close();
      } catch (Exception e) {
        RuntimeException mine =
            e instanceof RuntimeException unchecked ? unchecked : new IllegalStateException(e);
        if (failure == null) {
          failure = mine;
        } else {
          failure.addSuppressed(mine);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }
}
