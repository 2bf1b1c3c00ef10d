package dev.milonga.runtime.cbor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A collection, by its elements in the order of its iterator. */
final class CollectionShape extends Shape {

  private final Container<Collection<@Nullable Object>> container;
  private final Shape element;

  CollectionShape(
      Class<?> declared, Container<Collection<@Nullable Object>> container, Shape element) {
    super(declared);
    this.container = container;
    this.element = element;
  }

  @Override
  List<Shape> parts() {
    return List.of(element);
  }

  @Override
  void writeValue(CborWriter out, Object value) {
    container.requireCarried(type(), value);
    // Of open size: a concurrent collection may change while it is read.
    out.startArray();
    if (out.canonical() && !(value instanceof List)) {
      writeSorted(out, (Iterable<?>) value);
    } else {
      writeInOrder(out, (Iterable<?>) value);
    }
    out.endArray();
  }

  private void writeInOrder(CborWriter out, Iterable<?> elements) {
    int i = 0;
    try {
      for (Object each : elements) {
        writeElement(out, each);
        i++;
      }
    } catch (RuntimeException e) {
      throw Failure.in("[" + i + "]", e);
    }
  }

  // Equal sets may iterate in different orders.
  private void writeSorted(CborWriter out, Iterable<?> elements) {
    List<byte[]> encoded = new ArrayList<>();
    for (Object each : elements) {
      int start = out.mark();
      writeElement(out, each);
      encoded.add(out.cutFrom(start));
    }
    encoded.sort(Arrays::compareUnsigned);
    encoded.forEach(out::writeEncoded);
  }

  private void writeElement(CborWriter out, @Nullable Object each) {
    if (each == null && container.trait() == Container.Trait.NULL_FREE) {
      throw new Failure("null in a " + type().getSimpleName() + "; use a List, or leave it out");
    }
    element.write(out, each);
  }

  @Override
  Object readValue(CborReader in) {
    in.enterArray();
    Collection<@Nullable Object> elements = container.maker().get();
    for (int i = 0; in.nextItem(); i++) {
      try {
        elements.add(element.read(in));
      } catch (RuntimeException e) {
        throw Failure.in("[" + i + "]", e);
      }
    }
    return elements;
  }
}
