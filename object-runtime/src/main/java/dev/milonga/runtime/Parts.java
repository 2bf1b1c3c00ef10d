package dev.milonga.runtime;

import java.lang.reflect.Field;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A value and everything that it refers to, each object once. */
final class Parts {

  private final Set<Object> parts = Collections.newSetFromMap(new IdentityHashMap<>());

  private Parts() {}

  static Set<Object> of(@Nullable Object value) {
    Parts parts = new Parts();
    parts.add(value);
    return parts.parts;
  }

  private void add(@Nullable Object value) {
    if (value == null || value instanceof Enum<?> || !parts.add(value)) {
      return;
    }
    if (value instanceof Collection<?> elements) {
      elements.forEach(this::add);
    } else if (value instanceof Map<?, ?> map) {
      map.keySet().forEach(this::add);
      map.values().forEach(this::add);
    } else if (value instanceof Map.Entry<?, ?> entry) {
      add(entry.getKey());
      add(entry.getValue());
    } else if (value instanceof Optional<?> optional) {
      optional.ifPresent(this::add);
    } else if (value instanceof Object[] array) {
      Arrays.stream(array).forEach(this::add);
    } else if (!value.getClass().isArray() && !DeepImmutability.isOfJdk(value.getClass())) {
      addFields(value);
    }
  }

  private void addFields(Object value) {
    for (Field field : StateCompiler.instanceFields(value.getClass())) {
      if (!field.getType().isPrimitive() && field.trySetAccessible()) {
        try {
          add(field.get(value));
        } catch (IllegalAccessException e) {
          throw new AssertionError(field + " was made accessible", e);
        }
      }
    }
  }
}
