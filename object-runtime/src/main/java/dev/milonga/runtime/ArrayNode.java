package dev.milonga.runtime;

import java.lang.reflect.Array;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** An array, by its elements. One that a constructor put into a final field is filled anew. */
final class ArrayNode extends StateNode {

  private static final String KIND = "array";

  private final Class<?> component;
  private final StateNode element;

  ArrayNode(Class<?> component, StateNode element) {
    super(component.arrayType());
    this.component = component;
    this.element = element;
  }

  @Override
  Object copyNew(IdentityTable<Object> copies, Object value, @Nullable Object made) {
    requireClass(value);
    int length = Array.getLength(value);
    Object target = target(length, made);
    if (element instanceof ValueNode) {
      System.arraycopy(value, 0, target, 0, length);
      return target;
    }
    for (int i = 0; i < length; i++) {
      try {
        Array.set(target, i, element.copy(copies, Array.get(value, i)));
      } catch (RuntimeException e) {
        throw StateFailure.in("[" + i + "]", e);
      }
    }
    return target;
  }

  private void requireClass(Object value) {
    if (value.getClass() != type()) {
      throw new StateFailure(
          "declared as "
              + type().getTypeName()
              + ", but it is a "
              + value.getClass().getTypeName());
    }
  }

  private Object target(int length, @Nullable Object made) {
    boolean fits = made != null && made.getClass() == type() && Array.getLength(made) == length;
    return fits && made != null ? made : Array.newInstance(component, length);
  }

  @Override
  void writeNew(StateWriter out, Object value, boolean made) {
    requireClass(value);
    out.writeByte(StateWriter.SEQUENCE);
    out.writeSymbol(KIND);
    out.writeSymbol("");
    Iterator<@Nullable Object> elements =
        IntStream.range(0, Array.getLength(value)).mapToObj(i -> Array.get(value, i)).iterator();
    Batches.write(out, element, elements);
  }

  @Override
  Object readNew(StateReader in, int token, @Nullable Object made) {
    if (token != StateWriter.SEQUENCE) {
      throw in.unknown(token);
    }
    if (!in.readSymbol().equals(KIND) | !in.readSymbol().isEmpty()) {
      throw new StateFailure("a collection was written, where an array is declared");
    }
    List<@Nullable Object> elements = new ArrayList<>();
    Batches.read(in, element, elements::add);
    Object array = target(elements.size(), made);
    for (int i = 0; i < elements.size(); i++) {
      Array.set(array, i, elements.get(i));
    }
    return array;
  }
}
