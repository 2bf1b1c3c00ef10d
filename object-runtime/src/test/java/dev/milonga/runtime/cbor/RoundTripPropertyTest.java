package dev.milonga.runtime.cbor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milonga.runtime.TupleCodec;
import dev.milonga.runtime.TypeToken;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.BigRange;

/** O3: values of every kind, at random. */
class RoundTripPropertyTest {

  private final CborCodec codec = new CborCodec();
  private final TupleCodec strings = codec.tuple(List.of(String.class));
  private final TupleCodec maps =
      codec.tuple(List.of(new TypeToken<Map<String, List<String>>>() {}.type()));

  /** Any sequence of UTF-16 code units, with many surrogates, paired and not. */
  @Provide
  Arbitrary<String> utf16() {
    Arbitrary<Character> units =
        Arbitraries.frequencyOf(
            net.jqwik.api.Tuple.of(3, Arbitraries.chars().range('\0', '\uffff')),
            net.jqwik.api.Tuple.of(3, Arbitraries.chars().range(' ', '~')),
            net.jqwik.api.Tuple.of(2, Arbitraries.chars().range('\ud800', '\udbff')),
            net.jqwik.api.Tuple.of(2, Arbitraries.chars().range('\udc00', '\udfff')),
            net.jqwik.api.Tuple.of(1, Arbitraries.of('?', '\ufffd', '\uffff', '\0')));
    return units.list().ofMaxSize(40).map(RoundTripPropertyTest::join);
  }

  private static String join(List<Character> units) {
    StringBuilder text = new StringBuilder();
    units.forEach(text::append);
    return text.toString();
  }

  @Property(tries = 5_000)
  void O3_anyString_arrivesAsItWas(@ForAll("utf16") String text) {
    assertThat(strings.decode(strings.encode(text))).containsExactly(text);
  }

  @Property(tries = 500)
  void O3_anyStringAsKeyAndElement_arrivesAsItWas(
      @ForAll("utf16") String key, @ForAll("utf16") String element) {
    Map<String, List<String>> map = Map.of(key, List.of(element, key));

    assertThat(maps.decode(maps.encode(map))).containsExactly(map);
  }

  @Property
  void O3_numbers_arriveBitByBit(
      @ForAll double number,
      @ForAll float small,
      @ForAll long whole,
      @ForAll @BigRange(min = "-1e40", max = "1e40") BigDecimal decimal,
      @ForAll BigInteger big) {
    TupleCodec tuple =
        codec.tuple(
            List.of(double.class, float.class, long.class, BigDecimal.class, BigInteger.class));

    assertThat(tuple.decode(tuple.encode(number, small, whole, decimal, big)))
        .containsExactly(number, small, whole, decimal, big);
  }

  @Property
  void O3_times_arriveToTheNanosecond(
      @ForAll("instants") Instant instant, @ForAll("zones") ZoneId zone, @ForAll long seconds) {
    TupleCodec tuple =
        codec.tuple(List.of(Instant.class, ZonedDateTime.class, Duration.class, ZoneId.class));
    ZonedDateTime zoned = instant.atZone(zone);
    Duration duration = Duration.ofSeconds(seconds, instant.getNano());

    assertThat(tuple.decode(tuple.encode(instant, zoned, duration, zone)))
        .containsExactly(instant, zoned, duration, zone);
  }

  @Provide
  Arbitrary<Instant> instants() {
    return Arbitraries.longs()
        .between(-100_000_000_000L, 100_000_000_000L)
        .flatMap(
            seconds ->
                Arbitraries.integers()
                    .between(0, 999_999_999)
                    .map(nanos -> Instant.ofEpochSecond(seconds, nanos)));
  }

  @Provide
  Arbitrary<ZoneId> zones() {
    return Arbitraries.of(ZoneId.getAvailableZoneIds()).map(ZoneId::of);
  }
}
