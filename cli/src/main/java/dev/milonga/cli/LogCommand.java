package dev.milonga.cli;

import dev.milonga.log.LogPosition;
import dev.milonga.log.SharedLog;
import dev.milonga.runtime.LogInspector;
import dev.milonga.runtime.RecordedCall;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Prints the calls in a log. */
@Command(
    name = "log",
    description = "Print every call in a store's log, in its order, without your classes.")
final class LogCommand implements Callable<Integer> {

  private final Screen screen;

  @Mixin private StoreOption store = new StoreOption();
  @Mixin private RangeOptions range = new RangeOptions();

  @Option(names = "--format", description = "${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}")
  private Format format = Format.TABLE;

  LogCommand(Screen screen) {
    this.screen = screen;
  }

  @Override
  public Integer call() {
    range.check();
    try (SharedLog log = store.open();
        CallRows rows = new CallRows(screen, format)) {
      LogPosition first = log.trimMark().join();
      LogPosition from = range.from().compareTo(first) < 0 ? first : range.from();
      try (Stream<RecordedCall> calls = LogInspector.of(log).calls(from)) {
        range.in(calls).forEach(rows::add);
      }
    }
    return 0;
  }
}
