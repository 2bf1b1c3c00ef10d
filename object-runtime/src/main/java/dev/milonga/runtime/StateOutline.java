package dev.milonga.runtime;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A state as a list of values, each with the path at which it stands: read from what {@link
 * StateWriter} wrote, without the classes. Two of them can be compared. Used once, by one thread.
 */
final class StateOutline {

  private static final JsonMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS).build();

  private final Codec codec;
  private final StateReader in;
  private final Map<String, String> values = new LinkedHashMap<>(); // JSON by path
  private final List<String> objects = new ArrayList<>(); // paths, in the order in which they end

  private StateOutline(Codec codec, StateReader in) {
    this.codec = codec;
    this.in = in;
  }

  /** What elements are in a state that a class streams itself. */
  enum Elements {
    ENTRIES,
    MEMBERS,
    ITEMS;

    /** Of an object, if its class does that. */
    static Elements of(Object state) {
      return state instanceof Map ? ENTRIES : state instanceof Set ? MEMBERS : ITEMS;
    }
  }

  /** The values in the state of that object, by their paths. */
  static <T> Map<String, String> of(BoundType<T> type, T state) {
    List<byte[]> chunks = new ArrayList<>();
    type.image().write(state, chunks::add);
    return of(type.codec(), chunks, Elements.of(state));
  }

  /** The values in a state that was written as those chunks, by their paths. */
  static Map<String, String> of(Codec codec, List<byte[]> chunks, Elements elements) {
    StateOutline outline = new StateOutline(codec, new StateReader(chunks.iterator()));
    outline.in.readByte(); // the format, which this version has written
    if (outline.in.readByte() == StateOfFields.ID) {
      outline.read("", outline.in.readByte());
    } else {
      outline.readElements(elements);
    }
    return outline.values;
  }

  /** What differs, in the order of the later one, followed by what is gone. */
  static List<Difference.Part> compare(Map<String, String> before, Map<String, String> after) {
    Set<String> paths = new LinkedHashSet<>(after.keySet());
    paths.addAll(before.keySet());
    List<Difference.Part> parts = new ArrayList<>();
    for (String path : paths) {
      Optional<String> was = Optional.ofNullable(before.get(path));
      Optional<String> is = Optional.ofNullable(after.get(path));
      if (!was.equals(is)) {
        parts.add(new Difference.Part(path, was, is));
      }
    }
    return parts;
  }

  private void readElements(Elements kind) {
    int index = 0;
    for (int rows = in.readInt(); rows > 0; rows = in.readInt()) {
      in.readByte(); // a column of values
      for (JsonNode element : column(in.readBytes())) {
        switch (kind) {
          case ENTRIES -> values.put(key(element.get(0).toString()), element.get(1).toString());
          case MEMBERS -> values.put(key(element.toString()), "true");
          case ITEMS -> values.put("[" + index + "]", element.toString());
        }
        index++;
      }
    }
  }

  private static String key(String json) {
    return "{" + json + "}";
  }

  // Both are tuples of one.
  private Iterable<JsonNode> column(byte[] encoded) {
    return JSON.readTree(codec.toJson(encoded)).get(0);
  }

  private String value(byte[] encoded) {
    return JSON.readTree(codec.toJson(encoded)).get(0).toString();
  }

  private void read(String path, int token) {
    switch (token) {
      case StateWriter.NULL -> values.put(path, "null");
      case StateWriter.REF -> values.put(path, "(the same as " + objects.get(in.readInt()) + ")");
      case StateWriter.VALUE -> values.put(path, value(in.readBytes()));
      case StateWriter.ATOM -> {
        values.put(path, value(in.readBytes()));
        objects.add(path);
      }
      case StateWriter.OBJECT -> {
        List<String> layout = in.readLayout();
        for (String field : layout.subList(1, layout.size())) {
          read(path + "." + field, in.readByte());
        }
        objects.add(path);
      }
      case StateWriter.SEQUENCE -> {
        readKind();
        readSequence(path);
        objects.add(path);
      }
      case StateWriter.MAP -> {
        readKind();
        readMap(path);
        objects.add(path);
      }
      default -> throw in.unknown(token);
    }
  }

  private void readKind() {
    in.readSymbol();
    in.readSymbol();
  }

  private void readSequence(String path) {
    int index = 0;
    for (int rows = in.readInt(); rows > 0; rows = in.readInt()) {
      List<String> paths = new ArrayList<>();
      for (int i = 0; i < rows; i++) {
        paths.add(path + "[" + index++ + "]");
      }
      readColumn(paths);
    }
  }

  private void readMap(String path) {
    int index = 0;
    for (int rows = in.readInt(); rows > 0; rows = in.readInt()) {
      List<String> keys = new ArrayList<>();
      for (int i = 0; i < rows; i++) {
        keys.add(path + "{key " + index++ + "}");
      }
      readColumn(keys);
      List<String> paths = new ArrayList<>();
      for (String key : keys) {
        // A key that is no single value keeps its number, and its parts stand under that.
        String simple = values.remove(key);
        paths.add(simple == null ? key + ".value" : path + key(simple));
      }
      readColumn(paths);
    }
  }

  private void readColumn(List<String> paths) {
    int token = in.readByte();
    if (token == StateWriter.COLUMN_OF_VALUES) {
      Iterator<JsonNode> column = column(in.readBytes()).iterator();
      paths.forEach(path -> values.put(path, column.next().toString()));
    } else if (token == StateWriter.COLUMN_OF_TOKENS) {
      paths.forEach(path -> read(path, in.readByte()));
    } else {
      throw in.unknown(token);
    }
  }
}
