package dev.milonga.runtime.cbor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.milonga.annotations.LogicalName;
import dev.milonga.runtime.DecodingException;
import dev.milonga.runtime.TypeToken;
import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.dataformat.cbor.CBORMapper;

/** What is written: it is kept in logs for ever, and others can read it. */
class FormatTest {

  private static final Type TREES = new TypeToken<Map<String, List<Tree>>>() {}.type();

  private final CborCodec codec = new CborCodec();
  private final CBORMapper jacksonCbor = new CBORMapper();
  private final JsonMapper jacksonJson = new JsonMapper();

  @Test
  void id_isPermanent() {
    assertThat(codec.id()).isEqualTo(1);
  }

  @Test
  void bytes_areWhatTheyHaveEverBeen() {
    assertBytes("8101", int.class, 1);
    assertBytes("813a00010000", long.class, -65537L);
    assertBytes("8163c3bc21", String.class, "ü!");
    assertBytes("8142d800", String.class, "\ud800");
    assertBytes("81f6", String.class, null);
    assertBytes("81420aff", byte[].class, new byte[] {10, -1});
    assertBytes("81fb8000000000000000", double.class, -0.0);
    assertBytes("81fa3f000000", float.class, 0.5f);
    assertBytes("81c4822118c8", BigDecimal.class, new BigDecimal("2.00"));
    assertBytes("81c2490100000000000000" + "00", BigInteger.class, BigInteger.ONE.shiftLeft(64));
    assertBytes("81c349010000000000000000", BigInteger.class, BigInteger.ONE.shiftLeft(64).not());
    assertBytes(
        "81d903e9a20101281a00000002".replace("1a00000002", "02"),
        Instant.class,
        Instant.ofEpochSecond(1, 2));
    assertBytes("816a323032362d31312d3230", LocalDate.class, LocalDate.of(2026, 11, 20));
    assertBytes("81d825500000000000000001" + "0000000000000002", UUID.class, new UUID(1, 2));
    assertBytes("818101", new TypeToken<Optional<Integer>>() {}.type(), Optional.of(1));
    assertBytes(
        "819f01f6ff", new TypeToken<List<Integer>>() {}.type(), java.util.Arrays.asList(1, null));
    assertBytes("81bf616b20ff", new TypeToken<Map<String, Integer>>() {}.type(), Map.of("k", -1));
    assertBytes("819f8220616bff", new TypeToken<Map<Integer, String>>() {}.type(), Map.of(-1, "k"));
    assertBytes(
        "819f8242d80001ff", new TypeToken<Map<String, Integer>>() {}.type(), Map.of("\ud800", 1));
    assertBytes("81a2617801617902", Point.class, new Point(1, 2));
    assertBytes("81a165706f696e74a2617801617902", Place.class, new Point(1, 2));
  }

  @Test
  void bytesOfLargeAndOddValues_areWhatTheyHaveEverBeen() {
    assertBytes("811a" + "80000000", long.class, 1L << 31);
    assertBytes("813b7fffffffffffffff", long.class, Long.MIN_VALUE);
    assertBytes("81fb7ff8000000000000", double.class, Double.longBitsToDouble(-1));
    assertBytes("81fa7fc00000", float.class, Float.intBitsToFloat(-1));
    assertBytes(
        "81c4821a7fffffff01", BigDecimal.class, new BigDecimal(BigInteger.ONE, -Integer.MAX_VALUE));
    assertBytes("81c482001b7fffffffffffffff", BigDecimal.class, BigDecimal.valueOf(Long.MAX_VALUE));
    assertBytes(
        "81c48220c249008000000000000000",
        BigDecimal.class,
        new BigDecimal(BigInteger.ONE.shiftLeft(63), 1));
    // Text of any length is in one piece, as a value and as a key.
    assertBytes("81791388" + "61".repeat(5_000), String.class, "a".repeat(5_000));
    assertBytes(
        "81bf791388" + "61".repeat(5_000) + "f6ff",
        new TypeToken<Map<String, String>>() {}.type(),
        Collections.singletonMap("a".repeat(5_000), null));
  }

  @Test
  void bytesOfConflictKeys_areWhatTheyHaveEverBeen() {
    assertKey("61" + "61", String.class, "a");
    assertKey("42dc00", String.class, "\udc00");
    assertKey("f6", String.class, null);
    assertKey("190100", long.class, 256L);
    assertKey("fb0000000000000000", double.class, -0.0);
    assertKey("c4822003", BigDecimal.class, new BigDecimal("0.300"));
    assertKey("a2617801617902", Point.class, new Point(1, 2));
    assertKey("9f010203ff", new TypeToken<Set<Integer>>() {}.type(), Set.of(3, 1, 2));
    assertKey(
        "9f826161018261" + "6202ff",
        new TypeToken<Map<String, Integer>>() {}.type(),
        Map.of("b", 2, "a", 1));
  }

  private void assertKey(String hex, Type type, @Nullable Object key) {
    assertThat(HexFormat.of().formatHex(codec.keys(type).encode(key))).isEqualTo(hex);
  }

  sealed interface Place permits Point {}

  @LogicalName("point")
  record Point(int x, int y) implements Place {}

  private void assertBytes(String hex, Type type, @Nullable Object value) {
    byte[] bytes = HexFormat.of().parseHex(hex);

    assertThat(HexFormat.of().formatHex(codec.tuple(List.of(type)).encode(value))).isEqualTo(hex);
    assertThat(codec.tuple(List.of(type)).decode(bytes)[0]).isEqualTo(value);
  }

  record Tree(
      String name,
      boolean leaf,
      int count,
      @Nullable Long size,
      double weight,
      Map<String, Tree> children) {}

  @Provide
  Arbitrary<Map<String, List<Tree>>> trees() {
    return Arbitraries.maps(texts(), tree(3).list().ofMaxSize(3)).ofMaxSize(3);
  }

  private static Arbitrary<Tree> tree(int depth) {
    Arbitrary<Map<String, Tree>> children =
        depth == 0
            ? Arbitraries.just(Map.of())
            : Arbitraries.maps(texts(), Arbitraries.lazy(() -> tree(depth - 1))).ofMaxSize(2);
    return net.jqwik.api.Combinators.combine(
            texts(),
            Arbitraries.of(true, false),
            Arbitraries.integers(),
            Arbitraries.longs().injectNull(0.2),
            Arbitraries.doubles(),
            children)
        .as(Tree::new);
  }

  private static Arbitrary<String> texts() {
    return Arbitraries.strings().withChars("aZ?\"\\\n\0é世\uffff").ofMaxLength(30);
  }

  @Property(tries = 300)
  void theTreeReaderOfJackson_readsTheSame(@ForAll("trees") Map<String, List<Tree>> trees) {
    byte[] encoded = codec.tuple(List.of(TREES)).encode(trees);

    assertThat(jacksonCbor.readTree(encoded).toString())
        .isEqualTo(jacksonJson.readTree(codec.toJson(encoded)).toString());
    assertThat(codec.tuple(List.of(TREES)).decode(encoded)[0]).isEqualTo(trees);
  }

  record Everything(
      String text,
      BigDecimal amount,
      Instant at,
      UUID id,
      byte[] bytes,
      Optional<Integer> maybe,
      double number,
      Map<Point, List<Place>> places) {}

  @Test
  void toJson_showsValuesWithoutTheirClasses() {
    Map<Point, List<Place>> places = new LinkedHashMap<>();
    places.put(new Point(1, 2), List.of(new Point(3, 4)));
    Everything value =
        new Everything(
            "a \"b\"\n",
            new BigDecimal("1.50"),
            Instant.parse("2026-11-20T10:00:00.5Z"),
            new UUID(1, 2),
            new byte[] {1, 2, 3},
            Optional.empty(),
            Double.NaN,
            places);

    String json = codec.toJson(codec.tuple(List.of(int.class, Everything.class)).encode(7, value));

    assertThat(json)
        .isEqualTo(
            "[7,{\"text\":\"a \\\"b\\\"\\n\",\"amount\":1.50,\"at\":\"2026-11-20T10:00:00.500Z\","
                + "\"id\":\"00000000-0000-0001-0000-000000000002\",\"bytes\":\"AQID\",\"maybe\":[],"
                + "\"number\":\"NaN\","
                + "\"places\":[[{\"x\":1,\"y\":2},[{\"point\":{\"x\":3,\"y\":4}}]]]}]");
  }

  @Test
  void toJson_ofHugeNumbers_takesNoTime() {
    byte[] encoded =
        codec
            .tuple(List.of(BigInteger.class, BigDecimal.class))
            .encode(
                BigInteger.ONE.shiftLeft(50_000_000),
                new BigDecimal(BigInteger.ONE, -2_000_000_000));

    assertThat(codec.toJson(encoded)).startsWith("[\"0x01000").endsWith("0\",1E+2000000000]");
  }

  @Test
  void toJson_ofAMapWithKeysThatAreNoText_isRefused() {
    assertThatThrownBy(() -> codec.toJson(HexFormat.of().parseHex("81a1f6f6")))
        .isInstanceOf(DecodingException.class)
        .hasMessageContaining("no text");
  }

  @Test
  void toJson_ofWhatIsNoTuple_isRefused() {
    assertThatThrownBy(() -> codec.toJson(new byte[] {1})).isInstanceOf(DecodingException.class);
    assertThatThrownBy(() -> codec.toJson(new byte[0])).isInstanceOf(DecodingException.class);
    assertThatThrownBy(() -> codec.toJson(new byte[] {(byte) 0x80, 0}))
        .isInstanceOf(DecodingException.class)
        .hasMessageContaining("1 bytes follow");
  }
}
