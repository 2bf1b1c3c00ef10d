package dev.milonga.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.milonga.annotations.Mutator;
import dev.milonga.runtime.TypeToken;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Arguments at random: of every type that is promised, and different enough. */
class RandomValuesTest {

  enum Colour {
    RED,
    GREEN
  }

  sealed interface Shape permits Circle, Square {}

  record Circle(int radius) implements Shape {}

  record Square(double side) implements Shape {}

  record Positive(int value) {
    Positive {
      if (value <= 0) {
        throw new IllegalArgumentException("value must be > 0, was " + value);
      }
    }
  }

  record Pair<A, B>(A first, List<B> second) {}

  record Node(String name, List<Node> below) {}

  private static Set<Object> drawn(TypeToken<?> type) {
    RandomValues values = new RandomValues();
    Random random = new Random(1);
    Set<Object> drawn = new LinkedHashSet<>();
    for (int i = 0; i < 300; i++) {
      drawn.add(values.draw(type.type(), random, "test"));
    }
    return drawn;
  }

  @Test
  void enumsAndSealedTypes_areDrawnInEveryCase() {
    assertThat(drawn(TypeToken.of(Colour.class))).isEqualTo(Set.of(Colour.RED, Colour.GREEN));
    assertThat(drawn(TypeToken.of(Shape.class)))
        .hasAtLeastOneElementOfType(Circle.class)
        .hasAtLeastOneElementOfType(Square.class);
  }

  @Test
  void containers_areEmptyAndFull() {
    assertThat(drawn(new TypeToken<Optional<Integer>>() {}))
        .contains(Optional.empty(), Optional.of(1));
    assertThat(drawn(new TypeToken<Map<String, Colour>>() {}))
        .contains(Map.of())
        .anySatisfy(map -> assertThat((Map<?, ?>) map).hasSize(3));
    assertThat(drawn(new TypeToken<TreeMap<String, Integer>>() {}))
        .hasOnlyElementsOfType(TreeMap.class);
    assertThat(drawn(new TypeToken<List<String>[]>() {}))
        .hasOnlyElementsOfType(List[].class)
        .anySatisfy(array -> assertThat(((Object[]) array).length).isEqualTo(3));
  }

  @Test
  void records_areMadeByWhatTheyAccept() {
    assertThat(drawn(TypeToken.of(Positive.class))).contains(new Positive(1), new Positive(5));
    assertThat(drawn(new TypeToken<Pair<Colour, Instant>>() {}))
        .anySatisfy(
            pair -> {
              assertThat(((Pair<?, ?>) pair).first()).isInstanceOf(Colour.class);
              assertThat(((Pair<?, ?>) pair).second())
                  .isNotEmpty()
                  .allMatch(Instant.class::isInstance);
            });
    assertThat(drawn(TypeToken.of(Node.class))).hasSizeGreaterThan(20);
  }

  /** A class that is no value of its own accord. */
  public static final class Weight {
    private final int grams;

    private Weight() {
      this(0);
    }

    Weight(int grams) {
      this.grams = grams;
    }
  }

  public static class Scale {
    private final Map<Colour, List<Integer>> weights = new LinkedHashMap<>();
    private BigDecimal sum = BigDecimal.ZERO;

    @Mutator
    public void weigh(Map<Colour, Weight> each, Shape shape, BigDecimal more, int[] counts) {
      each.forEach(
          (colour, weight) ->
              weights.computeIfAbsent(colour, key -> new ArrayList<>()).add(weight.grams));
      sum = sum.add(more).add(BigDecimal.valueOf(counts.length));
    }
  }

  @Test
  void typeThatIsNotKnown_isRefusedUntilTheTestSaysHow() {
    assertThatThrownBy(() -> Determinism.of(Scale.class).randomCalls(10).check())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "it is not known how values of Weight are made at random, which weigh takes; say how"
                + " with values(Weight.class, random -> …)");

    assertThatCode(
            () ->
                Determinism.of(Scale.class)
                    .values(Weight.class, random -> new Weight(random.nextInt(9)))
                    .randomCalls(100)
                    .check())
        .doesNotThrowAnyException();
  }
}
