package dev.milonga.runtime.cbor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A map, by its entries in the order of its iterator: a CBOR map if all keys have {@linkplain
 * Shape#nameOf names}, else an array of pairs of key and value, since the keys of a CBOR map are
 * text to Jackson. Keys may be of any carried type.
 */
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
    if (out.canonical()) {
      writeSorted(out, (Map<?, ?>) map);
    } else if (allHaveNames((Map<?, ?>) map)) {
      writeByName(out, (Map<?, ?>) map);
    } else {
      writePairs(out, (Map<?, ?>) map);
    }
  }

  private boolean allHaveNames(Map<?, ?> map) {
    for (Object each : map.keySet()) {
      if (key.nameOf(each).isEmpty()) {
        return false;
      }
    }
    return true;
  }

  // Of open size, as are the others: a concurrent map may change while it is read.
  private void writeByName(CborWriter out, Map<?, ?> map) {
    out.startMap();
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      out.writeName(
          key.nameOf(entry.getKey())
              .orElseThrow(() -> new Failure("the map was changed while it was read")));
      writeElement(out, entry);
    }
    out.endMap();
  }

  private void writePairs(CborWriter out, Map<?, ?> map) {
    out.startArray();
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      writePair(out, entry);
    }
    out.endArray();
  }

  // Equal maps may iterate in different orders.
  private void writeSorted(CborWriter out, Map<?, ?> map) {
    out.startArray();
    List<byte[]> encoded = new ArrayList<>();
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      int start = out.mark();
      writePair(out, entry);
      encoded.add(out.cutFrom(start));
    }
    encoded.sort(Arrays::compareUnsigned);
    encoded.forEach(out::writeEncoded);
    out.endArray();
  }

  private void writePair(CborWriter out, Map.Entry<?, ?> entry) {
    out.startArray(2);
    try {
      key.write(out, entry.getKey());
    } catch (RuntimeException e) {
      throw Failure.in("[key]", e);
    }
    writeElement(out, entry);
    out.endArray();
  }

  private void writeElement(CborWriter out, Map.Entry<?, ?> entry) {
    try {
      value.write(out, entry.getValue());
    } catch (RuntimeException e) {
      throw Failure.in(in(entry.getKey()), e);
    }
  }

  @Override
  Object readValue(CborReader in) {
    Map<@Nullable Object, @Nullable Object> map = container.maker().get();
    if (in.isArray()) {
      readPairs(in, map);
    } else {
      readByName(in, map);
    }
    return map;
  }

  private void readByName(CborReader in, Map<@Nullable Object, @Nullable Object> map) {
    in.enterMap();
    for (String name = in.nextName(); name != null; name = in.nextName()) {
      readElement(in, key.ofName(name), map);
    }
  }

  private void readPairs(CborReader in, Map<@Nullable Object, @Nullable Object> map) {
    in.enterArray();
    for (int i = 0; in.nextItem(); i++) {
      in.enterArray();
      in.requireItem();
      Object k;
      try {
        k = key.read(in);
      } catch (RuntimeException e) {
        throw Failure.in("[key " + i + "]", e);
      }
      in.requireItem();
      readElement(in, k, map);
      in.requireArrayEnd();
    }
  }

  private void readElement(
      CborReader in, @Nullable Object k, Map<@Nullable Object, @Nullable Object> map) {
    try {
      map.put(k, value.read(in));
    } catch (RuntimeException e) {
      throw Failure.in(in(k), e);
    }
  }

  // Keys of other classes are not shown: their toString is the user's code.
  private static String in(@Nullable Object key) {
    return key instanceof String || key instanceof Number ? "[" + key + "]" : "[value]";
  }
}
