package dev.milonga.testkit;

import dev.milonga.runtime.Change;
import dev.milonga.runtime.Difference;
import java.util.List;
import java.util.Optional;

/**
 * Why an object is not the same on every replica, by the first call that shows it.
 *
 * @param kind what kind of mistake it is
 * @param object the object's class and name: {@code Inventory "warehouse-7"}
 * @param call the first call after which it shows, with its position in the log, the mutator and
 *     the arguments; empty if it shows before the first call
 * @param explanation what was compared with what, and what came of the call on each side
 * @param parts what of the state differs, by the path of the field: on the one side before, on the
 *     other after the arrow; empty if only results differ
 */
public record Finding(
    Kind kind,
    String object,
    Optional<Change> call,
    String explanation,
    List<Difference.Part> parts) {

  private static final int PARTS_SHOWN = 20;

  /** Copies the list. */
  public Finding {
    parts = List.copyOf(parts);
  }

  /** What kind of mistake it is. */
  public enum Kind {
    /**
     * Two replicas that replay the same history come to different states or results: a mutator
     * depends on something else than the state and its arguments.
     */
    REPLAYS_DIFFER(
        "A mutator depends on the state, its arguments and Deterministic alone: look for identity"
            + " (hashCode of an object without one of its own, the order of a set of such objects),"
            + " static variables, and what libraries do with the clock, chance or the environment."),

    /**
     * A replica that was restored from a checkpoint comes to another state or result than one that
     * has replayed everything: part of what decides is not in the checkpoint.
     */
    RESTORED_DIFFERS(
        "Everything that decides what a mutator does belongs to the state: look for transient"
            + " fields, for static variables, and in a class that implements Snapshots for what"
            + " snapshot() leaves out or restore() makes otherwise."),

    /** The store has another state than a replica that replays the history now. */
    STORE_DIFFERS(
        "The store has applied the same calls earlier: look for what has changed in this process"
            + " since then, such as a system property, the default locale or a static variable."),

    /** A mutator has changed the state and then thrown. */
    CHANGED_AND_THREW(
        "A mutator that throws leaves the state as it was: check the arguments first and change"
            + " the state afterwards, or let the class implement Versioned."),

    /** A mutator of a {@code Versioned} class has changed the version that readers still have. */
    EARLIER_VERSION_CHANGED(
        "A version is never changed once it is made: fork() is to share only what cannot change,"
            + " and a mutator replaces a value in place of changing it."),

    /** {@code fork()} of a {@code Versioned} class does not give the same state. */
    FORK_DIFFERS("fork() is to carry over every field."),

    /**
     * A mutator keeps an argument that can change. Looked for only {@linkplain
     * Trial#refuseKeptArguments on request}.
     */
    KEPT_ARGUMENT("Keep a copy, such as List.copyOf, or take a value that cannot change."),

    /** The state cannot be kept in a checkpoint, or not be restored from one. */
    NO_CHECKPOINT("Objects are kept in checkpoints: change the state to what can be kept.");

    private final String advice;

    Kind(String advice) {
      this.advice = advice;
    }

    /** What to look for. */
    public String advice() {
      return advice;
    }
  }

  /** All of it, on several lines. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(object);
    text.append(
        call.map(at -> ", at position " + at.position() + ", " + at.call() + ":\n")
            .orElse(", before the first call:\n"));
    explanation.lines().forEach(line -> text.append("  ").append(line).append('\n'));
    parts.stream()
        .limit(PARTS_SHOWN)
        .forEach(part -> text.append("    ").append(part).append('\n'));
    if (parts.size() > PARTS_SHOWN) {
      text.append("    and ").append(parts.size() - PARTS_SHOWN).append(" more\n");
    }
    return text.append(kind.advice).toString();
  }
}
