package dev.milonga.cli;

import dev.milonga.log.LogPosition;
import dev.milonga.log.SharedLog;
import dev.milonga.runtime.AuditReport;
import dev.milonga.runtime.LogInspector;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** Checks the decisions of a log. */
@Command(
    name = "audit",
    description =
        "Decide again, from a store's log alone, whether each transaction in it was to be"
            + " accepted.")
final class AuditCommand implements Callable<Integer> {

  private final Screen screen;

  @Mixin private StoreOption store = new StoreOption();

  AuditCommand(Screen screen) {
    this.screen = screen;
  }

  @Override
  public Integer call() {
    try (SharedLog log = store.open()) {
      LogInspector inspector = LogInspector.of(log);
      AuditReport report = inspector.audit();
      screen.out().println(summary(report));
      report.violations().forEach(each -> screen.out().println(describe(each, inspector)));
      if (report.violating() > 0) {
        throw new CommandFailedException(
            String.format("%,d transactions were accepted wrongly", report.violating()));
      }
    }
    return 0;
  }

  private static String summary(AuditReport report) {
    String checked =
        String.format(
            "%,d entries, of which %,d say what they had read", report.entries(), report.checked());
    return report.undecided() == 0
        ? checked + "; each was decided again"
        : checked
            + String.format(
                "; %,d of them could be decided again in part only, since entries are trimmed or"
                    + " keys left out",
                report.undecided());
  }

  private static String describe(AuditReport.Violation violation, LogInspector inspector) {
    String key =
        violation.keyHash().isPresent()
            ? String.format("key %016x of ", violation.keyHash().getAsLong())
            : "";
    Optional<LogPosition> winner = violation.winner();
    return "entry "
        + violation.position()
        + " has read "
        + key
        + "\""
        + inspector.nameOf(violation.stream())
        + "\" at "
        + violation.snapshot()
        + (winner.isPresent()
            ? ", which entry " + winner.get() + " has written since"
            : ", which lies beyond the entry itself");
  }
}
