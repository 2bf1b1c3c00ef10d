package dev.milonga.testkit;

import java.lang.reflect.Array;
import java.lang.reflect.Constructor;
import java.lang.reflect.GenericArrayType;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.lang.reflect.WildcardType;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Values of declared types, drawn at random from few: so that keys meet, sums stay small, and
 * containers are sometimes empty. A function of the generator's draws. Not thread-safe.
 */
final class RandomValues {

  private static final List<String> STRINGS = List.of("a", "b", "c", "d", "", "ä €");
  private static final int ELEMENTS_MAX = 3;
  private static final int DEPTH_MAX = 6; // below, whatever can be empty is
  private static final int RECORDS_TRIED = 100;
  private static final Instant EPOCH = Instant.parse("2026-01-01T00:00:00Z");

  private final Map<Class<?>, Function<Random, ?>> known = new HashMap<>();

  RandomValues() {
    add(boolean.class, Boolean.class, Random::nextBoolean);
    add(byte.class, Byte.class, random -> (byte) small(random));
    add(short.class, Short.class, random -> (short) small(random));
    add(char.class, Character.class, random -> (char) ('a' + random.nextInt(5)));
    add(int.class, Integer.class, RandomValues::small);
    add(long.class, Long.class, random -> (long) small(random));
    add(float.class, Float.class, random -> small(random) / 2f);
    add(double.class, Double.class, random -> small(random) / 2d);
    add(String.class, random -> STRINGS.get(random.nextInt(STRINGS.size())));
    add(BigInteger.class, random -> BigInteger.valueOf(small(random)));
    add(BigDecimal.class, random -> BigDecimal.valueOf(small(random), 1));
    add(UUID.class, random -> new UUID(0, small(random)));
    add(Duration.class, random -> Duration.ofSeconds(small(random)));
    add(Instant.class, random -> EPOCH.plusSeconds(small(random)));
    add(LocalDate.class, random -> LocalDate.of(2026, 1, 10).plusDays(small(random)));
    add(LocalTime.class, random -> LocalTime.NOON.plusMinutes(small(random)));
    add(
        LocalDateTime.class,
        random -> LocalDateTime.of(2026, 1, 10, 12, 0).plusHours(small(random)));
  }

  private <V> void add(Class<V> primitive, Class<V> boxed, Function<Random, ? extends V> made) {
    add(primitive, made);
    add(boxed, made);
  }

  /** Makes values of that class like that from now on. */
  <V> void add(Class<V> of, Function<Random, ? extends V> made) {
    known.put(of, made);
  }

  private static int small(Random random) {
    return random.nextInt(16) == 0 ? random.nextInt(2_001) - 1_000 : random.nextInt(7) - 1;
  }

  /**
   * A value of that type.
   *
   * @param mutator whose argument it is, for the message
   * @throws IllegalArgumentException if it is not known how one is made
   */
  @Nullable Object draw(Type type, Random random, String mutator) {
    try {
      return draw(type, Map.of(), random, 0);
    } catch (Unknown e) {
      throw new IllegalArgumentException(
          "it is not known how values of "
              + e.getMessage()
              + " are made at random, which "
              + mutator
              + " takes; say how with values("
              + e.getMessage()
              + ".class, random -> …)");
    }
  }

  private Object draw(Type type, Map<TypeVariable<?>, Type> variables, Random random, int depth) {
    if (type instanceof TypeVariable<?> variable && variables.containsKey(variable)) {
      return draw(variables.get(variable), Map.of(), random, depth);
    }
    if (type instanceof WildcardType wildcard) {
      return draw(wildcard.getUpperBounds()[0], variables, random, depth);
    }
    if (type instanceof GenericArrayType array) {
      return array(array.getGenericComponentType(), variables, random, depth);
    }
    Class<?> raw = rawClass(type);
    Function<Random, ?> made = known.get(raw);
    if (made != null) {
      return made.apply(random);
    }
    if (raw.isArray()) {
      return array(raw.getComponentType(), variables, random, depth);
    }
    if (raw.isEnum()) {
      return raw.getEnumConstants()[random.nextInt(raw.getEnumConstants().length)];
    }
    Map<TypeVariable<?>, Type> bound = bound(type, raw, variables);
    if (raw.isRecord()) {
      return record(raw, bound, random, depth);
    }
    if (raw.isSealed() && Modifier.isAbstract(raw.getModifiers())) {
      Class<?>[] cases = raw.getPermittedSubclasses();
      return draw(cases[random.nextInt(cases.length)], bound, random, depth + 1);
    }
    return container(raw, arguments(type, variables), random, depth);
  }

  private static Class<?> rawClass(Type type) {
    if (type instanceof Class<?> raw) {
      return raw;
    }
    if (type instanceof ParameterizedType generic) {
      return (Class<?>) generic.getRawType();
    }
    throw new Unknown(type);
  }

  private static List<Type> arguments(Type type, Map<TypeVariable<?>, Type> variables) {
    return type instanceof ParameterizedType generic
        ? Arrays.stream(generic.getActualTypeArguments())
            .map(
                each -> each instanceof TypeVariable<?> ? variables.getOrDefault(each, each) : each)
            .toList()
        : List.of();
  }

  private static Map<TypeVariable<?>, Type> bound(
      Type type, Class<?> raw, Map<TypeVariable<?>, Type> variables) {
    List<Type> arguments = arguments(type, variables);
    Map<TypeVariable<?>, Type> bound = new HashMap<>(variables);
    for (int i = 0; i < arguments.size(); i++) {
      bound.put(raw.getTypeParameters()[i], arguments.get(i));
    }
    return bound;
  }

  private Object array(
      Type component, Map<TypeVariable<?>, Type> variables, Random random, int depth) {
    Object array = Array.newInstance(rawClass(component), length(random, depth));
    for (int i = 0; i < Array.getLength(array); i++) {
      Array.set(array, i, draw(component, variables, random, depth + 1));
    }
    return array;
  }

  private static int length(Random random, int depth) {
    return depth >= DEPTH_MAX ? 0 : random.nextInt(ELEMENTS_MAX + 1);
  }

  private Object container(Class<?> raw, List<Type> of, Random random, int depth) {
    if (of.isEmpty()) {
      throw new Unknown(raw);
    }
    if (raw == Optional.class) {
      return length(random, depth) == 0
          ? Optional.empty()
          : Optional.of(draw(of.get(0), Map.of(), random, depth + 1));
    }
    if (raw == Map.Entry.class) {
      return Map.entry(
          draw(of.get(0), Map.of(), random, depth + 1),
          draw(of.get(1), Map.of(), random, depth + 1));
    }
    if (Map.class.isAssignableFrom(raw)) {
      Map<Object, Object> map = fitting(raw, List.of(new LinkedHashMap<>(), new TreeMap<>()));
      for (int left = length(random, depth); left > 0; left--) {
        map.put(
            draw(of.get(0), Map.of(), random, depth + 1),
            draw(of.get(1), Map.of(), random, depth + 1));
      }
      return map;
    }
    Collection<Object> elements =
        fitting(
            raw,
            List.of(new ArrayList<>(), new LinkedHashSet<>(), new ArrayDeque<>(), new TreeSet<>()));
    for (int left = length(random, depth); left > 0; left--) {
      elements.add(draw(of.get(0), Map.of(), random, depth + 1));
    }
    return elements;
  }

  private static <C> C fitting(Class<?> raw, List<C> candidates) {
    return candidates.stream()
        .filter(raw::isInstance)
        .findFirst()
        .orElseThrow(() -> new Unknown(raw));
  }

  private Object record(
      Class<?> raw, Map<TypeVariable<?>, Type> variables, Random random, int depth) {
    RecordComponent[] components = raw.getRecordComponents();
    InvocationTargetException refused = null;
    for (int tries = 0; tries < RECORDS_TRIED; tries++) {
      Object[] parts =
          Arrays.stream(components)
              .map(each -> draw(each.getGenericType(), variables, random, depth + 1))
              .toArray();
      try {
        Constructor<?> canonical =
            raw.getDeclaredConstructor(
                Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new));
        canonical.setAccessible(true);
        return canonical.newInstance(parts);
      } catch (InvocationTargetException e) {
        refused = e; // by a check of its own; others may pass
      } catch (ReflectiveOperationException e) {
        throw new AssertionError(raw + " has no canonical constructor that can be called", e);
      }
    }
    throw new IllegalArgumentException(
        raw.getSimpleName()
            + " refuses what is drawn for it ("
            + (refused == null ? "" : refused.getCause())
            + "); say how one is made with values("
            + raw.getSimpleName()
            + ".class, random -> …)");
  }

  /** A type of which it is not known how values are made. */
  private static final class Unknown extends RuntimeException {

    Unknown(Type type) {
      super(type instanceof Class<?> raw ? raw.getSimpleName() : type.getTypeName());
    }
  }
}
