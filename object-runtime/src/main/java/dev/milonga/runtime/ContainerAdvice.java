package dev.milonga.runtime;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;

/** Why a container cannot be part of a state, and what to use in its place. */
final class ContainerAdvice {

  private ContainerAdvice() {}

  /** What follows after "it is a" and the name of that class. */
  static String of(Class<?> container) {
    String name = container.getName();
    String insertionOrdered =
        Map.class.isAssignableFrom(container) ? "a LinkedHashMap" : "a LinkedHashSet";
    if (container == HashMap.class || container == HashSet.class) {
      return ", whose order depends on hash codes and on its past, so that a copy may go on in"
          + " another order; use "
          + insertionOrdered;
    }
    if (name.startsWith("java.util.ImmutableCollections$") && !name.endsWith("List")) {
      return ", whose order differs between JVM runs; use " + insertionOrdered;
    }
    if (name.startsWith("java.util.concurrent.")) {
      return ", and mutators run one at a time; use LinkedHashMap, TreeMap, LinkedHashSet, TreeSet,"
          + " ArrayDeque or ArrayList";
    }
    if (name.startsWith("java.util.Arrays$") || name.startsWith("java.util.Collections$")) {
      return ", a view of something that may change; use List.of, or a new ArrayList, LinkedHashSet"
          + " or LinkedHashMap with the same elements";
    }
    return ", of which no copy can be made that goes on like it; use "
        + (Map.class.isAssignableFrom(container)
            ? "LinkedHashMap, TreeMap or EnumMap"
            : Collection.class.isAssignableFrom(container)
                ? "ArrayList, ArrayDeque, PriorityQueue, LinkedHashSet or TreeSet"
                : "a List");
  }
}
