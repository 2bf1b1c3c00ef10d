package dev.milonga.runtime;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.lang.reflect.WildcardType;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.time.ZoneId;
import java.util.Arrays;
import java.util.Currency;
import java.util.HashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;

/**
 * Whether a declared type says of all its values that neither they nor anything they refer to ever
 * changes, so that they can be shared instead of copied.
 *
 * <p>That holds for primitives, {@code String}, enums, numbers, {@code java.time}, and for records
 * and final classes with final fields of such types, {@code Optional} of such and sealed types
 * whose cases are all such. It does not hold for {@code List}, whose values may well be immutable:
 * their type does not say so. {@code BigInteger} and {@code BigDecimal} count, although they can be
 * extended: the codec makes none but the JDK's own.
 */
final class DeepImmutability {

  private static final Set<Class<?>> KNOWN =
      Set.of(
          Boolean.class,
          Byte.class,
          Short.class,
          Character.class,
          Integer.class,
          Long.class,
          Float.class,
          Double.class,
          Void.class,
          String.class,
          BigInteger.class,
          BigDecimal.class,
          UUID.class,
          URI.class,
          Locale.class,
          Currency.class,
          OptionalInt.class,
          OptionalLong.class,
          OptionalDouble.class,
          ZoneId.class);

  /** Only a generic class that contains ever larger types of itself has more. */
  private static final int TYPES_MAX = 500;

  private DeepImmutability() {}

  /** Whether all values of that type are deeply immutable. */
  static boolean of(Type type) {
    return of(type, new HashSet<>());
  }

  // A type that is under way counts as immutable: if another of its parts is not, that part says
  // so.
  private static boolean of(Type type, Set<Type> underWay) {
    if (type instanceof TypeVariable<?>) {
      return false;
    }
    if (type instanceof WildcardType wildcard) {
      return of(wildcard.getUpperBounds()[0], underWay);
    }
    Class<?> raw = TypeResolver.rawClass(type);
    if (raw.isPrimitive() || raw.isEnum() || KNOWN.contains(raw) || isOfJavaTime(raw)) {
      return true;
    }
    if (!underWay.add(type)) {
      return true;
    }
    if (underWay.size() > TYPES_MAX) {
      return false;
    }
    if (raw == Optional.class) {
      return type instanceof ParameterizedType optional
          && of(optional.getActualTypeArguments()[0], underWay);
    }
    if (raw.isSealed()) {
      return (isAbstract(raw) || hasImmutableFields(type, raw, underWay))
          && Arrays.stream(raw.getPermittedSubclasses())
              .allMatch(each -> of(TypeResolver.subtype(each, type), underWay));
    }
    return !isAbstract(raw)
        && Modifier.isFinal(raw.getModifiers())
        && hasImmutableFields(type, raw, underWay);
  }

  private static boolean hasImmutableFields(Type type, Class<?> raw, Set<Type> underWay) {
    Class<?> each = raw;
    while (each != Object.class && each != Record.class) {
      if (isOfJdk(each)) {
        return false;
      }
      for (Field field : each.getDeclaredFields()) {
        if (!Modifier.isStatic(field.getModifiers())
            && (!Modifier.isFinal(field.getModifiers())
                || !of(TypeResolver.resolve(field.getGenericType(), type), underWay))) {
          return false;
        }
      }
      each = each.getSuperclass();
    }
    return true;
  }

  private static boolean isOfJavaTime(Class<?> type) {
    return type.getPackageName().equals("java.time") && Modifier.isFinal(type.getModifiers());
  }

  private static boolean isAbstract(Class<?> type) {
    return Modifier.isAbstract(type.getModifiers());
  }

  /** Whether the class comes with the JDK. */
  static boolean isOfJdk(Class<?> type) {
    ClassLoader loader = type.getClassLoader();
    return loader == null || loader == ClassLoader.getPlatformClassLoader();
  }
}
