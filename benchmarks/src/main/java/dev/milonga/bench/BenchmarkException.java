package dev.milonga.bench;

/** What was measured failed, so that there are no figures; the message says why. */
public final class BenchmarkException extends Exception {

  BenchmarkException(String message) {
    super(message);
  }

  BenchmarkException(String message, Throwable cause) {
    super(message, cause);
  }
}
