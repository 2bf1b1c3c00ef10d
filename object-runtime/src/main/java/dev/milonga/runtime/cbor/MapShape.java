package dev.milonga.runtime.cbor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A map, by its entries in the order of its iterator. Keys may be of any carried type. */
final class MapShape extends Shape {

  private final Container<Map<@Nullable Object, @Nullable Object>> container;
  private final Shape key;
  private final Shape value;

  MapShape(
      Class<?> declared,
      Container<Map<@Nullable Object, @Nullable Object>> container,
      Shape key,
      Shape value) {
    super(declared);
    this.container = container;
    this.key = key;
    this.value = value;
  }

  @Override
  List<Shape> parts() {
    return List.of(key, value);
  }

  @Override
  void writeValue(CborWriter out, Object map) {
    container.requireCarried(type(), map);
    out.enter();
    if (out.canonical()) {
      writeSorted(out, (Map<?, ?>) map);
    } else {
      writeInOrder(out, (Map<?, ?>) map);
    }
    out.exit();
  }

  // Of open size: a concurrent map may change while it is read.
  private void writeInOrder(CborWriter out, Map<?, ?> map) {
    out.writeOpenMap();
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      writeEntry(out, entry);
    }
    out.writeBreak();
  }

  // Equal maps may iterate in different orders.
  private void writeSorted(CborWriter out, Map<?, ?> map) {
    List<byte[]> encoded = new ArrayList<>();
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      int start = out.length();
      writeEntry(out, entry);
      encoded.add(out.cutFrom(start));
    }
    encoded.sort(Arrays::compareUnsigned);
    out.writeOpenMap();
    encoded.forEach(out::writeEncoded);
    out.writeBreak();
  }

  private void writeEntry(CborWriter out, Map.Entry<?, ?> entry) {
    try {
      key.write(out, entry.getKey());
    } catch (RuntimeException e) {
      throw Failure.in("[key]", e);
    }
    try {
      value.write(out, entry.getValue());
    } catch (RuntimeException e) {
      throw Failure.in(in(entry.getKey()), e);
    }
  }

  @Override
  Object readValue(CborReader in) {
    in.enter();
    Map<@Nullable Object, @Nullable Object> map = container.maker().get();
    int size = in.readMapHead();
    for (int i = 0; in.hasNext(size, i); i++) {
      Object k;
      try {
        k = key.read(in);
      } catch (RuntimeException e) {
        throw Failure.in("[key " + i + "]", e);
      }
      try {
        map.put(k, value.read(in));
      } catch (RuntimeException e) {
        throw Failure.in(in(k), e);
      }
    }
    in.exit();
    return map;
  }

  // Keys of other classes are not shown: their toString is the user's code.
  private static String in(@Nullable Object key) {
    return key instanceof String || key instanceof Number ? "[" + key + "]" : "[value]";
  }
}
