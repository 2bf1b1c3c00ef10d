package dev.milonga.cli;

import dev.milonga.log.LogPosition;
import dev.milonga.log.SharedLog;
import dev.milonga.runtime.Difference;
import dev.milonga.runtime.LogInspector;
import dev.milonga.runtime.RecordedCall;
import dev.milonga.runtime.Registration;
import dev.milonga.runtime.TypeToken;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Prints what has changed in an object between two moments, and by which calls. */
@Command(
    name = "diff",
    description = {
      "Print how an object differs between two moments, and the calls that have made it so.",
      "",
      "Of an object of your own class only the calls are shown: its state is known only to the"
          + " class."
    })
final class DiffCommand implements Callable<Integer> {

  private final Screen screen;

  @Parameters(index = "0", paramLabel = "NAME", description = "Name of the object.")
  private String name = "";

  @Parameters(
      index = "1",
      paramLabel = "FROM",
      description = "Position, or time such as 2026-11-20T12:00:00Z, of the earlier moment.")
  private String from = "";

  @Parameters(index = "2", paramLabel = "TO", description = "Likewise, of the later moment.")
  private String to = "";

  @Mixin private StoreOption store = new StoreOption();

  @Option(names = "--format", description = "${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}")
  private Format format = Format.TABLE;

  DiffCommand(Screen screen) {
    this.screen = screen;
  }

  @Override
  public Integer call() {
    Moment earlier = Moment.parse(from);
    Moment later = Moment.parse(to);
    try (SharedLog log = store.open()) {
      LogInspector inspector = LogInspector.of(log);
      Registration object = store.object(inspector, name);
      LogPosition begin = earlier.before(inspector);
      LogPosition end = later.before(inspector);
      if (begin.compareTo(end) > 0) {
        throw new CommandFailedException(from + " comes after " + to);
      }
      Optional<TypeToken<?>> type = StoredType.of(object);
      if (type.isPresent()) {
        try (Rows rows = new Rows(screen.out(), format, "path", "before", "after")) {
          for (Difference.Part part : inspector.differences(object, type.get(), begin, end)) {
            rows.add(part.path(), json(part.before()), json(part.after()));
          }
        }
      }
      try (CallRows rows = new CallRows(screen, format);
          Stream<RecordedCall> calls = inspector.history(name)) {
        calls
            .filter(call -> call.position().compareTo(begin) >= 0)
            .filter(call -> call.position().compareTo(end) < 0)
            .forEach(rows::add);
      }
    }
    return 0;
  }

  private static RawJson json(Optional<String> value) {
    return new RawJson(value.orElse("null"));
  }
}
