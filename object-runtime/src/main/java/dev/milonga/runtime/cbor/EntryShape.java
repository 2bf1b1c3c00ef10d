package dev.milonga.runtime.cbor;

import java.util.AbstractMap.SimpleImmutableEntry;
import java.util.List;
import java.util.Map;

/** A {@code Map.Entry}: an array of key and value. What is read cannot be changed. */
final class EntryShape extends Shape {

  private final Shape key;
  private final Shape value;

  EntryShape(Shape key, Shape value) {
    super(Map.Entry.class);
    this.key = key;
    this.value = value;
  }

  @Override
  List<Shape> parts() {
    return List.of(key, value);
  }

  @Override
  void writeValue(CborWriter out, Object entry) {
    Map.Entry<?, ?> pair = (Map.Entry<?, ?>) entry;
    out.startArray(2);
    try {
      key.write(out, pair.getKey());
      value.write(out, pair.getValue());
    } catch (RuntimeException e) {
      throw Failure.in("[entry]", e);
    }
    out.endArray();
  }

  @Override
  Object readValue(CborReader in) {
    in.enterArray();
    in.requireItem();
    Object first = key.read(in);
    in.requireItem();
    Object second = value.read(in);
    in.requireArrayEnd();
    return new SimpleImmutableEntry<>(first, second);
  }
}
