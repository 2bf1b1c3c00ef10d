package dev.milonga.runtime.cbor;

import dev.milonga.annotations.LogicalName;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.SerializableString;
import tools.jackson.core.io.SerializedString;

/**
 * A sealed type: a map of one pair, the logical name of the case and its value. The name is looked
 * up among the cases that the declared type permits, and nowhere else.
 */
final class SealedShape extends Shape {

  private final Map<Class<?>, Case> byClass = new HashMap<>();
  private final Map<String, Case> byName = new HashMap<>();

  SealedShape(Class<?> type) {
    super(type);
  }

  /**
   * Adds a case, while the shape is compiled.
   *
   * @return the names of the case that another one has already
   */
  List<String> define(Class<?> type, Shape shape) {
    LogicalName logical = type.getAnnotation(LogicalName.class);
    String name = logical == null ? type.getSimpleName() : logical.value();
    Case added = new Case(new SerializedString(name), shape);
    byClass.put(type, added);
    TreeSet<String> clashes = new TreeSet<>();
    for (String each : allNames(name, logical)) {
      if (byName.putIfAbsent(each, added) != null) {
        clashes.add(each);
      }
    }
    return List.copyOf(clashes);
  }

  private static List<String> allNames(String name, @Nullable LogicalName logical) {
    TreeSet<String> names = new TreeSet<>(List.of(name));
    if (logical != null) {
      names.addAll(List.of(logical.aliases()));
    }
    return List.copyOf(names);
  }

  @Override
  List<Shape> parts() {
    return byClass.values().stream().map(Case::shape).toList();
  }

  @Override
  void writeValue(CborWriter out, Object value) {
    // A constant with a body has a class of its own below that of its enum.
    Class<?> type =
        value instanceof Enum<?> constant ? constant.getDeclaringClass() : value.getClass();
    Case known = byClass.get(type);
    if (known == null) {
      throw new Failure(
          value.getClass().getTypeName()
              + " is not one of the cases of "
              + type().getTypeName()
              + ", which are "
              + new TreeSet<>(byName.keySet())
              + "; permit it there, or pass one of them");
    }
    out.startMap(1);
    out.writeName(known.name);
    known.shape.write(out, value);
    out.endMap();
  }

  @Override
  @Nullable Object readValue(CborReader in) {
    in.enterMap();
    String name = in.nextName();
    if (name == null) {
      throw new Failure("a case of " + type().getName() + " is a map of one pair, not of none");
    }
    Case known = byName.get(name);
    if (known == null) {
      throw new Failure(
          type().getName()
              + " has no case \""
              + name
              + "\"; if it was renamed, list that name in the aliases of its @LogicalName");
    }
    Object value = known.shape.read(in);
    if (in.nextName() != null) {
      throw new Failure("a case of " + type().getName() + " is a map of one pair, not of more");
    }
    return value;
  }

  private record Case(SerializableString name, Shape shape) {}
}
