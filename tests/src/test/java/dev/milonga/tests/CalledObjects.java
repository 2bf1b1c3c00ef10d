package dev.milonga.tests;

import dev.milonga.Milonga;
import dev.milonga.collections.ReplicatedCounter;
import dev.milonga.collections.ReplicatedList;
import dev.milonga.collections.ReplicatedMap;
import dev.milonga.collections.ReplicatedQueue;
import dev.milonga.collections.ReplicatedRegister;
import dev.milonga.collections.ReplicatedSet;
import dev.milonga.collections.ReplicatedSortedMap;
import dev.milonga.tests.history.Operation;
import dev.milonga.tests.history.Specification;
import dev.milonga.tests.history.ToldHistory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * One object of each kind, as one client has it, and calls of them at random that are recorded
 * under a key that begins with the object's name and a slash.
 */
final class CalledObjects {

  private static final int KEYS = 4;
  private static final int LENGTH_MAX = 10;

  /** What each object does. */
  static final Map<String, Specification> SPECIFICATIONS =
      Map.of(
          "map", Specification.mapEntry(),
          "sorted", Specification.mapEntry(),
          "register", Specification.register(),
          "counter", Specification.counter(),
          "queue", CalledObjects::listStep,
          "list", CalledObjects::listStep,
          "set", CalledObjects::setStep,
          "plain", Specification.counter());

  private final ReplicatedMap<String, Long> map;
  private final ReplicatedSortedMap<String, Long> sorted;
  private final ReplicatedRegister<Long> register;
  private final ReplicatedCounter counter;
  private final ReplicatedQueue<Long> queue;
  private final ReplicatedList<Long> list;
  private final ReplicatedSet<Long> set;
  private final Inventory plain;

  CalledObjects(Milonga store) {
    map = store.map("map", String.class, Long.class);
    sorted = store.sortedMap("sorted", String.class, Long.class);
    register = store.register("register", Long.class);
    counter = store.counter("counter");
    queue = store.queue("queue", Long.class);
    list = store.list("list", Long.class);
    set = store.set("set", Long.class);
    plain = store.object(Inventory.class, "plain");
  }

  // A whole list, or a queue: contents, add(e), poll, clear. Those of the queue are as of the list.
  private static Specification.Step listStep(Object state, String f, Object argument) {
    List<?> before = state == null ? List.of() : (List<?>) state;
    return switch (f) {
      case "contents" -> new Specification.Step(before, before);
      case "clear" -> new Specification.Step(List.of(), null);
      case "poll" ->
          before.isEmpty()
              ? new Specification.Step(before, null)
              : new Specification.Step(before.subList(1, before.size()), before.get(0));
      case "add" -> {
        List<Object> after = new ArrayList<>(before);
        after.add(argument);
        yield new Specification.Step(List.copyOf(after), true);
      }
      default -> throw new IllegalArgumentException("no such operation: " + f);
    };
  }

  // One element of a set: contains, add, remove.
  private static Specification.Step setStep(Object state, String f, Object argument) {
    boolean before = Boolean.TRUE.equals(state);
    return switch (f) {
      case "contains" -> new Specification.Step(before, before);
      case "add" -> new Specification.Step(true, !before);
      case "remove" -> new Specification.Step(false, before);
      default -> throw new IllegalArgumentException("no such operation: " + f);
    };
  }

  /** Makes one call, with a number that no other call has. */
  void call(ToldHistory.Client client, Random random, long unique) {
    int number = random.nextInt(KEYS);
    String k = "k" + number;
    switch (random.nextInt(24)) {
      case 0 -> client.call("put", "map/" + k, unique, () -> map.put(k, unique));
      case 1 -> client.call("putIfAbsent", "map/" + k, unique, () -> map.putIfAbsent(k, unique));
      case 2 -> client.call("remove", "map/" + k, null, () -> map.remove(k));
      case 3 -> client.call("get", "map/" + k, null, () -> map.get(k));
      case 4 -> client.call("put", "sorted/" + k, unique, () -> sorted.put(k, unique));
      case 5 -> client.call("remove", "sorted/" + k, null, () -> sorted.remove(k));
      case 6 -> client.call("get", "sorted/" + k, null, () -> sorted.get(k));
      case 7 ->
          client.call(
              "getAndSet", "register/", unique, () -> register.getAndSet(unique).orElse(null));
      case 8 -> client.call("get", "register/", null, () -> register.get().orElse(null));
      case 9 -> {
        long expected = register.get().orElse(-1L);
        client.call(
            "compareAndSet",
            "register/",
            List.of(expected, unique),
            () -> register.compareAndSet(expected, unique));
      }
      case 10, 11 -> client.call("addAndGet", "counter/", 1L, () -> counter.addAndGet(1));
      case 12 -> client.call("get", "counter/", null, counter::get);
      case 13 -> client.call("poll", "queue/", null, queue::poll);
      case 14 -> {
        if (queue.size() < LENGTH_MAX) {
          client.call("add", "queue/", unique, () -> queue.offer(unique));
        }
      }
      case 15 -> client.call("contents", "queue/", null, () -> List.copyOf(queue));
      case 16, 17 -> {
        if (list.size() < LENGTH_MAX) {
          client.call("add", "list/", unique, () -> list.add(unique));
        } else {
          client.call("clear", "list/", null, () -> clear(list));
        }
      }
      case 18 -> client.call("contents", "list/", null, () -> List.copyOf(list));
      case 19 -> client.call("add", "set/" + number, null, () -> set.add((long) number));
      case 20 -> client.call("remove", "set/" + number, null, () -> set.remove((long) number));
      case 21 -> client.call("contains", "set/" + number, null, () -> set.contains((long) number));
      case 22 -> client.call("addAndGet", "plain/" + k, 1L, () -> (long) plain.restock(k, 1));
      default -> client.call("get", "plain/" + k, null, () -> (long) plain.inStock(k));
    }
  }

  private static Object clear(List<?> elements) {
    elements.clear();
    return null;
  }

  /** Reads every object, one call after the other. */
  void readAll(ToldHistory.Client client) {
    for (int i = 0; i < KEYS; i++) {
      String k = "k" + i;
      long number = i;
      client.call("get", "map/" + k, null, () -> map.get(k));
      client.call("get", "sorted/" + k, null, () -> sorted.get(k));
      client.call("contains", "set/" + i, null, () -> set.contains(number));
      client.call("get", "plain/" + k, null, () -> (long) plain.inStock(k));
    }
    client.call("get", "register/", null, () -> register.get().orElse(null));
    client.call("get", "counter/", null, counter::get);
    client.call("contents", "queue/", null, () -> List.copyOf(queue));
    client.call("contents", "list/", null, () -> List.copyOf(list));
  }

  /** Calls by that process, before all others, which make what was read by {@link #readAll}. */
  static List<Operation> remade(int process, List<Operation> read) {
    List<Operation> calls = new ArrayList<>();
    for (Operation each : read) {
      Object value = ((Operation.Ok) each.outcome()).result();
      String object = each.key().substring(0, each.key().indexOf('/'));
      switch (object) {
        case "map", "sorted" -> {
          if (value != null) {
            add(calls, process, "put", each.key(), value, null);
          }
        }
        case "register" -> add(calls, process, "set", each.key(), value, null);
        case "counter", "plain" -> add(calls, process, "add", each.key(), value, null);
        case "set" -> {
          if (value.equals(true)) {
            add(calls, process, "add", each.key(), null, true);
          }
        }
        default ->
            ((List<?>) value)
                .forEach(element -> add(calls, process, "add", each.key(), element, true));
      }
    }
    return calls;
  }

  private static void add(
      List<Operation> calls, int process, String f, String key, Object argument, Object result) {
    long time = Long.MIN_VALUE / 2 + 2L * calls.size();
    calls.add(new Operation(process, f, key, argument, time, new Operation.Ok(result, time + 1)));
  }
}
