package dev.milonga.cli;

import dev.milonga.log.EntryListener;
import dev.milonga.log.LogEntry;
import dev.milonga.log.LogPosition;
import dev.milonga.log.SharedLog;
import dev.milonga.log.StoreException;
import dev.milonga.log.StreamId;
import dev.milonga.log.Subscription;
import dev.milonga.runtime.LogInspector;
import dev.milonga.runtime.RecordedCall;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Prints the calls in a log as they are made. */
@Command(
    name = "tail",
    description = {
      "Print every call as it comes into a store's log, without your classes, until Ctrl-C.",
      "",
      "Of use with --connect: a directory that this command has open is written by nobody else."
    })
final class TailCommand implements Callable<Integer> {

  private final Screen screen;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Mixin private StoreOption store = new StoreOption();

  @Option(
      names = "--from",
      paramLabel = "POSITION",
      description = "Begin there, or at the first entry that is left. Default: with the next entry")
  private @Nullable Long from;

  @Option(
      names = "--limit",
      paramLabel = "N",
      description = "End after that many calls. Default: at Ctrl-C")
  private long limit = Long.MAX_VALUE;

  @Option(names = "--object", paramLabel = "NAME", description = "Only the calls on that object.")
  private @Nullable String object;

  @Option(names = "--format", description = "${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}")
  private Format format = Format.TABLE;

  TailCommand(Screen screen) {
    this.screen = screen;
  }

  @Override
  public Integer call() throws InterruptedException {
    if (from != null && from < 0) {
      throw new ParameterException(spec.commandLine(), "--from must be >= 0, was " + from);
    }
    if (limit < 1) {
      throw new ParameterException(spec.commandLine(), "--limit must be >= 1, was " + limit);
    }
    return Termination.run(screen, this::follow);
  }

  private void follow(Termination termination) {
    try (SharedLog log = store.open();
        CallRows rows = new CallRows(screen, format)) {
      LiveInspector inspector = new LiveInspector(log, screen.nanoTime());
      Printer printer = new Printer(inspector, rows);
      LogPosition begin = begin(log);
      Subscription subscription = subscribe(log, inspector.now(), begin, printer);
      try {
        CompletableFuture.anyOf(printer.end, termination.wanted()).join();
      } catch (CompletionException e) {
        throw e.getCause() instanceof StoreException known ? known : e;
      } finally {
        subscription.close();
      }
    }
  }

  private LogPosition begin(SharedLog log) {
    if (from == null) {
      return log.tail().join();
    }
    LogPosition first = log.trimMark().join();
    LogPosition wanted = new LogPosition(from);
    return wanted.compareTo(first) < 0 ? first : wanted;
  }

  private Subscription subscribe(
      SharedLog log, LogInspector inspector, LogPosition begin, EntryListener listener) {
    if (object == null) {
      return log.subscribeAll(begin, listener);
    }
    String name = store.object(inspector, object).name();
    return log.subscribe(Set.of(StreamId.named(name), LogInspector.directory()), begin, listener);
  }

  /** Prints batch by batch: the next is fetched when one is printed. */
  private final class Printer implements EntryListener {

    private final LiveInspector inspector;
    private final CallRows rows;
    private final CompletableFuture<Void> end = new CompletableFuture<>();
    private long printed;

    Printer(LiveInspector inspector, CallRows rows) {
      this.inspector = inspector;
      this.rows = rows;
    }

    @Override
    public void onEntries(List<LogEntry> entries) {
      for (LogEntry entry : entries) {
        for (RecordedCall call : inspector.describe(entry)) {
          if (printed < limit && (object == null || call.object().equals(object))) {
            rows.add(call);
            printed++;
          }
        }
      }
      rows.flush();
      if (printed == limit || screen.out().checkError()) { // nobody reads it any more
        end.complete(null);
      }
    }

    @Override
    public void onEnd(Throwable cause) {
      end.completeExceptionally(cause);
    }
  }
}
