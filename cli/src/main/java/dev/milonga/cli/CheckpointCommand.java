package dev.milonga.cli;

import dev.milonga.Milonga;
import dev.milonga.checkpoint.CheckpointReport;
import dev.milonga.log.SharedLog;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Checkpoints all objects of a store. */
@Command(
    name = "checkpoint",
    description = {
      "Write the state of every object into the log, so that opening it takes less time.",
      "",
      "Without your classes, an object of your own can only be checkpointed if nobody has written it"
          + " since its last checkpoint; the others are named. A store does all this by itself while"
          + " an application has it open."
    })
final class CheckpointCommand implements Callable<Integer> {

  private final Screen screen;

  @Mixin private StoreOption store = new StoreOption();

  CheckpointCommand(Screen screen) {
    this.screen = screen;
  }

  @Override
  public Integer call() {
    try (SharedLog log = store.open();
        Milonga objects = Milonga.over(log)) {
      objects
          .objects()
          .forEach(
              each -> StoredType.known(each).ifPresent(type -> objects.object(type, each.name())));
      CheckpointReport report = objects.checkpointer().checkpoint();
      screen
          .out()
          .printf(
              "checkpointed %,d objects up to position %d: %,d bytes in %,d ms%n",
              report.objects(),
              report.position().value(),
              report.bytes(),
              report.took().toMillis());
      report
          .failed()
          .forEach((name, reason) -> screen.err().println("milonga: no checkpoint: " + reason));
      return 0;
    }
  }
}
