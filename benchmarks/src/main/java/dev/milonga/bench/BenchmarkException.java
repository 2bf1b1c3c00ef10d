package dev.milonga.bench;

/** What was measured failed, so that there are no figures. */
public final class BenchmarkException extends Exception {

  BenchmarkException(String message, Throwable cause) {
    super(message, cause);
  }
}
