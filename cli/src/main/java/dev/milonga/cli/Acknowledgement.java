package dev.milonga.cli;

import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How a loading process says on its standard output that a record is durable: a line {@code ACK n.}
 * each. The full stop tells a whole line from one whose end was cut off when the process died,
 * which would name another record.
 */
final class Acknowledgement {

  private static final Pattern LINE = Pattern.compile("ACK ([0-9]{1,9})\\.");

  private Acknowledgement() {}

  /** The line for that record. */
  static String line(int record) {
    return "ACK " + record + ".";
  }

  /** The record that a line acknowledges; empty if the line is not an acknowledgement. */
  static OptionalInt record(String line) {
    Matcher matcher = LINE.matcher(line);
    return matcher.matches()
        ? OptionalInt.of(Integer.parseInt(matcher.group(1)))
        : OptionalInt.empty();
  }
}
