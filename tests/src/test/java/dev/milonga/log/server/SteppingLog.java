package dev.milonga.log.server;

import dev.milonga.log.SharedLog;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * Opens embedded logs that tell by name which step they are at. Of every operation of the storage
 * and of the mark there is the step before it and the one after it ({@code storage.write.begun},
 * {@code mark.sync.ended}); while a store is being made they begin with {@code new}. Further steps:
 * {@code batch.begun}, before the engine decides, and {@code mark.write.half}.
 */
public final class SteppingLog {

  private final Consumer<String> steps;

  private SteppingLog(Consumer<String> steps) {
    this.steps = steps;
  }

  /**
   * Opens the log in that directory, or makes it.
   *
   * @param steps is told on the thread that is at the step, which goes on when it returns
   */
  public static SharedLog open(Path directory, Consumer<String> steps) {
    SteppingLog log = new SteppingLog(steps);
    return EmbeddedLog.builder(directory)
        .sessionTimeout(Duration.ofHours(1))
        .clock(
            () -> {
              steps.accept("batch.begun");
              return Instant.now();
            })
        .parts(log.new Parts())
        .open();
  }

  private final class Parts implements StoreParts {

    @Override
    public Storage storage(Path directory, boolean create) throws IOException {
      Storage storage = FILES.storage(directory, create);
      steps.accept((create ? "new." : "") + "storage.opened");
      return (Storage) stepping(Storage.class, storage, (create ? "new." : "") + "storage.");
    }

    @Override
    public MarkSlots slots(Path file, boolean create) throws IOException {
      MarkSlots slots = FILES.slots(file, create);
      steps.accept((create ? "new." : "") + "mark.opened");
      return (MarkSlots) stepping(MarkSlots.class, slots, (create ? "new." : "") + "mark.");
    }
  }

  private Object stepping(Class<?> type, Object behind, String name) {
    return Proxy.newProxyInstance(
        type.getClassLoader(),
        new Class<?>[] {type},
        (proxy, method, arguments) -> {
          String step = name + method.getName();
          steps.accept(step + ".begun");
          if (step.endsWith("mark.write")) {
            writeHalf((MarkSlots) behind, arguments);
            steps.accept(step + ".half");
          }
          Object returned = invoke(method, behind, arguments);
          steps.accept(step + ".ended");
          return returned;
        });
  }

  private static void writeHalf(MarkSlots slots, Object[] arguments) throws IOException {
    byte[] bytes = (byte[]) arguments[1];
    slots.write((Integer) arguments[0], Arrays.copyOf(bytes, bytes.length / 2));
  }

  private static Object invoke(Method method, Object behind, Object[] arguments) throws Throwable {
    try {
      return method.invoke(behind, arguments);
    } catch (InvocationTargetException e) {
      throw e.getCause();
    }
  }
}
