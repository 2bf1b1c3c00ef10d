package dev.milonga.runtime;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.LinkedList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The containers of which a copy can be made that behaves like the original for ever: those whose
 * behaviour follows from their class, their order and their elements in the order of the iterator.
 *
 * <p>That does not hold for containers that are ordered by hash codes. The order of a {@code
 * HashMap} also depends on its capacity, on whether a bucket ever was a tree, and for keys such as
 * enums on the process; none of that can be asked for. See {@code docs/decisions/0007}.
 */
enum ContainerKind {
  ARRAY_LIST("arrayList", ArrayList.class),
  LINKED_LIST("linkedList", LinkedList.class),
  IMMUTABLE_LIST("immutableList", List.class),
  NULLABLE_LIST("immutableListOfNullables", List.class),
  EMPTY_LIST("emptyList", List.class),
  LINKED_HASH_SET("linkedHashSet", LinkedHashSet.class),
  TREE_SET("treeSet", TreeSet.class),
  ENUM_SET("enumSet", EnumSet.class),
  IMMUTABLE_SET("immutableSet", Set.class),
  EMPTY_SET("emptySet", Set.class),
  ARRAY_DEQUE("arrayDeque", ArrayDeque.class),
  PRIORITY_QUEUE("priorityQueue", PriorityQueue.class),
  OPTIONAL("optional", Optional.class),
  LINKED_HASH_MAP("linkedHashMap", LinkedHashMap.class),
  TREE_MAP("treeMap", TreeMap.class),
  ENUM_MAP("enumMap", EnumMap.class),
  IMMUTABLE_MAP("immutableMap", Map.class),
  EMPTY_MAP("emptyMap", Map.class);

  /** The order that elements have by themselves, or the only one that the class has. */
  static final String NATURAL = "";

  /** The order of a comparator that only a constructor can make. */
  static final String OWN = "own";

  private static final Map<Class<?>, ContainerKind> BY_CLASS =
      Map.ofEntries(
          Map.entry(ArrayList.class, ARRAY_LIST),
          Map.entry(LinkedList.class, LINKED_LIST),
          Map.entry(Collections.emptyList().getClass(), EMPTY_LIST),
          Map.entry(LinkedHashSet.class, LINKED_HASH_SET),
          Map.entry(TreeSet.class, TREE_SET),
          Map.entry(Collections.emptySet().getClass(), EMPTY_SET),
          Map.entry(ArrayDeque.class, ARRAY_DEQUE),
          Map.entry(PriorityQueue.class, PRIORITY_QUEUE),
          Map.entry(Optional.class, OPTIONAL),
          Map.entry(LinkedHashMap.class, LINKED_HASH_MAP),
          Map.entry(TreeMap.class, TREE_MAP),
          Map.entry(EnumMap.class, ENUM_MAP),
          Map.entry(Collections.emptyMap().getClass(), EMPTY_MAP));

  /** The orders that can be named, and so carried. */
  private static final Map<String, Comparator<?>> ORDERS =
      Map.of(
          "natural", Comparator.naturalOrder(),
          "reverse", Comparator.reverseOrder(),
          "ignoringCase", String.CASE_INSENSITIVE_ORDER);

  private final String id; // in checkpoints: never changes
  private final Class<?> type;

  ContainerKind(String id, Class<?> type) {
    this.id = id;
    this.type = type;
  }

  /**
   * The kind of that container.
   *
   * @throws StateFailure if no copy can be made of it that behaves like it, saying what to use
   */
  static ContainerKind of(Object container) {
    ContainerKind kind = BY_CLASS.get(container.getClass());
    if (kind == null) {
      kind = container instanceof EnumSet ? ENUM_SET : immutable(container);
    }
    if (kind == TREE_SET && isView((TreeSet<?>) container)) {
      throw new StateFailure("it is a view of another set; use new TreeSet<>(…) of it");
    }
    return kind;
  }

  private static ContainerKind immutable(Object container) {
    switch (container.getClass().getName()) {
      case "java.util.ImmutableCollections$List12", "java.util.ImmutableCollections$ListN" -> {
        return admitsNull((List<?>) container) ? NULLABLE_LIST : IMMUTABLE_LIST;
      }
      case "java.util.ImmutableCollections$Set12", "java.util.ImmutableCollections$SetN" -> {
        if (((Set<?>) container).size() <= 1) {
          return IMMUTABLE_SET;
        }
      }
      case "java.util.ImmutableCollections$Map1", "java.util.ImmutableCollections$MapN" -> {
        if (((Map<?, ?>) container).size() <= 1) {
          return IMMUTABLE_MAP;
        }
      }
      default -> {}
    }
    throw new StateFailure(
        "it is a " + container.getClass().getName() + ContainerAdvice.of(container.getClass()));
  }

  // Lists of List.of refuse to be asked; those of Stream.toList do not.
  private static boolean admitsNull(List<?> list) {
    try {
      list.contains(null);
      return true;
    } catch (NullPointerException refused) {
      return false;
    }
  }

  /** Refuses a map whose accessors change it. */
  void requireInsertionOrder(Object container) {
    if (this == LINKED_HASH_MAP && ordersByAccess((LinkedHashMap<?, ?>) container)) {
      throw new StateFailure(
          "it is ordered by access, so that reading it changes it; construct the LinkedHashMap"
              + " without accessOrder, and let mutators remove and put what moves to the end");
    }
  }

  // A clone keeps the flag, and asking it changes nobody else's order.
  private static boolean ordersByAccess(LinkedHashMap<?, ?> map) {
    @SuppressWarnings("unchecked") // a map of objects, all of whose other entries are dropped
    Map<Object, Object> probe = (Map<Object, Object>) map.clone();
    probe.clear();
    probe.put("first", "");
    probe.put("second", "");
    probe.get("first");
    return probe.keySet().iterator().next().equals("second");
  }

  // Both have the class TreeSet; only what they iterate by differs.
  private static boolean isView(TreeSet<?> set) {
    return !set.spliterator().getClass().getName().equals("java.util.TreeMap$KeySpliterator");
  }

  /** The kind of that name. */
  static ContainerKind named(String id) {
    return Arrays.stream(values())
        .filter(kind -> kind.id.equals(id))
        .findFirst()
        .orElseThrow(() -> new StateFailure("no kind of container is called \"" + id + "\""));
  }

  /** Whether a value that is declared as that class can be of some kind. */
  static boolean fits(Class<?> declared) {
    return Arrays.stream(values()).anyMatch(kind -> declared.isAssignableFrom(kind.type));
  }

  String id() {
    return id;
  }

  boolean isMap() {
    return Map.class.isAssignableFrom(type);
  }

  boolean isMutable() {
    return switch (this) {
      case IMMUTABLE_LIST,
          NULLABLE_LIST,
          EMPTY_LIST,
          IMMUTABLE_SET,
          EMPTY_SET,
          OPTIONAL,
          IMMUTABLE_MAP,
          EMPTY_MAP ->
          false;
      default -> true;
    };
  }

  /** The name of the order of that container of this kind. */
  String orderOf(Object container) {
    Comparator<?> order = comparatorOf(container);
    if (order == null) {
      return NATURAL;
    }
    return ORDERS.entrySet().stream()
        .filter(known -> known.getValue() == order)
        .map(Map.Entry::getKey)
        .findFirst()
        .orElse(OWN);
  }

  private @Nullable Comparator<?> comparatorOf(Object container) {
    return switch (this) {
      case TREE_SET -> ((TreeSet<?>) container).comparator();
      case TREE_MAP -> ((TreeMap<?, ?>) container).comparator();
      case PRIORITY_QUEUE -> ((PriorityQueue<?>) container).comparator();
      default -> null;
    };
  }

  /** The collection to add the elements to, before they are {@link #complete}. */
  @SuppressWarnings({"unchecked", "rawtypes"}) // of enums, of which no type says that they are
  Collection<@Nullable Object> newCollection(String order, Class<?> element) {
    return switch (this) {
      case LINKED_LIST -> new LinkedList<>();
      case LINKED_HASH_SET, IMMUTABLE_SET, EMPTY_SET -> new LinkedHashSet<>();
      case TREE_SET -> new TreeSet<>(comparator(order));
      case ENUM_SET -> (Collection) EnumSet.noneOf((Class) requireEnum(element));
      case ARRAY_DEQUE -> new ArrayDeque<>();
      case PRIORITY_QUEUE -> new PriorityQueue<>(comparator(order));
      default -> new ArrayList<>();
    };
  }

  /** The map to put the entries into, before they are {@link #complete}. */
  @SuppressWarnings({"unchecked", "rawtypes"}) // as above
  Map<@Nullable Object, @Nullable Object> newMap(String order, Class<?> key) {
    return switch (this) {
      case TREE_MAP -> new TreeMap<>(comparator(order));
      case ENUM_MAP -> (Map) new EnumMap((Class) requireEnum(key));
      default -> new LinkedHashMap<>();
    };
  }

  @SuppressWarnings("unchecked") // its elements are compared, and fail if they cannot be
  private static @Nullable Comparator<@Nullable Object> comparator(String order) {
    if (order.equals(NATURAL)) {
      return null;
    }
    Comparator<?> known = ORDERS.get(order);
    if (known == null) {
      throw cannotBeOrdered();
    }
    return (Comparator<@Nullable Object>) known;
  }

  static StateFailure cannotBeOrdered() {
    return new StateFailure(
        "it is ordered by a comparator, which cannot be carried; let the elements implement"
            + " Comparable, or construct it where a final field of the replicated class is"
            + " declared");
  }

  private static Class<?> requireEnum(Class<?> type) {
    if (!type.isEnum()) {
      throw new StateFailure(
          type.getName()
              + " is no enum; declare the enum of the elements, or use a LinkedHashSet"
              + " or LinkedHashMap");
    }
    return type;
  }

  /** The container of this kind with the elements or entries of that one. */
  Object complete(Object gathered) {
    return switch (this) {
      case IMMUTABLE_LIST -> List.copyOf((Collection<?>) gathered);
      case NULLABLE_LIST -> ((Collection<?>) gathered).stream().toList();
      case EMPTY_LIST -> Collections.emptyList();
      case IMMUTABLE_SET -> Set.copyOf((Collection<?>) gathered);
      case EMPTY_SET -> Collections.emptySet();
      case OPTIONAL -> ((Collection<?>) gathered).stream().findFirst();
      case IMMUTABLE_MAP -> Map.copyOf((Map<?, ?>) gathered);
      case EMPTY_MAP -> Collections.emptyMap();
      default -> gathered;
    };
  }

  /**
   * Refuses a container whose elements were changed after they were put in, so that they are not
   * where they would be found.
   */
  void requireSound(Object container) {
    switch (this) {
      case LINKED_HASH_SET -> requireFound((Set<?>) container, (Set<?>) container);
      case LINKED_HASH_MAP -> requireFound(((Map<?, ?>) container).keySet(), container);
      case TREE_SET -> requireAscending((Collection<?>) container, order(container));
      case TREE_MAP -> requireAscending(((Map<?, ?>) container).keySet(), order(container));
      case PRIORITY_QUEUE ->
          requireHeap(((PriorityQueue<?>) container).toArray(), order(container));
      default -> {}
    }
  }

  private static void requireFound(Set<?> keys, Object container) {
    if (new HashSet<>(keys).size() != keys.size()) {
      throw changed();
    }
    for (Object key : keys) {
      boolean found =
          container instanceof Map<?, ?> map ? map.containsKey(key) : keys.contains(key);
      if (!found) {
        throw changed();
      }
    }
  }

  @SuppressWarnings("unchecked") // the elements were compared with it when they were added
  private Comparator<Object> order(Object container) {
    Comparator<?> order = comparatorOf(container);
    return (Comparator<Object>) (order == null ? Comparator.naturalOrder() : order);
  }

  private static void requireAscending(Collection<?> elements, Comparator<Object> order) {
    Object last = null;
    boolean first = true;
    for (Object each : elements) {
      if (!first && order.compare(last, each) >= 0) {
        throw changed();
      }
      last = each;
      first = false;
    }
  }

  private static void requireHeap(Object[] heap, Comparator<Object> order) {
    for (int i = 1; i < heap.length; i++) {
      if (order.compare(heap[(i - 1) / 2], heap[i]) > 0) {
        throw changed();
      }
    }
  }

  private static StateFailure changed() {
    return new StateFailure(
        "an element was changed after it was put in, and is not found any more; remove it before it"
            + " is changed, and put it in again");
  }
}
