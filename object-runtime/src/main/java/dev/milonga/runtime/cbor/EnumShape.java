package dev.milonga.runtime.cbor;

import java.lang.reflect.Field;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Constants of an enum, by name. */
final class EnumShape extends Shape {

  private final String[] names; // by ordinal
  private final Map<String, Enum<?>> constants = new HashMap<>(); // by name and by earlier names

  EnumShape(Class<? extends Enum<?>> type) {
    super(type);
    Enum<?>[] all = type.getEnumConstants();
    names = new String[all.length];
    for (Enum<?> constant : all) {
      PropertyNames known = PropertyNames.of(constantField(type, constant), constant.name());
      names[constant.ordinal()] = known.name();
      constants.put(known.name(), constant);
      known.aliases().forEach(alias -> constants.putIfAbsent(alias, constant));
    }
  }

  private static Field constantField(Class<?> type, Enum<?> constant) {
    try {
      return type.getField(constant.name());
    } catch (NoSuchFieldException e) {
      throw new AssertionError(type + " has no field for its constant " + constant.name(), e);
    }
  }

  /** Whether two constants have one name, because annotations say so. */
  boolean hasClash() {
    return new HashSet<>(List.of(names)).size() < names.length;
  }

  @Override
  void writeValue(CborWriter out, Object value) {
    out.writeText(names[((Enum<?>) value).ordinal()]);
  }

  @Override
  Object readValue(CborReader in) {
    return ofName(in.readText());
  }

  @Override
  Optional<String> nameOf(@Nullable Object key) {
    return type().isInstance(key)
        ? Optional.of(names[((Enum<?>) key).ordinal()])
        : Optional.empty();
  }

  @Override
  Object ofName(String name) {
    Enum<?> constant = constants.get(name);
    if (constant == null) {
      throw new Failure(
          type().getName()
              + " has no constant \""
              + name
              + "\"; if it was renamed, put @JsonAlias(\""
              + name
              + "\") on the constant");
    }
    return constant;
  }
}
