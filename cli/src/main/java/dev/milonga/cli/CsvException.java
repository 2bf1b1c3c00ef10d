package dev.milonga.cli;

import java.util.List;

/** A file is not CSV that can be read. The message lists what is wrong, line by line. */
final class CsvException extends Exception {

  private static final int SHOWN = 100;

  private final List<String> problems;

  /** Those problems, at least one, of the file that is called {@code name}. */
  CsvException(String name, List<String> problems) {
    super(message(name, problems));
    this.problems = List.copyOf(problems);
  }

  /** Every problem found, in the order of the file. */
  List<String> problems() {
    return problems;
  }

  private static String message(String name, List<String> problems) {
    StringBuilder message = new StringBuilder(name).append(" cannot be read as CSV:");
    problems.stream().limit(SHOWN).forEach(problem -> message.append("\n  ").append(problem));
    if (problems.size() > SHOWN) {
      message.append("\n  … and ").append(problems.size() - SHOWN).append(" more problems");
    }
    return message.toString();
  }
}
