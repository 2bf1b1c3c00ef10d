package dev.milonga.cli;

import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;

/**
 * Something that can be set of a server: by a flag, in the environment or in a configuration file.
 *
 * @param name as the file has it; the flag has two hyphens before it
 * @param value what stands for a value in the help; empty if there are only true and false
 * @param standard the value in text if none is set; empty if it has none then
 * @param parse makes a value of text
 * @param description one sentence, for the help
 */
record Setting<T>(
    String name,
    String value,
    Optional<String> standard,
    Function<String, T> parse,
    String description) {

  private static final String ENVIRONMENT_PREFIX = "MILONGA_";

  /** The name of its environment variable. */
  String variable() {
    return ENVIRONMENT_PREFIX + name.toUpperCase(Locale.ROOT).replace('-', '_');
  }

  String flag() {
    return "--" + name;
  }

  boolean isSwitch() {
    return value.isEmpty();
  }
}
