package dev.milonga.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class DeepImmutabilityTest {

  record Point(int x, @Nullable String name) {}

  record Box<T>(T content) {}

  record Chain(int value, Optional<Chain> next) {}

  record Tainted(int value, Optional<Tainted> next, List<String> list) {}

  record Grow<T>(T value, Optional<Grow<Optional<T>>> next) {}

  sealed interface Shape permits Circle, Unit {}

  record Circle(double r) implements Shape {}

  enum Unit implements Shape {
    ONE
  }

  sealed interface Leaky permits Circle2, Open {}

  record Circle2(double r) implements Leaky {}

  static non-sealed class Open implements Leaky {}

  sealed interface Result<T> permits Ok {}

  record Ok<A>(A value) implements Result<A> {}

  static final class Money {
    private final long cents = 1;
    private static int made;
  }

  static final class Counter {
    private int count;
  }

  static class Extensible {
    private final long cents = 1;
  }

  static List<Type> immutable() {
    return List.of(
        int.class,
        void.class,
        Integer.class,
        String.class,
        BigDecimal.class,
        UUID.class,
        Instant.class,
        ZoneId.class,
        DayOfWeek.class,
        Point.class,
        Chain.class,
        Shape.class,
        Money.class,
        new TypeToken<Box<String>>() {}.type(),
        new TypeToken<Box<? extends Point>>() {}.type(),
        new TypeToken<Optional<Box<Shape>>>() {}.type(),
        new TypeToken<Result<Point>>() {}.type());
  }

  static List<Type> mutable() {
    return List.of(
        int[].class,
        Object.class,
        Number.class,
        List.class,
        Date.class,
        AtomicInteger.class,
        Optional.class,
        Box.class,
        Tainted.class,
        Leaky.class,
        Counter.class,
        Extensible.class,
        new TypeToken<Grow<String>>() {}.type(),
        new TypeToken<List<String>>() {}.type(),
        new TypeToken<Map.Entry<String, String>>() {}.type(),
        new TypeToken<Box<List<String>>>() {}.type(),
        new TypeToken<Box<int[]>>() {}.type(),
        new TypeToken<Optional<Date>>() {}.type(),
        new TypeToken<Result<Date>>() {}.type(),
        Box.class.getTypeParameters()[0]);
  }

  @ParameterizedTest
  @MethodSource("immutable")
  void typesWhoseValuesNeverChange_areDeeplyImmutable(Type type) {
    assertThat(DeepImmutability.of(type)).isTrue();
  }

  @ParameterizedTest
  @MethodSource("mutable")
  void allOtherTypes_areNot(Type type) {
    assertThat(DeepImmutability.of(type)).isFalse();
  }
}
