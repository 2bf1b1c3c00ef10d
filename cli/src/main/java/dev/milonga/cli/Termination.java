package dev.milonga.cli;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;

/**
 * Lets a command end in its own time when the process is told to (SIGTERM, SIGINT), and the process
 * then with the command's exit code: if that is 0, it has done what it was asked for.
 */
final class Termination {

  /** What runs until it is done, or wanted to end. */
  interface Body {
    void run(Termination termination) throws InterruptedException;
  }

  private final CompletableFuture<Void> wanted = new CompletableFuture<>();
  private final CountDownLatch done = new CountDownLatch(1);
  private final Screen screen;
  private volatile int exitCode = 1; // written before done is
  private final Thread hook = new Thread(this::end, "termination");

  private Termination(Screen screen) {
    this.screen = screen;
  }

  /**
   * Runs the body, and returns 0 if it did not throw. When the process is told to end meanwhile,
   * the body learns of it by {@link #wanted}, and the process ends after it.
   */
  static int run(Screen screen, Body body) throws InterruptedException {
    Termination termination = new Termination(screen);
    Runtime.getRuntime().addShutdownHook(termination.hook);
    try {
      body.run(termination);
      termination.exitCode = 0;
      return 0;
    } catch (RuntimeException e) {
      if (termination.wanted.isDone()) {
        screen.err().println("milonga: " + e.getMessage()); // nobody else gets to it
        return 1;
      }
      throw e;
    } finally {
      termination.release();
    }
  }

  /** Completes when the process is to end. */
  CompletableFuture<Void> wanted() {
    return wanted;
  }

  private void release() {
    screen.out().flush();
    done.countDown();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The process is ending: the hook is about to end it with the exit code.
    }
  }

  // The Java machine waits for this before it ends, and would end with 143 or 130 by itself.
  private void end() {
    wanted.complete(null);
    try {
      done.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return;
    }
    screen.err().flush();
    Runtime.getRuntime().halt(exitCode);
  }
}
