package dev.milonga.cli;

import dev.milonga.log.LogPosition;
import dev.milonga.log.SharedLog;
import dev.milonga.runtime.LogInspector;
import dev.milonga.runtime.Registration;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Lists the objects of a store. */
@Command(
    name = "objects",
    description = "List the objects of a store, with their types, by name, without your classes.")
final class ObjectsCommand implements Callable<Integer> {

  private final Screen screen;

  @Mixin private StoreOption store = new StoreOption();

  @Option(names = "--format", description = "${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}")
  private Format format = Format.TABLE;

  ObjectsCommand(Screen screen) {
    this.screen = screen;
  }

  @Override
  public Integer call() {
    try (SharedLog log = store.open()) {
      LogInspector inspector = LogInspector.of(log);
      List<Registration> objects = inspector.objects();
      try (Rows rows = new Rows(screen.out(), format, "name", "type", "entries", "last_position");
          Progress progress = screen.progress("Counting entries", "objects", objects.size())) {
        for (int i = 0; i < objects.size(); i++) {
          Registration object = objects.get(i);
          LogInspector.Activity activity = inspector.activity(object);
          rows.add(
              object.name(),
              object.describedType(),
              activity.entries(),
              activity.last().map(LogPosition::value).orElse(null));
          progress.done(i + 1);
        }
      }
    }
    return 0;
  }
}
