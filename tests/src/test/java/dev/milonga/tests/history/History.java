package dev.milonga.tests.history;

import dev.milonga.log.StoreException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import tools.jackson.databind.json.JsonMapper;

/**
 * Records what clients do and what they are answered. Thread-safe; a {@link Client} is confined to
 * one thread.
 *
 * <p>A call that fails with a {@link StoreException} has failed if nothing is durable, and is of
 * unknown outcome otherwise. After that its client goes on under a new process number, since the
 * old process might still be in its call. So it is if the call is left by an {@link Error}, as that
 * of a process that is killed. A call that is left by {@link Abandoned} has failed.
 */
public final class History {

  /** Leaves a call that the caller has decided not to carry out. */
  public static final class Abandoned extends RuntimeException {
    public Abandoned() {
      super("the caller has changed its mind");
    }
  }

  private final LongSupplier nanos;
  private final ConcurrentLinkedQueue<Operation> operations = new ConcurrentLinkedQueue<>();
  private final AtomicInteger processes = new AtomicInteger();

  public History() {
    this(System::nanoTime);
  }

  /** Takes the time from there; each look at it is later than the one before. */
  public History(LongSupplier nanos) {
    this.nanos = nanos;
  }

  /** One who makes one call after the other. */
  public final class Client {

    private int process = processes.getAndIncrement();

    private Client() {}

    /** Makes a call and records it. Returns whether its outcome is known. */
    public boolean call(String f, String key, Object argument, Supplier<?> body) {
      long invoked = nanos.getAsLong();
      Operation.Outcome outcome;
      try {
        Object result = body.get();
        outcome = new Operation.Ok(result, nanos.getAsLong());
      } catch (Abandoned e) {
        outcome = new Operation.Failed(nanos.getAsLong());
      } catch (StoreException e) {
        outcome =
            e.durable() == StoreException.Durable.NOTHING
                ? new Operation.Failed(nanos.getAsLong())
                : new Operation.Unknown(nanos.getAsLong());
      } catch (Error e) {
        Operation.Outcome unknown = new Operation.Unknown(nanos.getAsLong());
        operations.add(new Operation(process, f, key, argument, invoked, unknown));
        throw e;
      }
      operations.add(new Operation(process, f, key, argument, invoked, outcome));
      if (outcome instanceof Operation.Unknown) {
        process = processes.getAndIncrement();
        return false;
      }
      return true;
    }
  }

  public Client client() {
    return new Client();
  }

  /** Everything recorded so far, by the time it began. */
  public List<Operation> operations() {
    return operations.stream().sorted(Comparator.comparingLong(Operation::invoked)).toList();
  }

  /**
   * Writes one JSON object per line, in the order of time: process, type ({@code invoke, ok, fail,
   * info}), f, key, value, time in nanoseconds.
   */
  public void write(Path file) {
    JsonMapper json = JsonMapper.shared();
    List<Map<String, Object>> lines = new ArrayList<>();
    for (Operation operation : operations) {
      lines.add(line(operation, "invoke", operation.argument(), operation.invoked()));
      Operation.Outcome outcome = operation.outcome();
      if (outcome instanceof Operation.Ok ok) {
        lines.add(line(operation, "ok", ok.result(), ok.completed()));
      } else if (outcome instanceof Operation.Failed failed) {
        lines.add(line(operation, "fail", operation.argument(), failed.completed()));
      } else if (outcome instanceof Operation.Unknown unknown) {
        lines.add(line(operation, "info", operation.argument(), unknown.noticed()));
      }
    }
    lines.sort(Comparator.comparingLong(line -> (Long) line.get("time")));
    try (Writer out = Files.newBufferedWriter(file)) {
      for (Map<String, Object> line : lines) {
        out.write(json.writeValueAsString(line));
        out.write('\n');
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Map<String, Object> line(
      Operation operation, String type, Object value, long time) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("process", operation.process());
    line.put("type", type);
    line.put("f", operation.f());
    line.put("key", operation.key());
    line.put("value", value);
    line.put("time", time);
    return line;
  }
}
