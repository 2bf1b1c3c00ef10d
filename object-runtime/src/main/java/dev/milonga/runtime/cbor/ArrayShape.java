package dev.milonga.runtime.cbor;

import java.lang.reflect.Array;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An array of anything but bytes, by its elements. */
final class ArrayShape extends Shape {

  private final Class<?> component;
  private final Shape element;

  ArrayShape(Class<?> component, Shape element) {
    super(component.arrayType());
    this.component = component;
    this.element = element;
  }

  @Override
  List<Shape> parts() {
    return List.of(element);
  }

  @Override
  void writeValue(CborWriter out, Object value) {
    int length = Array.getLength(value);
    out.startArray(length);
    for (int i = 0; i < length; i++) {
      try {
        element.write(out, Array.get(value, i));
      } catch (RuntimeException e) {
        throw Failure.in("[" + i + "]", e);
      }
    }
    out.endArray();
  }

  @Override
  Object readValue(CborReader in) {
    in.enterArray();
    List<@Nullable Object> elements = new ArrayList<>();
    for (int i = 0; in.nextItem(); i++) {
      try {
        elements.add(element.read(in));
      } catch (RuntimeException e) {
        throw Failure.in("[" + i + "]", e);
      }
    }
    Object array = Array.newInstance(component, elements.size());
    for (int i = 0; i < elements.size(); i++) {
      Array.set(array, i, elements.get(i));
    }
    return array;
  }
}
