package dev.milonga.runtime.cbor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.annotation.JsonAlias;
import dev.milonga.annotations.LogicalName;
import dev.milonga.runtime.DecodingException;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** O6: what was written by another version of a class is still read. */
class EvolutionTest {

  private final CborCodec codec = new CborCodec();

  record OrderV1(String id, int count) {}

  record OrderV2(
      long weight, String id, int count, @Nullable String note, Optional<String> tag, int[] more) {}

  record OrderV3(@JsonAlias("id") String name) {}

  @Test
  void O6_recordGainsFields_theyAreNullZeroOrEmpty() {
    OrderV2 read = (OrderV2) reread(OrderV1.class, new OrderV1("a", 2), OrderV2.class);

    assertThat(read).isEqualTo(new OrderV2(0, "a", 2, null, Optional.empty(), read.more()));
    assertThat(read.more()).isNull();
  }

  @Test
  void O6_recordLosesFields_theyAreIgnored() {
    OrderV2 old = new OrderV2(5, "a", 2, "n", Optional.of("t"), new int[] {1, 2});

    assertThat(reread(OrderV2.class, old, OrderV1.class)).isEqualTo(new OrderV1("a", 2));
  }

  @Test
  void O6_fieldIsRenamedWithAnAlias() {
    assertThat(reread(OrderV1.class, new OrderV1("a", 2), OrderV3.class))
        .isEqualTo(new OrderV3("a"));
  }

  static class PlainV1 {
    String name = "n";
  }

  static class PlainV2 {
    String name = "n";
    List<String> tags = new ArrayList<>(List.of("default"));
    @Nullable Optional<String> note;
  }

  @Test
  void O6_plainClassGainsFields_theyAreAsTheConstructorMakesThem() {
    PlainV1 old = new PlainV1();
    old.name = "other";

    PlainV2 read = (PlainV2) reread(PlainV1.class, old, PlainV2.class);

    assertThat(read.name).isEqualTo("other");
    assertThat(read.tags).containsExactly("default");
    assertThat(read.note).isEmpty();
  }

  sealed interface ShapeV1 permits Circle {}

  @LogicalName("circle")
  record Circle(int r) implements ShapeV1 {}

  sealed interface ShapeV2 permits Round {}

  @LogicalName(value = "round", aliases = "circle")
  record Round(int r) implements ShapeV2 {}

  @Test
  void O6_caseIsRenamedWithAnAlias() {
    assertThat(reread(ShapeV1.class, new Circle(1), ShapeV2.class)).isEqualTo(new Round(1));
  }

  enum ColorV1 {
    RED,
    BLUE
  }

  enum ColorV2 {
    @JsonAlias("RED")
    CRIMSON
  }

  @Test
  void O6_constantIsRenamedWithAnAlias_unknownOnesAreNamed() {
    assertThat(reread(ColorV1.class, ColorV1.RED, ColorV2.class)).isEqualTo(ColorV2.CRIMSON);

    assertThatThrownBy(() -> reread(ColorV1.class, ColorV1.BLUE, ColorV2.class))
        .isInstanceOf(DecodingException.class)
        .hasMessageContainingAll("ColorV2", "\"BLUE\"", "value 1 of 1");
  }

  @Test
  void O6_numberTypeIsWidened() {
    assertThat(reread(int.class, 7, long.class)).isEqualTo(7L);
    assertThat(reread(int.class, 7, double.class)).isEqualTo(7.0);
    assertThat(reread(float.class, 0.5f, double.class)).isEqualTo(0.5);
    assertThatThrownBy(() -> reread(long.class, 1L << 40, int.class))
        .isInstanceOf(DecodingException.class)
        .hasMessageContaining("out of range");
  }

  @Test
  void O6_tupleGainsValuesAtItsEnd() {
    byte[] old = codec.tuple(List.of(String.class)).encode("a");
    List<Type> types = List.of(String.class, String.class, int.class, Optional.class);

    Object[] read = codec.tuple(types.subList(0, 3)).decode(old);

    assertThat(read).containsExactly("a", null, 0);
  }

  @Test
  void O6_tupleOfMoreValuesThanDeclared_isRefused() {
    byte[] encoded = codec.tuple(List.of(int.class, int.class)).encode(1, 2);

    assertThatThrownBy(() -> codec.tuple(List.of(int.class)).decode(encoded))
        .isInstanceOf(DecodingException.class)
        .hasMessageContaining("more values");
  }

  @Test
  void O6_fieldOfAnotherType_isRefusedWithItsPlace() {
    record Changed(String id, String count) {}

    assertThatThrownBy(() -> reread(OrderV1.class, new OrderV1("a", 2), Changed.class))
        .isInstanceOf(DecodingException.class)
        .hasMessageContainingAll("value 1 of 1.count", "text was expected, found an integer");
  }

  record Positive(int value) {
    Positive {
      if (value < 1) {
        throw new IllegalArgumentException("value must be >= 1, was " + value);
      }
    }
  }

  record Any(int value) {}

  @Test
  void O6_recordThatHasBecomeStricter_saysSo() {
    assertThatThrownBy(() -> reread(Any.class, new Any(0), Positive.class))
        .isInstanceOf(DecodingException.class)
        .hasMessageContaining("value must be >= 1, was 0")
        .hasCauseInstanceOf(IllegalArgumentException.class);
  }

  private @Nullable Object reread(Type writtenAs, @Nullable Object value, Type readAs) {
    byte[] encoded = codec.tuple(List.of(writtenAs)).encode(value);
    return codec.tuple(List.of(readAs)).decode(encoded)[0];
  }
}
