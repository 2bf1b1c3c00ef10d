package dev.milonga.runtime;

import java.util.Collection;
import java.util.Iterator;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A collection, map or {@code Optional} of the JDK, by its {@linkplain ContainerKind kind} and its
 * elements or entries in the order of its iterator. One that a constructor put into a final field
 * is filled anew, and so keeps its comparator.
 */
final class ContainerNode extends StateNode {

  private final StateNode element; // or key
  private final @Nullable StateNode value; // of maps

  ContainerNode(Class<?> type, StateNode element, @Nullable StateNode value) {
    super(type);
    this.element = element;
    this.value = value;
  }

  @Override
  Object copyNew(IdentityTable<Object> copies, Object container, @Nullable Object made) {
    ContainerKind kind = kindOf(container, made != null);
    if (made != null && isConstant(made)) {
      return made;
    }
    String order = kind.orderOf(container);
    if (value != null) {
      boolean reused = kind.isMutable() && made instanceof Map && hasClass(made, container);
      Map<@Nullable Object, @Nullable Object> map =
          reused ? cleared((Map<?, ?>) made) : kind.newMap(order, element.type());
      copyEntries(copies, (Map<?, ?>) container, map);
      return kind.complete(map);
    }
    boolean reused = kind.isMutable() && made instanceof Collection && hasClass(made, container);
    Collection<@Nullable Object> collection =
        reused ? cleared((Collection<?>) made) : kind.newCollection(order, element.type());
    copyElements(copies, elements(container), collection);
    return kind.complete(collection);
  }

  // A final field with what can never change is no state: it is as the constructor makes it now.
  private boolean isConstant(Object made) {
    return !ContainerKind.of(made).isMutable()
        && element instanceof ValueNode
        && (value == null || value instanceof ValueNode);
  }

  private static boolean hasClass(@Nullable Object made, Object container) {
    return made != null && made.getClass() == container.getClass();
  }

  private void copyEntries(
      IdentityTable<Object> copies, Map<?, ?> map, Map<@Nullable Object, @Nullable Object> target) {
    StateNode values = Objects.requireNonNull(value);
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      try {
        target.put(element.copy(copies, entry.getKey()), values.copy(copies, entry.getValue()));
      } catch (RuntimeException e) {
        throw StateFailure.in(Batches.at(entry.getKey()), e);
      }
    }
  }

  private void copyElements(
      IdentityTable<Object> copies, Iterator<?> elements, Collection<@Nullable Object> target) {
    for (int i = 0; elements.hasNext(); i++) {
      try {
        target.add(element.copy(copies, elements.next()));
      } catch (RuntimeException e) {
        throw StateFailure.in("[" + i + "]", e);
      }
    }
  }

  private ContainerKind kindOf(Object container, boolean made) {
    ContainerKind kind = ContainerKind.of(container);
    // The constructor does not change, and what it makes was looked at when the class was opened.
    if (!made) {
      kind.requireInsertionOrder(container);
      if (kind.orderOf(container).equals(ContainerKind.OWN)) {
        throw ContainerKind.cannotBeOrdered();
      }
    }
    if (!(element instanceof ValueNode)) {
      kind.requireSound(container);
    }
    return kind;
  }

  private static Iterator<?> elements(Object container) {
    return container instanceof Optional<?> optional
        ? optional.stream().iterator()
        : ((Collection<?>) container).iterator();
  }

  @Override
  void writeNew(StateWriter out, Object container, boolean made) {
    ContainerKind kind = kindOf(container, made);
    out.writeByte(value == null ? StateWriter.SEQUENCE : StateWriter.MAP);
    out.writeSymbol(kind.id());
    out.writeSymbol(kind.orderOf(container));
    if (value == null) {
      Batches.write(out, element, elements(container));
    } else {
      Batches.write(out, element, value, ((Map<?, ?>) container).entrySet().iterator());
    }
  }

  @Override
  Object readNew(StateReader in, int token, @Nullable Object made) {
    if (token != (value == null ? StateWriter.SEQUENCE : StateWriter.MAP)) {
      throw in.unknown(token);
    }
    ContainerKind kind = ContainerKind.named(in.readSymbol());
    String order = in.readSymbol();
    if (kind.isMap() != (value != null)) {
      throw new StateFailure("a " + kind.id() + " was written, where another type is declared");
    }
    // What the constructor makes now is what a replay would fill.
    boolean reused = made != null && ContainerKind.of(made).isMutable();
    if (value != null) {
      Map<@Nullable Object, @Nullable Object> map =
          reused && made instanceof Map<?, ?> mine
              ? cleared(mine)
              : kind.newMap(order, element.type());
      Batches.read(in, element, value, map::put);
      return finished(kind, map, made, reused);
    }
    Collection<@Nullable Object> collection =
        reused && made instanceof Collection<?> mine
            ? cleared(mine)
            : kind.newCollection(order, element.type());
    Batches.read(in, element, collection::add);
    return finished(kind, collection, made, reused);
  }

  private Object finished(
      ContainerKind kind, Object gathered, @Nullable Object made, boolean reused) {
    if (made != null && isConstant(made)) {
      return made;
    }
    return reused ? gathered : kind.complete(gathered);
  }

  @SuppressWarnings("unchecked") // filled with what the declared type says
  private static Collection<@Nullable Object> cleared(Collection<?> made) {
    made.clear();
    return (Collection<@Nullable Object>) made;
  }

  @SuppressWarnings("unchecked") // filled with what the declared type says
  private static Map<@Nullable Object, @Nullable Object> cleared(Map<?, ?> made) {
    made.clear();
    return (Map<@Nullable Object, @Nullable Object>) made;
  }
}
