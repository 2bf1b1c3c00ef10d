package dev.milonga.tests.history;

import dev.milonga.log.StoreException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A history that is told event by event, as lines of JSON, by a process that may be killed: a call
 * that was begun and not ended is of unknown outcome. Times are those of {@link System#nanoTime},
 * which on one machine are comparable between processes (it is the time since the machine booted).
 * Calls end as in a {@link History}. Thread-safe; a {@link Client} is confined to one thread.
 */
public final class ToldHistory {

  private final AtomicInteger processes;
  private final Consumer<String> lines;

  /**
   * A history whose processes have numbers from {@code firstProcess} on.
   *
   * @param lines takes the lines; what it has returned for is known whatever happens
   */
  public ToldHistory(int firstProcess, Consumer<String> lines) {
    this.processes = new AtomicInteger(firstProcess);
    this.lines = lines;
  }

  public Client client() {
    return new Client();
  }

  /** One who makes one call after the other. */
  public final class Client {

    private int process = processes.getAndIncrement();
    private String f = "";
    private String key = "";

    private Client() {}

    /** Makes a call and tells of it. Returns whether its outcome is known. */
    public boolean call(String f, String key, Object argument, Supplier<?> body) {
      this.f = f;
      this.key = key;
      tell("invoke", argument, null);
      try {
        Object result = body.get();
        tell("ok", argument, result);
      } catch (History.Abandoned e) {
        tell("fail", argument, null);
      } catch (StoreException e) {
        if (e.durable() != StoreException.Durable.NOTHING) {
          tell("info", argument, null);
          process = processes.getAndIncrement();
          return false;
        }
        tell("fail", argument, null);
      }
      return true;
    }

    /** Tells that the argument of the call that is being made has become this one. */
    public void intended(Object argument) {
      tell("attempt", argument, null);
    }

    private void tell(String type, Object argument, Object result) {
      Map<String, Object> line = new LinkedHashMap<>();
      line.put("process", process);
      line.put("type", type);
      line.put("f", f);
      line.put("key", key);
      line.put("argument", json(argument));
      line.put("value", json(result));
      line.put("time", System.nanoTime());
      lines.accept(JsonMapper.shared().writeValueAsString(line));
    }
  }

  /**
   * What was told, by the time it began. Arguments and results are numbers (as {@code Long}), text,
   * truth values, null, {@link Action}s, or lists of such.
   */
  public static List<Operation> operations(List<String> lines) {
    List<Operation> operations = new ArrayList<>();
    Map<Integer, Operation> open = new LinkedHashMap<>();
    for (String each : lines) {
      JsonNode line = JsonMapper.shared().readTree(each);
      int process = line.get("process").intValue();
      String type = line.get("type").asString();
      long time = line.get("time").longValue();
      Object argument = value(line.get("argument"));
      Operation begun = open.get(process);
      if (type.equals("invoke") != (begun == null)) {
        throw new IllegalArgumentException("out of turn: " + each);
      }
      Operation operation =
          new Operation(
              process,
              line.get("f").asString(),
              line.get("key").asString(),
              argument,
              begun == null ? time : begun.invoked(),
              switch (type) {
                case "invoke", "attempt", "info" -> new Operation.Unknown(time);
                case "ok" -> new Operation.Ok(value(line.get("value")), time);
                case "fail" -> new Operation.Failed(time);
                default -> throw new IllegalArgumentException("no such type: " + each);
              });
      if (type.equals("invoke") || type.equals("attempt")) {
        open.put(process, operation);
      } else {
        open.remove(process);
        operations.add(operation);
      }
    }
    operations.addAll(open.values());
    operations.sort(Comparator.comparingLong(Operation::invoked));
    return operations;
  }

  private static Object json(Object value) {
    if (value instanceof List<?> list) {
      return list.stream().map(ToldHistory::json).toList();
    }
    if (value instanceof Action.Append append) {
      return Map.of("append", append.key(), "value", append.element());
    }
    if (value instanceof Action.ListRead read) {
      return Map.of("list", read.key(), "value", read.elements());
    }
    if (value instanceof Action.SizeRead read) {
      return Map.of("size", read.key(), "value", read.size());
    }
    if (value instanceof Action.Write write) {
      return Map.of("write", write.key(), "value", write.value());
    }
    if (value instanceof Action.Read read) {
      Map<String, Object> map = new LinkedHashMap<>(); // the value may be null
      map.put("read", read.key());
      map.put("value", read.value());
      return map;
    }
    return value;
  }

  private static Object value(JsonNode node) {
    if (node.isNull()) {
      return null;
    }
    if (node.isNumber()) {
      return node.longValue();
    }
    if (node.isBoolean()) {
      return node.booleanValue();
    }
    if (node.isString()) {
      return node.asString();
    }
    if (node.isArray()) {
      List<Object> list = new ArrayList<>();
      node.forEach(element -> list.add(value(element)));
      return list;
    }
    return action(node);
  }

  private static Action action(JsonNode node) {
    Object value = value(node.get("value"));
    if (node.has("append")) {
      return new Action.Append(node.get("append").asString(), value);
    }
    if (node.has("list")) {
      return new Action.ListRead(node.get("list").asString(), (List<?>) value);
    }
    if (node.has("size")) {
      return new Action.SizeRead(node.get("size").asString(), Math.toIntExact((Long) value));
    }
    if (node.has("write")) {
      return new Action.Write(node.get("write").asString(), value);
    }
    if (node.has("read")) {
      return new Action.Read(node.get("read").asString(), value);
    }
    throw new IllegalArgumentException("no action: " + node);
  }
}
