package dev.milonga.cli;

import dev.milonga.collections.ReplicatedCounter;
import dev.milonga.collections.ReplicatedList;
import dev.milonga.collections.ReplicatedMap;
import dev.milonga.collections.ReplicatedQueue;
import dev.milonga.collections.ReplicatedRegister;
import dev.milonga.collections.ReplicatedSet;
import dev.milonga.collections.ReplicatedSortedMap;
import dev.milonga.runtime.Registration;
import dev.milonga.runtime.TypeToken;
import dev.milonga.runtime.cbor.OpaqueKey;
import dev.milonga.runtime.cbor.OpaqueValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Finds the Java type for what a store says about an object that is one of the provided
 * collections. Only the types that no user can have a class of the same name for are taken by their
 * names; whatever else is in a collection stays opaque.
 */
final class StoredType {

  private static final Map<String, Class<?>> SCALARS =
      Map.ofEntries(
          Map.entry("boolean", Boolean.class),
          Map.entry("byte", Byte.class),
          Map.entry("char", Character.class),
          Map.entry("double", Double.class),
          Map.entry("float", Float.class),
          Map.entry("int", Integer.class),
          Map.entry("long", Long.class),
          Map.entry("short", Short.class),
          Map.entry("string", String.class));

  private static final Map<String, Class<?>> GENERIC =
      Map.of("list", List.class, "set", java.util.Set.class, "map", Map.class);

  private StoredType() {}

  /** The type of that object; empty if it is none of the provided collections. */
  static Optional<TypeToken<?>> of(Registration object) {
    String arguments = object.typeArguments();
    List<String> names =
        arguments.isEmpty() ? List.of() : split(arguments.substring(1, arguments.length() - 1));
    return switch (object.type() + names.size()) {
      case "counter0" -> Optional.of(TypeToken.of(ReplicatedCounter.class));
      case "map2" -> keyed(ReplicatedMap.class, names);
      case "sortedMap2" -> keyed(ReplicatedSortedMap.class, names);
      case "set1" -> Optional.of(TypeToken.parameterized(ReplicatedSet.class, key(names.get(0))));
      case "list1" -> ofValues(ReplicatedList.class, names);
      case "queue1" -> ofValues(ReplicatedQueue.class, names);
      case "register1" -> ofValues(ReplicatedRegister.class, names);
      default -> Optional.empty();
    };
  }

  /**
   * The type of that object, if everything in it is of a type that is known here, so that what is
   * done to it here is done as the application would do it.
   */
  static Optional<TypeToken<?>> known(Registration object) {
    String arguments = object.typeArguments();
    boolean all =
        arguments.isEmpty()
            || split(arguments.substring(1, arguments.length() - 1)).stream()
                .allMatch(name -> known(name).isPresent());
    return all ? of(object) : Optional.empty();
  }

  private static Optional<TypeToken<?>> keyed(Class<?> raw, List<String> names) {
    return Optional.of(TypeToken.parameterized(raw, key(names.get(0)), value(names.get(1))));
  }

  private static Optional<TypeToken<?>> ofValues(Class<?> raw, List<String> names) {
    return Optional.of(TypeToken.parameterized(raw, value(names.get(0))));
  }

  private static TypeToken<?> key(String name) {
    return known(name).orElse(TypeToken.of(OpaqueKey.class));
  }

  private static TypeToken<?> value(String name) {
    return known(name).orElse(TypeToken.of(OpaqueValue.class));
  }

  private static Optional<TypeToken<?>> known(String name) {
    Class<?> scalar = SCALARS.get(name);
    if (scalar != null) {
      return Optional.of(TypeToken.of(scalar));
    }
    int bracket = name.indexOf('<');
    Class<?> raw = bracket < 0 ? null : GENERIC.get(name.substring(0, bracket));
    if (raw == null) {
      return Optional.empty();
    }
    List<TypeToken<?>> arguments = new ArrayList<>();
    for (String argument : split(name.substring(bracket + 1, name.length() - 1))) {
      Optional<TypeToken<?>> type = known(argument);
      if (type.isEmpty()) {
        return Optional.empty();
      }
      arguments.add(type.get());
    }
    return arguments.size() == raw.getTypeParameters().length
        ? Optional.of(TypeToken.parameterized(raw, arguments.toArray(TypeToken<?>[]::new)))
        : Optional.empty();
  }

  /** Splits at the commas that are not within brackets. */
  private static List<String> split(String names) {
    List<String> parts = new ArrayList<>();
    int depth = 0;
    int start = 0;
    for (int i = 0; i < names.length(); i++) {
      switch (names.charAt(i)) {
        case '<' -> depth++;
        case '>' -> depth--;
        case ',' -> {
          if (depth == 0) {
            parts.add(names.substring(start, i));
            start = i + 1;
          }
        }
        default -> {}
      }
    }
    parts.add(names.substring(start));
    return parts;
  }
}
