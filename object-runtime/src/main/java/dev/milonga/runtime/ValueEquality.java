package dev.milonga.runtime;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * Whether it can make a difference which of several equal objects one has. It can for a class that
 * leaves {@code equals} as it is: such an object, used as a key, is found by itself alone.
 */
final class ValueEquality {

  private ValueEquality() {}

  /** Whether values of that deeply immutable type are equal by all that they hold. */
  static boolean of(Type type) {
    return of(type, new HashSet<>());
  }

  private static boolean of(Type type, Set<Type> underWay) {
    Class<?> raw = TypeResolver.rawClass(type);
    if (!underWay.add(type) || raw.isPrimitive() || raw.isEnum()) {
      return true;
    }
    if (raw == Optional.class && type instanceof ParameterizedType optional) {
      return of(optional.getActualTypeArguments()[0], underWay);
    }
    if (DeepImmutability.isOfJdk(raw)) {
      return true;
    }
    if (raw.isSealed()
        && !Arrays.stream(raw.getPermittedSubclasses())
            .allMatch(each -> of(TypeResolver.subtype(each, type), underWay))) {
      return false;
    }
    boolean equatable =
        raw.isInterface() || Modifier.isAbstract(raw.getModifiers()) || overridesEquals(raw);
    return equatable && hasSuchFields(type, raw, underWay);
  }

  private static boolean hasSuchFields(Type type, Class<?> raw, Set<Type> underWay) {
    for (Class<?> each = raw; each != null; each = each.getSuperclass()) {
      for (Field field : each.getDeclaredFields()) {
        if (!Modifier.isStatic(field.getModifiers())
            && !of(TypeResolver.resolve(field.getGenericType(), type), underWay)) {
          return false;
        }
      }
    }
    return true;
  }

  private static boolean overridesEquals(Class<?> type) {
    try {
      return type.getMethod("equals", Object.class).getDeclaringClass() != Object.class;
    } catch (NoSuchMethodException e) {
      throw new AssertionError(type + " has no equals", e);
    }
  }
}
