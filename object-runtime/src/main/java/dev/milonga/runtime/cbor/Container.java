package dev.milonga.runtime.cbor;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.LinkedList;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.PriorityBlockingQueue;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a declared collection or map of the JDK is read as: an interface as a class that iterates in
 * the order in which the elements were written, a class as itself.
 *
 * @param <C> collection or map
 * @param trait what it demands of its elements or keys
 * @param maker makes an empty one
 */
record Container<C>(Trait trait, Supplier<? extends C> maker) {

  /** What a container demands of its elements, or of its keys. */
  enum Trait {
    NONE,
    /** They have a natural order. */
    SORTED,
    /** They are found, and iterated, by their hash code. */
    HASHED,
    /** None of them is null. */
    NULL_FREE
  }

  /** What that class or interface is read as, if it is a carried collection other than EnumSet. */
  static Optional<Container<Collection<@Nullable Object>>> ofCollection(Class<?> declared) {
    // By name, since the sequenced ones came with Java 21.
    return Optional.ofNullable(
        switch (declared.getName()) {
          case "java.lang.Iterable",
              "java.util.Collection",
              "java.util.SequencedCollection",
              "java.util.List",
              "java.util.ArrayList" ->
              new Container<>(Trait.NONE, ArrayList::new);
          case "java.util.LinkedList" -> new Container<>(Trait.NONE, LinkedList::new);
          case "java.util.Set", "java.util.SequencedSet", "java.util.LinkedHashSet" ->
              new Container<>(Trait.NONE, LinkedHashSet::new);
          case "java.util.HashSet" -> new Container<>(Trait.HASHED, HashSet::new);
          case "java.util.SortedSet", "java.util.NavigableSet", "java.util.TreeSet" ->
              new Container<>(Trait.SORTED, TreeSet::new);
          case "java.util.concurrent.ConcurrentSkipListSet" ->
              new Container<>(Trait.SORTED, ConcurrentSkipListSet::new);
          case "java.util.Queue", "java.util.Deque", "java.util.ArrayDeque" ->
              new Container<>(Trait.NULL_FREE, ArrayDeque::new);
          case "java.util.PriorityQueue" -> new Container<>(Trait.SORTED, PriorityQueue::new);
          case "java.util.concurrent.ConcurrentLinkedQueue" ->
              new Container<>(Trait.NULL_FREE, ConcurrentLinkedQueue::new);
          case "java.util.concurrent.ConcurrentLinkedDeque" ->
              new Container<>(Trait.NULL_FREE, ConcurrentLinkedDeque::new);
          default -> null;
        });
  }

  /** What that class or interface is read as, if it is a carried map other than EnumMap. */
  static Optional<Container<Map<@Nullable Object, @Nullable Object>>> ofMap(Class<?> declared) {
    return Optional.ofNullable(
        switch (declared.getName()) {
          case "java.util.Map", "java.util.SequencedMap", "java.util.LinkedHashMap" ->
              new Container<>(Trait.NONE, LinkedHashMap::new);
          case "java.util.HashMap" -> new Container<>(Trait.HASHED, HashMap::new);
          case "java.util.SortedMap", "java.util.NavigableMap", "java.util.TreeMap" ->
              new Container<>(Trait.SORTED, TreeMap::new);
          case "java.util.concurrent.ConcurrentHashMap" ->
              new Container<>(Trait.HASHED, ConcurrentHashMap::new);
          case "java.util.concurrent.ConcurrentNavigableMap",
              "java.util.concurrent.ConcurrentSkipListMap" ->
              new Container<>(Trait.SORTED, ConcurrentSkipListMap::new);
          default -> null;
        });
  }

  /** Whether the class comes with the JDK. */
  static boolean isOfJdk(Class<?> type) {
    ClassLoader loader = type.getClassLoader();
    return loader == null || loader == ClassLoader.getPlatformClassLoader();
  }

  /** Refuses what would be another value, or behave as one, once it was written and read. */
  void requireCarried(Class<?> declared, Object value) {
    if (!declared.isInterface() && !isOfJdk(value.getClass())) {
      Shape.requireClass(declared, value);
    }
    Comparator<?> order = comparatorOf(value);
    if (order != null && trait == Trait.SORTED && order != Comparator.naturalOrder()) {
      throw new Failure(
          "it is ordered by a comparator, which cannot be carried; give the elements a natural"
              + " order, or declare a collection that is not sorted");
    }
    if (declared == Queue.class
        && (value instanceof PriorityQueue || value instanceof PriorityBlockingQueue)) {
      throw new Failure(
          "declared as Queue, but it is a priority queue, and would arrive in the order of its"
              + " iterator; declare it as PriorityQueue");
    }
    if (declared.isInterface()) {
      requireDistinct(value, order);
    }
  }

  // A set or map may have its own idea of what is equal, and then holds what ours takes for one.
  private static void requireDistinct(Object value, @Nullable Comparator<?> order) {
    if (value instanceof Map<?, ?> map) {
      if (!comparesByEquals(map.getClass(), order)
          && new HashSet<>(map.keySet()).size() != map.size()) {
        throw duplicates("keys");
      }
    } else if (value instanceof Set<?> set) {
      if (!comparesByEquals(set.getClass(), order) && new HashSet<>(set).size() != set.size()) {
        throw duplicates("elements");
      }
    }
  }

  private static boolean comparesByEquals(Class<?> runtime, @Nullable Comparator<?> order) {
    return order == null
        && (runtime == LinkedHashMap.class
            || runtime == HashMap.class
            || runtime == LinkedHashSet.class
            || runtime == HashSet.class
            || runtime == TreeMap.class
            || runtime == TreeSet.class
            || runtime == ConcurrentHashMap.class
            || runtime.getName().startsWith("java.util.ImmutableCollections$"));
  }

  private static Failure duplicates(String what) {
    return new Failure(
        "it holds " + what + " that are equal; pass a set or map that compares by equals");
  }

  private static @Nullable Comparator<?> comparatorOf(Object value) {
    if (value instanceof SortedSet<?> set) {
      return set.comparator();
    }
    if (value instanceof SortedMap<?, ?> map) {
      return map.comparator();
    }
    return value instanceof PriorityQueue<?> queue ? queue.comparator() : null;
  }
}
