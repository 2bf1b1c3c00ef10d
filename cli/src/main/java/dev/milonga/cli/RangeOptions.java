package dev.milonga.cli;

import dev.milonga.log.LogPosition;
import dev.milonga.runtime.RecordedCall;
import java.util.stream.Stream;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options that choose a part of the log. */
final class RangeOptions {

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--from",
      paramLabel = "POSITION",
      defaultValue = "0",
      description = "Begin there, or at the first entry that is left. Default: ${DEFAULT-VALUE}")
  private long from;

  @Option(
      names = "--limit",
      paramLabel = "N",
      description = "End after that many calls. Default: at the end of the log")
  private long limit = Long.MAX_VALUE;

  /**
   * Looks at the values before a store is opened for them.
   *
   * @throws ParameterException if one of them is wrong
   */
  void check() {
    if (from < 0) {
      throw wrong("--from", from);
    }
    if (limit < 0) {
      throw wrong("--limit", limit);
    }
  }

  LogPosition from() {
    return new LogPosition(from);
  }

  /** Those of the calls, which are in the order of their positions, that lie in the range. */
  Stream<RecordedCall> in(Stream<RecordedCall> calls) {
    LogPosition first = from();
    return calls.filter(call -> call.position().compareTo(first) >= 0).limit(limit);
  }

  private ParameterException wrong(String option, long value) {
    return new ParameterException(spec.commandLine(), option + " must be >= 0, was " + value);
  }
}
