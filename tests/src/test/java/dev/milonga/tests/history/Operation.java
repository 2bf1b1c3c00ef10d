package dev.milonga.tests.history;

import java.util.Optional;

/**
 * One call by one client: when it began, and when and how it ended.
 *
 * @param process who made it; a process makes one call after the other
 * @param f the name of the method
 * @param key the part of the object that it concerns; operations on different keys are independent.
 *     Empty if it concerns the whole object
 * @param argument what was passed, or null
 * @param invoked when it began, in nanoseconds
 * @param outcome how it ended
 */
public record Operation(
    int process, String f, String key, Object argument, long invoked, Outcome outcome) {

  /** How an operation ended. */
  public sealed interface Outcome {}

  /**
   * It took effect between its beginning and {@code completed}.
   *
   * @param result what it returned, or null
   */
  public record Ok(Object result, long completed) implements Outcome {}

  /** It has not taken effect and never will. */
  public record Failed(long completed) implements Outcome {}

  /** It may take effect at any time after it began, or never. */
  public record Unknown(long noticed) implements Outcome {}

  /** The position in time after which it can have had no effect any more; empty if unknown. */
  Optional<Ok> ok() {
    return outcome instanceof Ok ok ? Optional.of(ok) : Optional.empty();
  }

  @Override
  public String toString() {
    String call = process + ": " + f + "(" + key + (argument == null ? "" : ", " + argument) + ")";
    if (outcome instanceof Ok ok) {
      return call + " = " + ok.result + " in [" + invoked + ", " + ok.completed + "]";
    }
    return call + (outcome instanceof Failed ? " failed" : " unknown") + " from " + invoked;
  }
}
