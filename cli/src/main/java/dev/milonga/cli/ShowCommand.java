package dev.milonga.cli;

import dev.milonga.log.SharedLog;
import dev.milonga.log.TrimmedException;
import dev.milonga.runtime.IncompatibleTypeException;
import dev.milonga.runtime.LogInspector;
import dev.milonga.runtime.RecordedCall;
import dev.milonga.runtime.Registration;
import dev.milonga.runtime.TypeToken;
import dev.milonga.runtime.ViewHaltedException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * Prints the content of an object, where that can be told for certain without the user's classes;
 * else the last calls on it, and why.
 */
@Command(
    name = "show",
    description = {
      "Print what an object holds, without your classes.",
      "",
      "The provided collections are shown with their elements as JSON. Of an object of your own"
          + " class, and where only your class could tell the outcome of a call, the last calls are"
          + " shown instead."
    })
final class ShowCommand implements Callable<Integer> {

  private final Screen screen;

  @Parameters(paramLabel = "NAME", description = "Name of the object.")
  private String name = "";

  @Mixin private StoreOption store = new StoreOption();

  @Option(names = "--format", description = "${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}")
  private Format format = Format.TABLE;

  @Option(
      names = "--at",
      paramLabel = "POSITION|TIME",
      description = {
        "As it was when the entry at that position had been applied, or at that time, such as"
            + " 2026-11-20T12:00:00Z. Default: as it is now"
      })
  private @Nullable String moment;

  @Option(
      names = "--calls",
      paramLabel = "N",
      defaultValue = "20",
      description = "How many calls to show where there is no content. Default: ${DEFAULT-VALUE}")
  private int calls;

  ShowCommand(Screen screen) {
    this.screen = screen;
  }

  @Override
  public Integer call() {
    Optional<Moment> at = Optional.ofNullable(moment).map(Moment::parse);
    try (SharedLog log = store.open()) {
      LogInspector inspector = LogInspector.of(log);
      Registration object = store.object(inspector, name);
      Optional<TypeToken<?>> type = StoredType.of(object);
      if (type.isEmpty()) {
        ensureNow(at);
        showCalls(
            inspector,
            object,
            "its state is known only to the class " + object.type() + ", which is not here");
        return 0;
      }
      Object state;
      try {
        state =
            at.isPresent()
                ? inspector.state(object, type.get(), at.get().before(inspector))
                : inspector.state(object, type.get());
      } catch (ViewHaltedException | TrimmedException | IncompatibleTypeException e) {
        if (at.isPresent()) {
          throw e;
        }
        showCalls(inspector, object, reason(e));
        return 0;
      }
      new ContentRows(screen.out(), format, type.get()).print(state);
    }
    return 0;
  }

  private void ensureNow(Optional<Moment> at) {
    if (at.isPresent()) {
      throw new CommandFailedException(
          "the state of \""
              + name
              + "\" is known only to its class, which is not here; see its"
              + " calls with 'milonga history'");
    }
  }

  private static String reason(RuntimeException e) {
    if (e instanceof ViewHaltedException halted
        && halted.getCause() instanceof NoClassDefFoundError unknown) {
      return "its content is not certain from position "
          + halted.position()
          + " on, where values are compared: "
          + unknown.getMessage();
    }
    return "its content cannot be told: " + e.getMessage();
  }

  private void showCalls(LogInspector inspector, Registration object, String reason) {
    Deque<RecordedCall> last = new ArrayDeque<>();
    try (Stream<RecordedCall> history = inspector.history(object.name())) {
      history.forEach(
          call -> {
            last.add(call);
            if (last.size() > calls) {
              last.remove();
            }
          });
    }
    screen.err().println("milonga: \"" + name + "\" is shown by its last calls: " + reason);
    try (CallRows rows = new CallRows(screen, format)) {
      last.forEach(rows::add);
    }
  }
}
