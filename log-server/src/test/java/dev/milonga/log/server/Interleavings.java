package dev.milonga.log.server;

import org.jetbrains.lincheck.Lincheck;
import org.jetbrains.lincheck.LincheckAssertionError;

/** Programs of a few threads, in the interleavings that Lincheck chooses. */
final class Interleavings {

  private static final int TIMES = Integer.getInteger("milonga.lincheck", 1);

  private Interleavings() {}

  /** Runs it in so many, or {@code -Dmilonga.lincheck=…} times as many. Each has to end. */
  static void run(int count, Runnable program) {
    try {
      Lincheck.runConcurrentTest(count * TIMES, program);
    } catch (LincheckAssertionError e) {
      if (!String.valueOf(e.getMessage()).contains("has hung")) {
        throw e;
      }
      // It may only have been slow: after 30 seconds, of which loading classes takes a part the
      // first time, all is taken for hung. What hangs indeed does so again: the choices are the
      // same each time.
      Lincheck.runConcurrentTest(count * TIMES, program);
    }
  }
}
