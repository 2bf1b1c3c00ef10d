package dev.milonga.runtime;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What a log says about a replicated class, in logical names only: enough to print its calls
 * without the class.
 *
 * @param type the type with its type arguments, such as {@code map<string,Order>}
 * @param mutators sorted by name
 */
record Schema(String type, List<Call> mutators) {

  /** A mutator: the name under which the log holds its calls, and what it takes. */
  record Call(String name, List<Parameter> parameters) {
    Call {
      parameters = List.copyOf(parameters);
    }
  }

  /** A parameter and its type, such as {@code list<Order>}. */
  record Parameter(String name, String type) {}

  Schema {
    mutators = mutators.stream().sorted(Comparator.comparing(Call::name)).toList();
  }

  /** The canonical text: the type, and a line for each mutator. It is the same on every machine. */
  String text() {
    return mutators.stream()
        .map(
            call ->
                call.parameters().stream()
                    .map(parameter -> parameter.type() + " " + parameter.name())
                    .collect(Collectors.joining(", ", call.name() + "(", ")\n")))
        .collect(Collectors.joining("", type + "\n", ""));
  }

  /** The first 64 bits of the SHA-256 of the canonical text. */
  long fingerprint() {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      return ByteBuffer.wrap(digest.digest(text().getBytes(StandardCharsets.UTF_8))).getLong();
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }
}
