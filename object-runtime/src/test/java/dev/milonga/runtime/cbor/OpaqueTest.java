package dev.milonga.runtime.cbor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.milonga.runtime.TupleCodec;
import dev.milonga.runtime.TypeToken;
import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class OpaqueTest {

  record Order(String id, List<Integer> lines) {}

  private final CborCodec codec = new CborCodec();
  private final TupleCodec orders = codec.tuple(List.of(Order.class));

  @Test
  void opaqueValue_isWrittenAndShownAsItWas() {
    byte[] encoded = orders.encode(new Order("o-1", List.of(1, 2)));

    for (Type opaque : List.of(OpaqueKey.class, OpaqueValue.class)) {
      TupleCodec tuple = codec.tuple(List.of(opaque));
      byte[] again = tuple.encode(tuple.decode(encoded));

      assertThat(again).isEqualTo(encoded);
      assertThat(codec.toJson(again)).isEqualTo("[{\"id\":\"o-1\",\"lines\":[1,2]}]");
    }
  }

  @Test
  void opaqueValueOfEveryKind_isWrittenAsItWas() {
    List<Type> types =
        List.of(
            String.class,
            byte[].class,
            BigDecimal.class,
            Instant.class,
            UUID.class,
            new TypeToken<Set<String>>() {}.type(),
            new TypeToken<Map<String, String>>() {}.type(),
            int.class);
    byte[] encoded =
        codec
            .tuple(types)
            .encode(
                "ü".repeat(300),
                new byte[] {1, 2},
                new BigDecimal("1.5"),
                Instant.EPOCH,
                new UUID(1, 2),
                Set.of("last"),
                Map.of("a", "last"),
                7);
    TupleCodec opaque = codec.tuple(Collections.nCopies(types.size(), OpaqueValue.class));

    assertThat(opaque.encode(opaque.decode(encoded))).isEqualTo(encoded);
  }

  enum Color {
    RED
  }

  @Test
  void keyInAMap_isEqualToTheSameKeyAlone() {
    byte[] map =
        codec
            .tuple(List.of(new TypeToken<Map<Color, Integer>>() {}.type()))
            .encode(Map.of(Color.RED, 1));
    byte[] key = codec.tuple(List.of(Color.class)).encode(Color.RED);

    Object opaque = codec.tuple(List.of(OpaqueKey.class)).decode(key)[0];

    assertThat(codec.tuple(List.of(new TypeToken<Map<OpaqueKey, Integer>>() {}.type())).decode(map))
        .containsExactly(Map.of(opaque, 1));
  }

  @Test
  void equality_isToldOnlyWhereTheBytesTellIt() {
    Order one = new Order("o-1", List.of(1));
    Order other = new Order("o-2", List.of(1));

    assertThat(opaque(OpaqueKey.class, one))
        .isEqualTo(opaque(OpaqueKey.class, one))
        .hasSameHashCodeAs(opaque(OpaqueKey.class, one))
        .isNotEqualTo(opaque(OpaqueKey.class, other));
    Object value = opaque(OpaqueValue.class, one);
    assertThat(value.equals(opaque(OpaqueValue.class, one))).isTrue();
    assertThatThrownBy(() -> value.equals(opaque(OpaqueValue.class, other)))
        .isInstanceOf(NoClassDefFoundError.class);
    assertThatThrownBy(value::hashCode).isInstanceOf(NoClassDefFoundError.class);
  }

  @Test
  void order_isToldOnlyForEqualKeys() {
    OpaqueKey one = (OpaqueKey) opaque(OpaqueKey.class, new Order("o-1", List.of()));
    OpaqueKey same = (OpaqueKey) opaque(OpaqueKey.class, new Order("o-1", List.of()));
    OpaqueKey other = (OpaqueKey) opaque(OpaqueKey.class, new Order("o-2", List.of()));

    assertThat(one.compareTo(same)).isZero();
    assertThatThrownBy(() -> one.compareTo(other)).isInstanceOf(NoClassDefFoundError.class);
  }

  private Object opaque(Type type, Order order) {
    Object value = codec.tuple(List.of(type)).decode(orders.encode(order))[0];
    assertThat(value).isNotNull();
    return value;
  }
}
