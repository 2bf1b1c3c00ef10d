package dev.milonga.tests;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/**
 * Commands of the machine that a test of faults needs. Where one is missing or does not work, the
 * test is skipped with a message, and fails in the soak profile, which demands them all.
 */
final class Tools {

  private static final int PATIENCE_SECONDS = 180;

  private Tools() {}

  /** Runs it to its end. */
  static void run(Object... command) {
    Ended ended = end(command);
    if (ended.exitCode != 0) {
      throw new AssertionError(ended);
    }
  }

  /** Likewise, and the test cannot do without. */
  static void need(Object... command) {
    Ended ended = end(command);
    if (ended.exitCode != 0) {
      missing(ended.toString());
    }
  }

  /** Skips the test, or fails it if it is demanded. */
  static void missing(String what) {
    if (Numbers.soak()) {
      throw new AssertionError("the soak profile needs what this machine has not: " + what);
    }
    System.err.println("SKIPPED, this machine cannot: " + what);
    Assumptions.abort(what);
  }

  private record Ended(List<String> command, int exitCode, String output) {}

  private static Ended end(Object... arguments) {
    List<String> command = List.of(arguments).stream().map(Object::toString).toList();
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      String output = new String(process.getInputStream().readAllBytes());
      if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new AssertionError(command + " does not end");
      }
      return new Ended(command, process.exitValue(), output);
    } catch (IOException e) {
      return new Ended(command, 127, e.toString());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UncheckedIOException(new IOException(command + " was interrupted", e));
    }
  }
}
