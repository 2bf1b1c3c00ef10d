package dev.milonga.runtime;

import dev.milonga.annotations.LogicalName;
import java.lang.reflect.GenericArrayType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.lang.reflect.WildcardType;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Names of types as logs know them: no Java packages, so that classes may move. They are stored in
 * logs; what this class answers for a type never changes.
 */
final class LogicalNames {

  private static final Map<Class<?>, String> WELL_KNOWN =
      Map.ofEntries(
          Map.entry(Boolean.class, "boolean"),
          Map.entry(Byte.class, "byte"),
          Map.entry(Character.class, "char"),
          Map.entry(Double.class, "double"),
          Map.entry(Float.class, "float"),
          Map.entry(Integer.class, "int"),
          Map.entry(Long.class, "long"),
          Map.entry(Short.class, "short"),
          Map.entry(String.class, "string"),
          Map.entry(byte[].class, "bytes"),
          Map.entry(List.class, "list"),
          Map.entry(Map.class, "map"),
          Map.entry(java.util.Set.class, "set"),
          Map.entry(Optional.class, "optional"));

  private LogicalNames() {}

  /** The name of that class: from its {@link LogicalName}, else its simple name. */
  static String of(Class<?> type) {
    LogicalName name = type.getAnnotation(LogicalName.class);
    return name == null ? type.getSimpleName() : name.value();
  }

  /** The earlier names of that class. */
  static List<String> aliasesOf(Class<?> type) {
    LogicalName name = type.getAnnotation(LogicalName.class);
    return name == null ? List.of() : List.of(name.aliases());
  }

  /** That type with its type arguments, such as {@code map<string,Order>}. */
  static String describe(Type type) {
    if (type instanceof Class<?> known) {
      String name = WELL_KNOWN.get(known);
      if (name != null) {
        return name;
      }
      return known.isArray() ? "array<" + describe(known.getComponentType()) + ">" : of(known);
    }
    if (type instanceof ParameterizedType generic) {
      return describe(generic.getRawType()) + arguments(generic);
    }
    if (type instanceof GenericArrayType array) {
      return "array<" + describe(array.getGenericComponentType()) + ">";
    }
    if (type instanceof WildcardType wildcard) {
      Type[] bounds =
          wildcard.getLowerBounds().length > 0
              ? wildcard.getLowerBounds()
              : wildcard.getUpperBounds();
      return describe(bounds[0]);
    }
    return ((TypeVariable<?>) type).getName();
  }

  private static String arguments(ParameterizedType generic) {
    return Arrays.stream(generic.getActualTypeArguments())
        .map(LogicalNames::describe)
        .collect(Collectors.joining(",", "<", ">"));
  }
}
