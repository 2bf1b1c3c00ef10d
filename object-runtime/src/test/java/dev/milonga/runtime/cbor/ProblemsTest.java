package dev.milonga.runtime.cbor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.milonga.annotations.LogicalName;
import dev.milonga.runtime.TypeToken;
import java.io.InputStream;
import java.lang.reflect.Type;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.SortedSet;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Lock;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ProblemsTest {

  private final CborCodec codec = new CborCodec();

  @Test
  void everyProblemOfAType_isReportedWithItsPath() {
    List<String> problems = codec.problems(Order.class);

    assertThat(problems).hasSize(4);
    assertThat(problems)
        .anySatisfy(each -> assertThat(each).startsWith("Order.item.lock: " + Lock.class.getName()))
        .anySatisfy(
            each -> assertThat(each).startsWith("Order.items[*].lock: ").contains("transient"))
        .anySatisfy(each -> assertThat(each).startsWith("Order.byName[value]: java.lang.Object"))
        .anySatisfy(each -> assertThat(each).startsWith("Order.pets[*]: ").contains("sealed"));
  }

  record Order(Item item, List<Item2> items, Map<String, Object> byName, Pet[] pets) {}

  record Item(Lock lock) {}

  record Item2(Lock lock, Item again) {}

  interface Pet {}

  @Test
  void typesThatCannotBeCarried_sayWhatToUseInstead() {
    problem(Object.class, "declare a concrete type");
    problem(Number.class, "Long");
    problem(CharSequence.class, "use String");
    problem(StringBuilder.class, "use String");
    problem(Class.class, "enum");
    problem(new TypeToken<Class<String>>() {}.type(), "enum");
    problem(Thread.class, "one process");
    problem(InputStream.class, "byte[]");
    problem(Random.class, "Deterministic.random()");
    problem(Runnable.class, "code is not a value");
    problem(new TypeToken<Function<String, String>>() {}.type(), "code is not a value");
    problem(MyFunction.class, "code is not a value");
    problem(new TypeToken<Iterator<String>>() {}.type(), "List");
    problem(new TypeToken<Stream<String>>() {}.type(), "List");
    problem(new TypeToken<ConcurrentMap<String, String>>() {}.type(), "use Map");
    problem(Exception.class, "enum");
    problem(java.util.regex.Pattern.class, "record");
    problem(MyException.class, "inherits from java.lang.RuntimeException");
    problem(MyList.class, "declare it as Map, List or Set");
    problem(Pet.class, "sealed");
    problem(java.io.Serializable.class, "concrete type");
    problem(AbstractPet.class, "sealed");
    problem(Enum.class, "declare that enum");
  }

  @FunctionalInterface
  interface MyFunction {
    int apply(int x);
  }

  static class MyException extends RuntimeException {}

  abstract static class MyList implements Collection<String> {}

  abstract static class AbstractPet {}

  @Test
  void typesThatSayTooLittle_areProblems() {
    problem(List.class, "type arguments");
    problem(new TypeToken<List<?>>() {}.type(), "wildcard");
    problem(new TypeToken<List<? super String>>() {}.type(), "wildcard");
    problem(List.class.getTypeParameters()[0], "type variable E");
    problem(new TypeToken<Map<String, List<Object[]>>>() {}.type(), "Map[value][*][*]");
  }

  @Test
  void classesThatCannotBeMade_areProblems() {
    class Local {
      int x;
    }
    problem(Inner.class, "static class");
    problem(Local.class, "static class");
    problem(new Object() {}.getClass(), "named");
    problem(NoConstructor.class, "constructor");
    problem(TwoConstructors.class, "constructor");
    problem(Shadowing.class, "two fields");
  }

  class Inner {
    int x;
  }

  static class NoConstructor {
    int x;

    NoConstructor(String other) {}
  }

  static class TwoConstructors {
    int x;
    long y;

    TwoConstructors(int x) {}

    TwoConstructors(long y) {}
  }

  static class Shadowed extends AbstractPet {
    int x;
  }

  static class Shadowing extends Shadowed {
    int x;
  }

  @Test
  void casesOfOneName_areAProblem() {
    problem(Clashing.class, "\"same\"");
  }

  sealed interface Clashing permits First, Second {}

  @LogicalName("same")
  record First() implements Clashing {}

  @LogicalName(value = "second", aliases = "same")
  record Second() implements Clashing {}

  @Test
  void openCaseOfASealedType_isAProblem() {
    problem(HalfOpen.class, "sealed");
  }

  sealed interface HalfOpen permits Open {}

  non-sealed interface Open extends HalfOpen {}

  @Test
  void elementsWithoutNaturalOrder_areAProblemOfSortedSets() {
    problem(new TypeToken<SortedSet<Item3>>() {}.type(), "Comparable");
  }

  record Item3(int x) {}

  @Test
  void O8_hashContainersWhoseOrderDiffersFromProcessToProcess_areProblems() {
    problem(new TypeToken<HashSet<Color>>() {}.type(), "LinkedHashSet");
    problem(new TypeToken<HashMap<ColorAndSize, String>>() {}.type(), "LinkedHashMap");
    problem(new TypeToken<HashMap<Identity, String>>() {}.type(), "LinkedHashMap");
    problem(new TypeToken<HashSet<AtomicLong>>() {}.type(), "LinkedHashSet");
    problem(new TypeToken<HashSet<List<int[]>>>() {}.type(), "LinkedHashSet");

    assertThat(codec.problems(new TypeToken<HashMap<Item3, Color>>() {}.type())).isEmpty();
    assertThat(codec.problems(new TypeToken<Map<Color, Color>>() {}.type())).isEmpty();
    assertThat(codec.problems(new TypeToken<EnumMap<Color, Color>>() {}.type())).isEmpty();
  }

  enum Color {
    RED
  }

  record ColorAndSize(Optional<Color> color, int size) {}

  static class Identity {
    int x;
  }

  @Test
  void typesThatContainThemselves_areCarried() {
    assertThat(codec.problems(Tree.class)).isEmpty();
    assertThat(codec.problems(Expression.class)).isEmpty();
  }

  record Tree(List<Tree> children, Map<String, Tree> named, @Nullable Tree parent) {}

  sealed interface Expression permits Sum, Literal {}

  record Sum(Expression left, Expression right) implements Expression {}

  record Literal(int value) implements Expression {}

  @Test
  void typesThatContainEverLargerTypes_areAProblemAndNotAnEndlessLoop() {
    problem(new TypeToken<Grow<String>>() {}.type(), "ever larger");
  }

  record Grow<T>(T value, Optional<Grow<List<T>>> left, Optional<Grow<Set<T>>> right) {}

  @Test
  void tuple_refusesWhatHasProblems() {
    assertThatThrownBy(() -> codec.tuple(List.of(String.class, Object.class)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("java.lang.Object");
  }

  private void problem(Type type, String part) {
    assertThat(codec.problems(type)).singleElement().asString().contains(part);
  }
}
