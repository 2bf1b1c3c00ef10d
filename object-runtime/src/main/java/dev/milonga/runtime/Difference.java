package dev.milonga.runtime;

import dev.milonga.log.LogPosition;
import java.util.List;
import java.util.Optional;

/**
 * How the state of an object differs between two moments, and what has made it so.
 *
 * @param from the earlier moment: when the entry at that position had been applied
 * @param to the later one
 * @param parts what of the state differs, in the order of the state
 * @param changes the calls after {@code from} and up to {@code to}, oldest first
 */
public record Difference(LogPosition from, LogPosition to, List<Part> parts, List<Change> changes) {

  /** Copies the lists. */
  public Difference {
    parts = List.copyOf(parts);
    changes = List.copyOf(changes);
  }

  /**
   * One value in the state.
   *
   * @param path where it stands, such as {@code .stock{"sku-1"}} or {@code [3]}
   * @param before the value as JSON; empty if there was none
   * @param after likewise
   */
  public record Part(String path, Optional<String> before, Optional<String> after) {

    @Override
    public String toString() {
      return path + ": " + before.orElse("(none)") + " -> " + after.orElse("(none)");
    }
  }
}
