package dev.milonga.runtime;

import dev.milonga.log.LogPosition;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * One call of a mutator as the log holds it, described without the classes that it was made with.
 *
 * @param position the entry that holds the call
 * @param time when the log accepted the entry
 * @param object the name of the object; its stream, if the directory does not know it
 * @param mutator the logical name of the mutator, as it was recorded; empty for an entry that
 *     cannot be decoded, which {@code problem} then explains
 * @param arguments the arguments in their order
 * @param principal who made the call, as authenticated by the log; as the call itself says, where
 *     the log authenticated nobody; empty if neither does
 * @param applicationVersion of the process that made the call; empty if it named none
 * @param requestId the application's identity of the request; empty if it named none
 * @param traceParent the trace that the call was part of, as in {@link Change}
 * @param problem why the entry cannot be shown as a call, or that it is an order to skip another
 *     one
 */
public record RecordedCall(
    LogPosition position,
    Instant time,
    String object,
    String mutator,
    List<Argument> arguments,
    Optional<String> principal,
    Optional<String> applicationVersion,
    Optional<String> requestId,
    Optional<String> traceParent,
    Optional<String> problem) {

  /** Copies the list. */
  public RecordedCall {
    arguments = List.copyOf(arguments);
  }

  /** The call as one would write it: {@code restock(sku: "sku-1", n: 5)}. */
  public String call() {
    return problem.orElseGet(
        () ->
            arguments.stream()
                .map(argument -> argument.name() + ": " + argument.json())
                .collect(Collectors.joining(", ", mutator + "(", ")")));
  }

  /**
   * One argument of a call.
   *
   * @param name the name of the parameter, as its class declared it when the call was made
   * @param json the value as JSON
   */
  public record Argument(String name, String json) {}
}
