package dev.milonga.runtime.cbor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import dev.milonga.runtime.DecodingException;
import dev.milonga.runtime.EncodingException;
import dev.milonga.runtime.TupleCodec;
import dev.milonga.runtime.TypeToken;
import java.lang.management.ManagementFactory;
import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

/**
 * F15, S4: any bytes give a value or a typed error, little memory, and no class of their choice.
 */
class HostileBytesTest {

  private static final JsonMapper JSON = new JsonMapper();

  private static final List<Type> TYPES =
      List.of(
          String.class,
          int.class,
          Everything.class,
          new TypeToken<Map<Key, List<Everything>>>() {}.type(),
          new TypeToken<SortedMap<String, int[]>>() {}.type());

  sealed interface Expression permits Sum, Literal {}

  record Sum(Expression left, Expression right) implements Expression {}

  record Literal(BigInteger value) implements Expression {}

  record Key(@Nullable String name, char letter) {}

  enum Color {
    RED,
    GREEN
  }

  record Everything(
      boolean flag,
      byte small,
      @Nullable Long large,
      double weight,
      float[] floats,
      BigDecimal amount,
      Instant at,
      ZonedDateTime meeting,
      UUID id,
      Color color,
      Optional<Key> key,
      Map.Entry<String, Integer> entry,
      Expression expression,
      byte[] bytes) {}

  private final CborCodec codec = new CborCodec();
  private final TupleCodec tuple = codec.tuple(TYPES);

  private byte[] valid() {
    Everything everything =
        new Everything(
            true,
            (byte) -3,
            null,
            0.1,
            new float[] {1, Float.NaN},
            new BigDecimal("1.23E+77"),
            Instant.ofEpochSecond(5, 7),
            ZonedDateTime.parse("2026-11-20T10:00+01:00[Europe/Paris]"),
            new UUID(3, 4),
            Color.GREEN,
            Optional.of(new Key(null, '\udc00')),
            Map.entry("e", 1),
            new Sum(new Literal(BigInteger.TEN.pow(30)), new Literal(BigInteger.ONE)),
            new byte[] {1, 2});
    Map<Key, List<Everything>> map = new LinkedHashMap<>();
    map.put(new Key("k", 'x'), List.of(everything, everything));
    return tuple.encode(
        "text ü", 7, everything, map, new TreeMap<>(Map.of("a", new int[] {1, -1})));
  }

  @Property(tries = 10_000)
  void F15_mutatedBytes_giveAValueOrATypedError(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 6) int mutations) {
    byte[] bytes = mutate(valid(), new Random(seed), mutations);

    decodeOrRefuse(bytes);
  }

  @Property(tries = 10_000)
  void F15_anyBytes_giveAValueOrATypedError(@ForAll @Size(max = 60) byte[] bytes) {
    decodeOrRefuse(bytes);
  }

  private void decodeOrRefuse(byte[] bytes) {
    try {
      Object[] values = tuple.decode(bytes);
      // What is accepted can be written and read again.
      byte[] again = tuple.encode(values);
      assertThat(tuple.encode(tuple.decode(again))).isEqualTo(again);
    } catch (DecodingException e) {
      assertThat(e).hasMessageContaining("cannot be decoded");
    }
    try {
      assertThat(JSON.readTree(codec.toJson(bytes)).isArray()).isTrue();
    } catch (DecodingException e) {
      assertThat(e).hasMessageContaining("cannot be shown");
    }
  }

  private static byte[] mutate(byte[] bytes, Random random, int mutations) {
    byte[] mutated = bytes;
    for (int i = 0; i < mutations && mutated.length > 0; i++) {
      int at = random.nextInt(mutated.length);
      switch (random.nextInt(4)) {
        case 0 -> mutated[at] = (byte) random.nextInt();
        case 1 -> mutated[at] ^= (byte) (1 << random.nextInt(8));
        case 2 -> mutated = Arrays.copyOf(mutated, at);
        default -> {
          int length = random.nextInt(mutated.length - at);
          System.arraycopy(bytes, 0, mutated, at, Math.min(length, bytes.length));
        }
      }
    }
    return mutated;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "817b7fffffffffffffff", // text of 2^63 - 1 bytes
        "817bffffffffffffffff",
        "817a7fffffff61",
        "815a7fffffff61", // binary
        "819b7fffffffffffffff01", // an array
        "819b0000000100000000", // 2^32 elements, which is 0 in 32 bits
        "819bffffffffffffffff01ff", // 2^64 - 1, which is -1: of open size
        "9a7fffffff",
        "81bb7fffffffffffffff", // a map
        "81c25a7ffffff0ff", // an integer
        "815a7fffffff" + "00000000000000000000", // 16 bytes that announce 2^31 - 1
        "817a7fffffff" + "00000000000000000000",
        "819a7fffffff" + "00000000000000000000",
        "81ba7fffffff" + "60006000600060006000",
        "81c25a7fffffff" + "000000000000000000",
        "81a15a7fffffff" + "000000000000000000", // in the place of a name
        "81a17a7fffffff" + "000000000000000000",
        "815a0003d090" + "00000000000000000000", // 250,000: what Jackson would allocate
        "81c25a0003d090" + "000000000000000000",
        "81a161785a0003d090" + "00000000000000", // in a field that is skipped
        "81c4823b7fffffffffffffff01" // a decimal
      })
  void F15_announcedLengths_areNotBelieved(String hex) {
    byte[] bytes = HexFormat.of().parseHex(hex);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    for (Type type :
        List.of(
            String.class,
            byte[].class,
            int[].class,
            BigDecimal.class,
            BigInteger.class,
            Nest.class,
            new TypeToken<Map<String, String>>() {}.type())) {
      refuse(type, bytes); // loads the classes

      long before = threads.getCurrentThreadAllocatedBytes();
      refuse(type, bytes);

      assertThat(threads.getCurrentThreadAllocatedBytes() - before)
          .as(type.getTypeName())
          .isLessThan(64 << 10);
    }
  }

  private void refuse(Type type, byte[] bytes) {
    assertThatThrownBy(() -> codec.tuple(List.of(type)).decode(bytes))
        .isInstanceOf(DecodingException.class);
  }

  @Test
  void F15_longText_takesNoMoreThanTwiceItsBytes() {
    byte[] encoded = codec.tuple(List.of(String.class)).encode("x".repeat(4 << 20));
    TupleCodec strings = codec.tuple(List.of(String.class));
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    strings.decode(encoded);

    long before = threads.getCurrentThreadAllocatedBytes();
    strings.decode(encoded);

    assertThat(threads.getCurrentThreadAllocatedBytes() - before)
        .isLessThan(2L * encoded.length + (64 << 10));
  }

  record Nest(List<Nest> inner) {}

  @Test
  void F15_deepNesting_isRefusedWithoutOverflow() {
    byte[] arrays = new byte[100_000];
    Arrays.fill(arrays, (byte) 0x81);
    byte[] unknown = HexFormat.of().parseHex("81a16178" + "81".repeat(100_000));
    byte[] tags = HexFormat.of().parseHex("81a16178" + "c1".repeat(100_000));
    TupleCodec nests = codec.tuple(List.of(Nest.class));

    assertThatThrownBy(() -> nests.decode(arrays)).isInstanceOf(DecodingException.class);
    assertThatThrownBy(() -> nests.decode(unknown)).hasMessageContaining("nested deeper than 500");
    assertThatThrownBy(() -> nests.decode(tags)).hasMessageContaining("tag 1, which");
    assertThatThrownBy(() -> codec.toJson(arrays)).hasMessageContaining("nested deeper than 500");
  }

  @Test
  void F15_textThatIsNotUtf8_isRefused() {
    TupleCodec strings = codec.tuple(List.of(String.class));
    for (String hex : List.of("8161ff", "8162c080", "8163eda080", "8162c3", "8162efbf")) {
      assertThatThrownBy(() -> strings.decode(HexFormat.of().parseHex(hex)))
          .isInstanceOf(DecodingException.class);
    }
    assertThat(strings.decode(HexFormat.of().parseHex("8163efbfbd"))).containsExactly("\ufffd");
    TupleCodec maps = codec.tuple(List.of(new TypeToken<Map<String, String>>() {}.type()));
    for (String hex : List.of("81a161fff6", "81a162c080f6", "81a163eda080f6", "81a164f8808080f6")) {
      assertThatThrownBy(() -> maps.decode(HexFormat.of().parseHex(hex)))
          .isInstanceOf(DecodingException.class)
          .hasMessageContaining("UTF-8");
    }
    assertThat(maps.decode(HexFormat.of().parseHex("81a163efbfbdf6")))
        .containsExactly(Collections.singletonMap("\ufffd", null));
  }

  @Test
  void F15_formsThatAreNotWritten_areRefused() {
    for (String hex :
        List.of(
            "817f6161ff", // text in pieces
            "815f4161ff",
            "81f7", // undefined
            "81f0",
            "81f93c00", // 16 bits of floating point
            "81d9010081d81900", // references to strings
            "81c241ff", // -1 to Jackson, 255 to RFC 8949
            "81c601",
            "81ff",
            "81bf6161ff",
            "8181",
            "81d82501")) {
      assertThatThrownBy(() -> codec.toJson(HexFormat.of().parseHex(hex)))
          .as(hex)
          .isInstanceOf(DecodingException.class)
          .hasMessageContaining("(byte ");
    }
  }

  record Level(@Nullable Level inner, @Nullable BigDecimal amount) {}

  @Test
  void deepestValueThatIsWritten_isReadAndShown() {
    TupleCodec levels = codec.tuple(List.of(Level.class));
    Level deepest = new Level(null, new BigDecimal("1.5"));
    for (int i = 2; i < 500; i++) { // the tuple is a level as well
      deepest = new Level(deepest, null);
    }
    Level tooDeep = new Level(deepest, null);

    byte[] encoded = levels.encode(deepest);

    assertThat(levels.decode(encoded)).containsExactly(deepest);
    assertThat(codec.toJson(encoded)).contains("1.5");
    assertThatThrownBy(() -> levels.encode(tooDeep))
        .isInstanceOf(EncodingException.class)
        .hasMessageContaining("nested deeper than 500");
  }

  @Test
  void S4_classNamedInThePayload_isNeverLoaded() {
    String canary = getClass().getName() + "$Canary";
    Map<String, String> payload = new LinkedHashMap<>();
    for (String property : List.of("@class", "@type", "@c", "class", "type", "javaClass", "")) {
      payload.put(property, canary);
    }
    byte[] encoded =
        codec.tuple(List.of(new TypeToken<Map<String, String>>() {}.type())).encode(payload);
    byte[] asCase =
        codec
            .tuple(List.of(new TypeToken<Map<String, String>>() {}.type()))
            .encode(Map.of(canary, canary));
    byte[] asText = codec.tuple(List.of(String.class)).encode(canary);

    for (Type type :
        List.of(Plain.class, Key.class, Expression.class, Color.class, Nest.class, UUID.class)) {
      for (byte[] bytes : List.of(encoded, asCase, asText)) {
        try {
          codec.tuple(List.of(type)).decode(bytes);
        } catch (DecodingException e) {
          assertThat(e).hasMessageContaining("value 1 of 1");
        }
      }
    }
    codec.toJson(encoded);

    assertThat(System.getProperty("canary")).isNull();
  }

  static class Plain {
    String name = "n";
  }

  /** Says so when its class is initialized. */
  static final class Canary {
    static {
      System.setProperty("canary", "sang");
    }
  }

  /** Another one: a class is initialized only once. */
  static final class LoadedCanary {
    static {
      System.setProperty("canary.loaded", "sang");
    }
  }

  @Test
  void S4_canary_singsWhenItIsLoaded() throws Exception {
    Class.forName(getClass().getName() + "$LoadedCanary");

    assertThat(System.getProperty("canary.loaded")).isEqualTo("sang");
    System.clearProperty("canary.loaded");
  }
}
