package dev.milonga.runtime;

import dev.milonga.log.LogPosition;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One call of a mutator, as the log holds it.
 *
 * @param position the entry that holds the call
 * @param time when the log accepted the entry
 * @param object the name of the object
 * @param mutator the logical name of the mutator, as it was recorded
 * @param arguments the arguments in their declared order
 * @param principal who made the call, as authenticated by the log; as the call itself says, where
 *     the log authenticated nobody; empty if neither does
 * @param applicationVersion of the process that made the call; empty if it named none
 * @param requestId the application's identity of the request; empty if it named none
 * @param traceParent the trace that the call was part of, in the form of the {@code traceparent}
 *     header of W3C Trace Context; empty if it named none
 */
public record Change(
    LogPosition position,
    Instant time,
    String object,
    String mutator,
    List<Argument> arguments,
    Optional<String> principal,
    Optional<String> applicationVersion,
    Optional<String> requestId,
    Optional<String> traceParent) {

  /** Copies the list. */
  public Change {
    arguments = List.copyOf(arguments);
  }

  /** The call as one would write it: {@code restock(sku: sku-1, n: 5)}. */
  public String call() {
    return arguments.stream()
        .map(argument -> argument.name() + ": " + argument.value())
        .collect(Collectors.joining(", ", mutator + "(", ")"));
  }

  @Override
  public String toString() {
    return position + " " + time + " " + object + " " + call();
  }

  /**
   * One argument of a call.
   *
   * @param name the name of the parameter
   * @param value a copy of the value
   */
  public record Argument(String name, @Nullable Object value) {}
}
