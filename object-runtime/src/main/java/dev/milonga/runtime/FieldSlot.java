package dev.milonga.runtime;

import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A field that is part of the state of its object.
 *
 * @param name the name under which it is written
 * @param aliases names under which it was written earlier
 * @param field accessible
 */
record FieldSlot(String name, List<String> aliases, Field field, StateNode node) {

  boolean isFinal() {
    return Modifier.isFinal(field.getModifiers());
  }

  boolean isCalled(String written) {
    return name.equals(written) || aliases.contains(written);
  }

  @Nullable Object get(Object owner) {
    try {
      return field.get(owner);
    } catch (IllegalAccessException e) {
      throw new AssertionError(field + " was made accessible", e);
    }
  }

  void set(Object owner, @Nullable Object value) {
    if (get(owner) == value) {
      return;
    }
    try {
      field.set(owner, value);
    } catch (IllegalAccessException e) {
      throw new StateFailure("the final field " + field.getName() + " cannot be set");
    } catch (IllegalArgumentException e) {
      throw new StateFailure("null, where a primitive value is declared");
    }
  }

  /** What stands for a value that was not written, since the class had no such field. */
  @Nullable Object absent() {
    Class<?> type = field.getType();
    if (type == Optional.class) {
      return Optional.empty();
    }
    return type.isPrimitive() ? Array.get(Array.newInstance(type, 1), 0) : null;
  }
}
