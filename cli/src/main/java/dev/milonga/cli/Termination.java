package dev.milonga.cli;

import java.util.concurrent.CountDownLatch;

/**
 * Lets a command end in its own time when the process is told to (SIGTERM, SIGINT), and the process
 * then with the command's exit code: if that is 0, it has done what it was asked for.
 */
final class Termination {

  private final CountDownLatch wanted = new CountDownLatch(1);
  private final CountDownLatch done = new CountDownLatch(1);
  private final Screen screen;
  private volatile int exitCode;

  private final Thread hook = new Thread(this::end, "termination");

  private Termination(Screen screen) {
    this.screen = screen;
  }

  /** From now on, until {@link #done}, a signal is waited for by {@link #await}. */
  static Termination handled(Screen screen) {
    Termination termination = new Termination(screen);
    Runtime.getRuntime().addShutdownHook(termination.hook);
    return termination;
  }

  /** Returns when the process is to end. */
  void await() throws InterruptedException {
    wanted.await();
  }

  boolean isWanted() {
    return wanted.getCount() == 0;
  }

  /** Says that all is done, and printed, that was to be done before the end. */
  void done(int code) {
    exitCode = code;
    done.countDown();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The process is ending: the hook is about to end it with the exit code.
    }
  }

  // The Java machine waits for this before it ends, and would end with 143 or 130 by itself.
  private void end() {
    wanted.countDown();
    try {
      done.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return;
    }
    screen.out().flush();
    screen.err().flush();
    Runtime.getRuntime().halt(exitCode);
  }
}
