package dev.milonga.cli;

import dev.milonga.log.SharedLog;
import dev.milonga.runtime.LogInspector;
import dev.milonga.runtime.RecordedCall;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Prints the calls on one object. */
@Command(
    name = "history",
    description = "Print every call that changed one object, oldest first, without your classes.")
final class HistoryCommand implements Callable<Integer> {

  private final Screen screen;

  @Parameters(paramLabel = "NAME", description = "Name of the object.")
  private String name = "";

  @Mixin private StoreOption store = new StoreOption();
  @Mixin private RangeOptions range = new RangeOptions();

  @Option(names = "--format", description = "${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}")
  private Format format = Format.TABLE;

  HistoryCommand(Screen screen) {
    this.screen = screen;
  }

  @Override
  public Integer call() {
    range.check();
    try (SharedLog log = store.open();
        CallRows rows = new CallRows(screen, format)) {
      LogInspector inspector = LogInspector.of(log);
      String known = store.object(inspector, name).name();
      try (Stream<RecordedCall> calls = inspector.history(known)) {
        range.in(calls).forEach(rows::add);
      }
    }
    return 0;
  }
}
