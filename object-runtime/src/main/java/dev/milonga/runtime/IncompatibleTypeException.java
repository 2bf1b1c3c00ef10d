package dev.milonga.runtime;

import java.util.List;

/**
 * A class cannot be opened as a replicated object, or not under that name. Nothing is durable; no
 * object was created. The message lists every problem, each with what to write instead.
 */
public final class IncompatibleTypeException extends RuntimeException {

  private final List<String> problems;

  /** Those problems, at least one, with the class or object that {@code subject} names. */
  public IncompatibleTypeException(String subject, List<String> problems) {
    super(message(subject, problems));
    this.problems = List.copyOf(problems);
  }

  /** Every problem found. */
  public List<String> problems() {
    return problems;
  }

  private static String message(String subject, List<String> problems) {
    if (problems.isEmpty()) {
      throw new IllegalArgumentException("no problem given for " + subject);
    }
    StringBuilder message = new StringBuilder(subject).append(" cannot be opened:");
    if (problems.size() == 1) {
      return message.append(' ').append(problems.get(0)).toString();
    }
    for (int i = 0; i < problems.size(); i++) {
      message.append("\n  ").append(i + 1).append(". ").append(problems.get(i));
    }
    return message.toString();
  }
}
