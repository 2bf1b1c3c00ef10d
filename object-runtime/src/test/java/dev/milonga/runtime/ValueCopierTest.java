package dev.milonga.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.milonga.runtime.cbor.CborCodec;
import java.lang.reflect.Type;
import java.util.AbstractMap.SimpleEntry;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ValueCopierTest {

  private static final Codec CODEC = new CborCodec();

  record Point(int x, int y) {}

  record Bag(List<String> items) {}

  @Test
  void O5_mutableValue_isCopiedAllTheWayDown() {
    Bag bag = new Bag(new ArrayList<>(List.of("a")));

    Bag copy = (Bag) Objects.requireNonNull(ValueCopier.of(Bag.class, CODEC).copy(bag));
    bag.items().add("b");

    assertThat(copy.items()).containsExactly("a");
  }

  @Test
  void O5_returnedEntry_doesNotWriteThrough() {
    Type type = new TypeToken<Map.Entry<String, Integer>>() {}.type();
    SimpleEntry<String, @Nullable Integer> entry = new SimpleEntry<>("a", null);

    Map.Entry<?, ?> copy =
        (Map.Entry<?, ?>) Objects.requireNonNull(ValueCopier.of(type, CODEC).copy(entry));
    entry.setValue(1);

    assertThat(copy.getValue()).isNull();
  }

  @Test
  void immutableValue_passesAsItIs() {
    Point point = new Point(1, 2);

    assertThat(ValueCopier.of(Point.class, CODEC).copy(point)).isSameAs(point);
    assertThat(ValueCopier.of(int.class, CODEC).isIdentity()).isTrue();
    assertThat(ValueCopier.ofResult(void.class, CODEC, false).copy(null)).isNull();
    assertThat(ValueCopier.of(Bag.class, CODEC).copy(null)).isNull();
  }

  @Test
  void O5_iteratorOfAVersionedClass_copiesElementsAndCannotRemove() {
    Type type = new TypeToken<Iterator<Bag>>() {}.type();
    List<Bag> state = new ArrayList<>(List.of(new Bag(new ArrayList<>(List.of("a")))));
    ValueCopier copier = ValueCopier.ofResult(type, CODEC, true);

    Iterator<?> iterator = (Iterator<?>) Objects.requireNonNull(copier.copy(state.iterator()));
    Object drawn = iterator.next();

    assertThat(drawn).isEqualTo(state.get(0)).isNotSameAs(state.get(0));
    assertThatThrownBy(iterator::remove).isInstanceOf(UnsupportedOperationException.class);
    assertThat(iterator).isExhausted();
  }

  @Test
  void O5_streamOfAVersionedClass_copiesElementsAsTheyAreDrawn() {
    List<@Nullable Bag> state = Arrays.asList(new Bag(new ArrayList<>(List.of("a"))), null);
    ValueCopier copier = ValueCopier.ofResult(new TypeToken<Stream<Bag>>() {}.type(), CODEC, true);

    List<?> drawn = ((Stream<?>) Objects.requireNonNull(copier.copy(state.stream()))).toList();

    assertThat(drawn).isEqualTo(state);
    assertThat(drawn.get(0)).isNotSameAs(state.get(0));
  }

  @Test
  void iteratorElementsThatAreImmutable_passAsTheyAre() {
    Point point = new Point(1, 2);
    ValueCopier copier =
        ValueCopier.ofResult(new TypeToken<Iterator<Point>>() {}.type(), CODEC, true);

    Iterator<?> copy = (Iterator<?>) Objects.requireNonNull(copier.copy(List.of(point).iterator()));

    assertThat(copy.next()).isSameAs(point);
  }

  @Test
  void resultsThatCannotBeCopied_areProblems() {
    Type iterator = new TypeToken<Iterator<String>>() {}.type();

    assertThat(ValueCopier.resultProblems(iterator, CODEC, true)).isEmpty();
    assertThat(ValueCopier.resultProblems(IntStream.class, CODEC, true)).isEmpty();
    assertThat(ValueCopier.resultProblems(void.class, CODEC, false)).isEmpty();
    problem(iterator, false, "Versioned");
    problem(IntStream.class, false, "Versioned");
    problem(Iterator.class, true, "type of its elements");
    problem(new TypeToken<Stream<Iterator<String>>>() {}.type(), true, "Versioned");
    problem(new TypeToken<Iterator<Object>>() {}.type(), true, "java.lang.Object");
    problem(new TypeToken<Function<String, String>>() {}.type(), true, "code");
    assertThatThrownBy(() -> ValueCopier.ofResult(iterator, CODEC, false))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static void problem(Type type, boolean versioned, String part) {
    assertThat(ValueCopier.resultProblems(type, CODEC, versioned))
        .singleElement()
        .asString()
        .contains(part);
  }
}
