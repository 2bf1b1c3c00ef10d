package dev.milonga.collections;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Queue;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;

/** Random calls of each kind of collection, over few elements so that they meet. */
public final class CollectionSteps {

  /** Some have equal hash codes. */
  private static final Arbitrary<String> KEYS =
      Arbitraries.of("a", "b", "c", "d", "Aa", "BB", "AaAa", "AaBB", "BBAa", "BBBB", "");

  private static final Arbitrary<Integer> VALUES = Arbitraries.integers().between(0, 4);
  private static final Arbitrary<Integer> INDICES = Arbitraries.integers().between(-1, 12);
  private static final Arbitrary<List<String>> SOME_KEYS = KEYS.list().ofMaxSize(6);
  private static final Arbitrary<List<Integer>> SOME_VALUES = VALUES.list().ofMaxSize(6);
  private static final Arbitrary<Map<String, Integer>> SOME_ENTRIES =
      Combinators.combine(SOME_KEYS, VALUES)
          .as(
              (keys, value) -> {
                Map<String, Integer> entries = new LinkedHashMap<>();
                keys.forEach(key -> entries.put(key, value));
                return entries;
              });

  private CollectionSteps() {}

  /** Up to 60 calls of a map; a model is a {@link LinkedHashMap}. */
  public static Arbitrary<List<Step<Map<String, Integer>>>> map() {
    return Arbitraries.oneOf(CollectionSteps.<Map<String, Integer>>mapSteps()).list().ofMaxSize(60);
  }

  /** Up to 60 calls of a sorted map; a model is a {@link java.util.TreeMap}. */
  public static Arbitrary<List<Step<NavigableMap<String, Integer>>>> sortedMap() {
    List<Arbitrary<Step<NavigableMap<String, Integer>>>> steps = mapSteps();
    steps.addAll(
        List.of(
            step("firstEntry()", NavigableMap::firstEntry),
            step("lastKey()", NavigableMap::lastKey),
            step("pollFirstEntry()", NavigableMap::pollFirstEntry),
            step("pollLastEntry()", NavigableMap::pollLastEntry),
            keyed("lowerEntry", NavigableMap::lowerEntry),
            keyed("floorKey", NavigableMap::floorKey),
            keyed("ceilingEntry", NavigableMap::ceilingEntry),
            keyed("higherKey", NavigableMap::higherKey),
            keyed("descendingMap().headMap", (map, key) -> map.descendingMap().headMap(key)),
            keyed("tailMap", (map, key) -> map.tailMap(key, false)),
            keyed("headMap.clear", (map, key) -> done(map.headMap(key)::clear)),
            keyed("tailMap.pollLast", (map, key) -> map.tailMap(key, true).pollLastEntry()),
            range("subMap", (from, to) -> map -> map.subMap(from, true, to, true)),
            range("subMap.size", (from, to) -> map -> map.subMap(from, false, to, false).size()),
            range(
                "subMap.keySet().removeIf",
                (from, to) ->
                    map -> map.subMap(from, to).keySet().removeIf(key -> key.length() == 1)),
            range(
                "descendingMap().subMap.clear",
                (from, to) -> map -> done(map.descendingMap().subMap(from, to)::clear))));
    return Arbitraries.oneOf(steps).list().ofMaxSize(60);
  }

  private static <M extends Map<String, Integer>> List<Arbitrary<Step<M>>> mapSteps() {
    return new ArrayList<>(
        List.<Arbitrary<Step<M>>>of(
            entry("put", (key, value) -> map -> map.put(key, value)),
            entry("put", (key, value) -> map -> map.put(key, value)),
            entry("putIfAbsent", (key, value) -> map -> map.putIfAbsent(key, value)),
            entry("replace", (key, value) -> map -> map.replace(key, value)),
            entry("replace by next", (key, value) -> map -> map.replace(key, value, value + 1)),
            entry("remove", (key, value) -> map -> map.remove(key, value)),
            keyed("remove", Map::remove),
            keyed("get", Map::get),
            keyed("containsKey", Map::containsKey),
            entry("getOrDefault", (key, value) -> map -> map.getOrDefault(key, value)),
            entry("containsValue", (key, value) -> map -> map.containsValue(value)),
            entry("merge", (key, value) -> map -> map.merge(key, value, Integer::sum)),
            entry(
                "merge even",
                (key, value) ->
                    map -> map.merge(key, value, (a, b) -> (a + b) % 2 == 0 ? null : a + b)),
            entry(
                "compute",
                (key, value) -> map -> map.compute(key, (k, v) -> v == null ? value : null)),
            entry("computeIfAbsent", (key, value) -> map -> map.computeIfAbsent(key, k -> value)),
            entry(
                "computeIfPresent",
                (key, value) ->
                    map -> map.computeIfPresent(key, (k, v) -> v > value ? null : v + 1)),
            SOME_ENTRIES.map(
                entries ->
                    new Step<>("putAll(" + entries + ")", map -> done(() -> map.putAll(entries)))),
            step("replaceAll", map -> done(() -> map.replaceAll((key, value) -> (value * 3) % 5))),
            step("keySet().removeIf", map -> map.keySet().removeIf(key -> key.length() == 2)),
            SOME_KEYS.map(
                keys -> new Step<>("removeAll(" + keys + ")", map -> map.keySet().removeAll(keys))),
            SOME_KEYS.map(
                keys -> new Step<>("retainAll(" + keys + ")", map -> map.keySet().retainAll(keys))),
            entry("values().remove", (key, value) -> map -> map.values().remove(value)),
            entry("values().removeIf", (key, value) -> map -> map.values().removeIf(value::equals)),
            entry(
                "entrySet().remove",
                (key, value) -> map -> map.entrySet().remove(Map.entry(key, value))),
            entry(
                "entry.setValue",
                (key, value) ->
                    map -> done(() -> map.entrySet().forEach(entry -> entry.setValue(value)))),
            step("iterator().remove()", CollectionSteps::removeEverySecond),
            step("clear()", map -> done(map::clear))));
  }

  private static boolean removeEverySecond(Map<?, ?> map) {
    boolean second = false;
    for (var entries = map.entrySet().iterator(); entries.hasNext(); second = !second) {
      entries.next();
      if (second) {
        entries.remove();
      }
    }
    return second;
  }

  /** Up to 60 calls of a set; a model is a {@link java.util.LinkedHashSet}. */
  public static Arbitrary<List<Step<Set<String>>>> set() {
    List<Arbitrary<Step<Set<String>>>> steps = collectionSteps(KEYS, SOME_KEYS);
    return Arbitraries.oneOf(steps).list().ofMaxSize(60);
  }

  /** Up to 60 calls of a queue; a model is a {@link java.util.ArrayDeque}. */
  public static Arbitrary<List<Step<Queue<Integer>>>> queue() {
    List<Arbitrary<Step<Queue<Integer>>>> steps = collectionSteps(VALUES, SOME_VALUES);
    steps.addAll(
        List.of(
            VALUES.map(value -> new Step<>("offer(" + value + ")", queue -> queue.offer(value))),
            step("poll()", Queue::poll),
            step("remove()", queue -> queue.remove()),
            step("peek()", Queue::peek),
            step("element()", Queue::element)));
    return Arbitraries.oneOf(steps).list().ofMaxSize(60);
  }

  /** Up to 60 calls of a list; a model is an {@link java.util.ArrayList}. */
  public static Arbitrary<List<Step<List<Integer>>>> list() {
    List<Arbitrary<Step<List<Integer>>>> steps = collectionSteps(VALUES, SOME_VALUES);
    steps.addAll(
        List.of(
            indexed("add", (index, value) -> list -> done(() -> list.add(index, value))),
            indexed("set", (index, value) -> list -> list.set(index, value)),
            indexed("remove", (index, value) -> list -> list.remove((int) index)),
            indexed("get", (index, value) -> list -> list.get(index)),
            indexed("indexOf", (index, value) -> list -> list.indexOf(value)),
            indexed("lastIndexOf", (index, value) -> list -> list.lastIndexOf(value)),
            Combinators.combine(INDICES, SOME_VALUES)
                .as(
                    (index, values) ->
                        new Step<>(
                            "addAll(" + index + ", " + values + ")",
                            list -> list.addAll(index, values))),
            step("sort()", list -> done(() -> list.sort(null))),
            step("sort(reversed)", list -> done(() -> list.sort(Comparator.reverseOrder()))),
            step("replaceAll", list -> done(() -> list.replaceAll(value -> (value * 3) % 5))),
            subList("", list -> list),
            subList(".clear()", list -> done(list::clear)),
            subList(".add(4)", list -> list.add(4)),
            subList(".sort()", list -> done(() -> list.sort(null))),
            subList(".removeIf", list -> list.removeIf(value -> value % 2 == 0)),
            subList(".remove(Object)", list -> list.remove(Integer.valueOf(1))),
            subList(
                ".subList.clear()",
                list -> done(list.subList(list.size() / 2, list.size())::clear)),
            subList(".retainAll", list -> list.retainAll(List.of(1, 2)))));
    return Arbitraries.oneOf(steps).list().ofMaxSize(60);
  }

  private static <E, C extends Collection<E>> List<Arbitrary<Step<C>>> collectionSteps(
      Arbitrary<E> elements, Arbitrary<List<E>> several) {
    return new ArrayList<>(
        List.<Arbitrary<Step<C>>>of(
            elements.map(element -> new Step<>("add(" + element + ")", c -> c.add(element))),
            elements.map(element -> new Step<>("add(" + element + ")", c -> c.add(element))),
            several.map(some -> new Step<>("addAll(" + some + ")", c -> c.addAll(some))),
            elements.map(
                element -> new Step<>("remove(" + element + ")", c -> c.remove((Object) element))),
            elements.map(
                element -> new Step<>("contains(" + element + ")", c -> c.contains(element))),
            several.map(some -> new Step<>("containsAll(" + some + ")", c -> c.containsAll(some))),
            several.map(some -> new Step<>("removeAll(" + some + ")", c -> c.removeAll(some))),
            several.map(some -> new Step<>("retainAll(" + some + ")", c -> c.retainAll(some))),
            elements.map(
                element ->
                    new Step<>("removeIf(=" + element + ")", c -> c.removeIf(element::equals))),
            step("clear()", c -> done(c::clear))));
  }

  private static <C> Arbitrary<Step<C>> step(String call, Function<C, ?> body) {
    return Arbitraries.just(new Step<>(call, body));
  }

  private static <M extends Map<String, Integer>> Arbitrary<Step<M>> keyed(
      String call, BiFunction<M, String, ?> body) {
    return KEYS.map(key -> new Step<>(call + "(" + key + ")", map -> body.apply(map, key)));
  }

  private static <M extends Map<String, Integer>> Arbitrary<Step<M>> entry(
      String call, BiFunction<String, Integer, Function<M, ?>> body) {
    return Combinators.combine(KEYS, VALUES)
        .as(
            (key, value) ->
                new Step<>(call + "(" + key + ", " + value + ")", body.apply(key, value)));
  }

  private static <M extends Map<String, Integer>> Arbitrary<Step<M>> range(
      String call, BiFunction<String, String, Function<M, ?>> body) {
    return Combinators.combine(KEYS, KEYS)
        .as((from, to) -> new Step<>(call + "(" + from + ", " + to + ")", body.apply(from, to)));
  }

  private static Arbitrary<Step<List<Integer>>> indexed(
      String call, BiFunction<Integer, Integer, Function<List<Integer>, ?>> body) {
    return Combinators.combine(INDICES, VALUES)
        .as(
            (index, value) ->
                new Step<>(call + "(" + index + ", " + value + ")", body.apply(index, value)));
  }

  private static Arbitrary<Step<List<Integer>>> subList(
      String call, Function<List<Integer>, ?> body) {
    return Combinators.combine(INDICES, INDICES)
        .as(
            (one, other) -> {
              int from = Math.min(one, other);
              int to = Math.max(one, other);
              return new Step<>(
                  "subList(" + from + ", " + to + ")" + call,
                  list -> body.apply(list.subList(from, to)));
            });
  }

  private static String done(Runnable call) {
    call.run();
    return "done";
  }
}
