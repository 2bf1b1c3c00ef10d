package dev.milonga.tests.fuzz;

import dev.milonga.annotations.LogicalName;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.MonthDay;
import java.time.OffsetDateTime;
import java.time.Period;
import java.time.Year;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Currency;
import java.util.Date;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;

/** A value of every shape that the codec carries. */
final class AllKinds {

  private AllKinds() {}

  enum Color {
    RED,
    GREEN
  }

  sealed interface Expression permits Sum, Literal {}

  @LogicalName("sum")
  record Sum(Expression left, Expression right) implements Expression {}

  record Literal(BigInteger value) implements Expression {}

  record Key(String name, char letter) implements Comparable<Key> {
    @Override
    public int compareTo(Key other) {
      int byName = name.compareTo(other.name);
      return byName != 0 ? byName : Character.compare(letter, other.letter);
    }
  }

  static final class Plain {
    String text = "as it was made";
    int number = 7;
    Plain next;
    List<String> words = List.of();
  }

  record Numbers(
      boolean flag,
      byte small,
      short less,
      int usual,
      long large,
      float light,
      double heavy,
      char letter,
      Boolean boxedFlag,
      Long boxed,
      Double floating,
      BigInteger exact,
      BigDecimal amount,
      AtomicLong counter,
      BitSet bits) {}

  record Times(
      Instant at,
      Date date,
      Duration length,
      Period period,
      LocalDate day,
      LocalTime time,
      LocalDateTime local,
      OffsetDateTime offset,
      ZonedDateTime zoned,
      Year year,
      YearMonth month,
      MonthDay birthday,
      ZoneId zone,
      ZoneOffset shift) {}

  record Names(UUID id, URI place, Currency currency, Locale language, Color color, String text) {}

  record Containers(
      List<Long> list,
      Set<String> set,
      Queue<Integer> queue,
      ArrayDeque<Integer> deque,
      TreeSet<Key> sorted,
      PriorityQueue<String> first,
      EnumSet<Color> colors,
      Map<String, Integer> named,
      HashMap<Long, String> hashed,
      SortedMap<Key, List<Key>> pairs,
      EnumMap<Color, String> painted,
      Map.Entry<String, Integer> entry,
      Optional<Key> perhaps,
      OptionalInt whole,
      OptionalLong longer,
      OptionalDouble broken,
      byte[] bytes,
      int[] ints,
      double[] doubles,
      String[] words,
      Key[][] table) {}

  static Numbers numbers() {
    BitSet bits = new BitSet();
    bits.set(70);
    return new Numbers(
        true,
        (byte) -3,
        (short) 300,
        70_000,
        -5_000_000_000L,
        1.5f,
        0.1,
        'ü',
        null,
        3L,
        Double.NaN,
        BigInteger.TEN.pow(30),
        new BigDecimal("-1.23E+77"),
        new AtomicLong(9),
        bits);
  }

  static Times times() {
    return new Times(
        Instant.ofEpochSecond(5, 7),
        new Date(5),
        Duration.ofMillis(1_234),
        Period.ofDays(3),
        LocalDate.of(2026, 11, 20),
        LocalTime.of(10, 0),
        LocalDateTime.of(2026, 11, 20, 10, 0, 1, 5),
        OffsetDateTime.parse("2026-11-20T10:00+01:00"),
        ZonedDateTime.parse("2026-11-20T10:00+01:00[Europe/Paris]"),
        Year.of(2026),
        YearMonth.of(2026, 11),
        MonthDay.of(11, 20),
        ZoneId.of("Europe/Paris"),
        ZoneOffset.ofHours(-3));
  }

  static Names names() {
    return new Names(
        new UUID(3, 4),
        URI.create("https://example.org/a?b"),
        Currency.getInstance("EUR"),
        Locale.GERMANY,
        Color.GREEN,
        "half a pair: \udc00");
  }

  static Containers containers() {
    Map<String, Integer> named = new LinkedHashMap<>();
    named.put("one", 1);
    named.put(null, null);
    EnumMap<Color, String> painted = new EnumMap<>(Color.class);
    painted.put(Color.RED, "red");
    Key key = new Key("k", 'x');
    return new Containers(
        List.of(1L, 2L),
        Set.of("s"),
        new ArrayDeque<>(List.of(1, 2)),
        new ArrayDeque<>(List.of(3)),
        new TreeSet<>(Set.of(key)),
        new PriorityQueue<>(List.of("b", "a")),
        EnumSet.of(Color.RED),
        named,
        new HashMap<>(Map.of(5L, "five")),
        new TreeMap<>(Map.of(key, List.of(key, key))),
        painted,
        Map.entry("e", 1),
        Optional.of(key),
        OptionalInt.of(1),
        OptionalLong.empty(),
        OptionalDouble.of(0.5),
        new byte[] {1, 2},
        new int[] {1, -1},
        new double[] {-0.0},
        new String[] {"w", null},
        new Key[][] {{key}, {}});
  }

  static Expression expression() {
    return new Sum(new Literal(BigInteger.TWO), new Sum(new Literal(BigInteger.ONE), null));
  }

  static Plain plain() {
    Plain plain = new Plain();
    plain.next = new Plain();
    plain.next.text = "another";
    plain.words = List.of("a", "b");
    return plain;
  }
}
