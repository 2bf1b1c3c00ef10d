package dev.milonga.runtime.cbor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.milonga.annotations.LogicalName;
import dev.milonga.runtime.TupleCodec;
import dev.milonga.runtime.TypeToken;
import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.MonthDay;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.Period;
import java.time.Year;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.AbstractMap.SimpleEntry;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collection;
import java.util.Currency;
import java.util.Date;
import java.util.Deque;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.LinkedList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** O3: what arrives equals what was passed, for every kind of value. */
class RoundTripTest {

  private final CborCodec codec = new CborCodec();

  record Case(TypeToken<?> type, @Nullable Object value) {
    @Override
    public String toString() {
      return type + (value == null ? " null" : "");
    }
  }

  private static <T> Case value(TypeToken<T> type, @Nullable T value) {
    return new Case(type, value);
  }

  private static <T> Case value(Class<T> type, @Nullable T value) {
    return new Case(TypeToken.of(type), value);
  }

  static List<Case> values() {
    List<Case> all = new ArrayList<>();
    for (Class<?> scalar :
        List.of(String.class, Integer.class, BigDecimal.class, Color.class, Order.class)) {
      all.add(new Case(TypeToken.of(scalar), null));
    }
    for (long each : new long[] {0, 23, 24, -24, -25, 255, 256, 65_535, 65_536, -65_537}) {
      all.add(value(Integer.class, (int) each));
      all.add(value(Long.class, each));
      all.add(value(Long.class, each << 32));
      all.add(value(BigInteger.class, BigInteger.valueOf(each)));
    }
    all.addAll(
        List.of(
            value(Boolean.class, true),
            value(Boolean.class, false),
            value(Byte.class, Byte.MIN_VALUE),
            value(Short.class, Short.MAX_VALUE),
            value(Integer.class, Integer.MIN_VALUE),
            value(Integer.class, Integer.MAX_VALUE),
            value(Long.class, Long.MIN_VALUE),
            value(Long.class, Long.MAX_VALUE),
            value(Character.class, 'a'),
            value(Character.class, '\0'),
            value(Character.class, '\ud800'),
            value(Character.class, '\uffff'),
            value(Float.class, -0.0f),
            value(Float.class, Float.NaN),
            value(Float.class, Float.MIN_VALUE),
            value(Double.class, -0.0),
            value(Double.class, Double.NaN),
            value(Double.class, Double.POSITIVE_INFINITY),
            value(Double.class, Double.NEGATIVE_INFINITY),
            value(Double.class, Double.MIN_VALUE),
            value(Double.class, 0.1),
            value(String.class, ""),
            value(String.class, "?"),
            value(String.class, "Grüße, 世界 🎉\0\t\"\\"),
            value(String.class, "\uffff\ufffe\ufffd"),
            value(String.class, "half a pair \ud83c?"),
            value(String.class, "\udc00\ud800"),
            value(String.class, "ü".repeat(70_000)),
            value(Color.class, Color.GREEN),
            value(DayOfWeek.class, DayOfWeek.FRIDAY)));
    all.addAll(
        List.of(
            value(BigInteger.class, BigInteger.ONE.shiftLeft(63)),
            value(BigInteger.class, BigInteger.ONE.shiftLeft(63).negate()),
            value(BigInteger.class, BigInteger.TEN.pow(1_000).negate()),
            value(BigDecimal.class, new BigDecimal("1.00")),
            value(BigDecimal.class, new BigDecimal("-0.0000000000000000000001")),
            value(BigDecimal.class, new BigDecimal(BigInteger.ONE, Integer.MIN_VALUE)),
            value(BigDecimal.class, new BigDecimal(BigInteger.TEN.pow(99), Integer.MAX_VALUE)),
            value(UUID.class, new UUID(-1, 1)),
            value(URI.class, URI.create("HTTP://example.org/a%2Fb?q=ü#f")),
            value(Locale.class, Locale.forLanguageTag("sr-Latn-RS")),
            value(Currency.class, Currency.getInstance("EUR")),
            value(Instant.class, Instant.MIN),
            value(Instant.class, Instant.MAX),
            value(Instant.class, Instant.ofEpochSecond(-1, 999_999_999)),
            value(Date.class, new Date(-1)),
            value(Duration.class, Duration.ofSeconds(Long.MIN_VALUE)),
            value(Duration.class, Duration.ofSeconds(Long.MAX_VALUE, 999_999_999)),
            value(Duration.class, Duration.ofSeconds(-1, 1)),
            value(Period.class, Period.of(-1, 2, Integer.MIN_VALUE)),
            value(LocalDate.class, LocalDate.MIN),
            value(LocalDate.class, LocalDate.MAX),
            value(LocalTime.class, LocalTime.MAX),
            value(LocalDateTime.class, LocalDateTime.MAX),
            value(LocalDateTime.class, LocalDateTime.MIN),
            value(OffsetTime.class, OffsetTime.MIN),
            value(OffsetDateTime.class, OffsetDateTime.MAX),
            value(Year.class, Year.of(-44)),
            value(YearMonth.class, YearMonth.of(10_000, 2)),
            value(YearMonth.class, YearMonth.of(-5, 2)),
            value(MonthDay.class, MonthDay.of(2, 29)),
            value(ZoneOffset.class, ZoneOffset.ofHoursMinutesSeconds(-1, -2, -3)),
            value(ZoneId.class, ZoneId.of("Europe/Paris")),
            value(ZoneId.class, ZoneOffset.UTC)));
    LocalDateTime twice = LocalDateTime.of(2025, 10, 26, 2, 30, 0, 1);
    for (ZoneId zone :
        List.of(ZoneId.of("Europe/Paris"), ZoneId.of("UTC"), ZoneOffset.UTC, ZoneId.of("GMT+2"))) {
      all.add(value(ZonedDateTime.class, twice.atZone(zone)));
      all.add(value(ZonedDateTime.class, twice.atZone(zone).withLaterOffsetAtOverlap()));
    }
    all.addAll(containers());
    all.addAll(objects());
    return all;
  }

  private static List<Case> containers() {
    return List.of(
        value(new TypeToken<Optional<String>>() {}, Optional.empty()),
        value(new TypeToken<Optional<String>>() {}, null),
        value(new TypeToken<Optional<Optional<String>>>() {}, Optional.of(Optional.empty())),
        value(new TypeToken<Optional<Optional<String>>>() {}, Optional.of(Optional.of(""))),
        value(OptionalInt.class, OptionalInt.of(-1)),
        value(OptionalLong.class, OptionalLong.empty()),
        value(OptionalDouble.class, OptionalDouble.of(-0.0)),
        value(BitSet.class, BitSet.valueOf(new long[] {5, 0, 9})),
        value(new TypeToken<List<String>>() {}, List.of()),
        value(new TypeToken<List<String>>() {}, Arrays.asList("a", null, "")),
        value(new TypeToken<List<? extends Order>>() {}, List.of(Order.sample())),
        value(new TypeToken<Collection<Long>>() {}, new ArrayList<>(List.of(1L, 1L))),
        value(new TypeToken<LinkedList<Long>>() {}, new LinkedList<>(List.of(1L, 1L))),
        value(new TypeToken<Set<String>>() {}, set("z", null, "a")),
        value(new TypeToken<HashSet<String>>() {}, new HashSet<>(List.of("z", "a"))),
        value(new TypeToken<SortedSet<String>>() {}, new TreeSet<>(List.of("z", "a"))),
        value(new TypeToken<EnumSet<Color>>() {}, EnumSet.of(Color.GREEN, Color.RED)),
        value(new TypeToken<EnumMap<Color, Integer>>() {}, new EnumMap<>(Map.of(Color.GREEN, 1))),
        value(new TypeToken<Map<String, Integer>>() {}, map("z", 1, null, null, "a", 2)),
        value(new TypeToken<HashMap<Integer, String>>() {}, new HashMap<>(Map.of(-1, "x"))),
        value(
            new TypeToken<ConcurrentHashMap<Integer, String>>() {},
            new ConcurrentHashMap<>(Map.of(-1, "x"))),
        value(new TypeToken<Map<Double, Integer>>() {}, map(Double.NaN, 1, -0.0, 2, 0.0, 3)),
        value(new TypeToken<Map<Color, String>>() {}, map(Color.RED, "r")),
        value(new TypeToken<Map<Point, List<Point>>>() {}, map(new Point(1, 2), List.of())),
        value(new TypeToken<Map<String, String>>() {}, map("\ud800", "\udc00")),
        value(
            new TypeToken<SortedMap<LocalDate, BigDecimal>>() {},
            new TreeMap<>(Map.of(LocalDate.EPOCH, BigDecimal.ONE))),
        value(new TypeToken<Map.Entry<String, Integer>>() {}, new SimpleEntry<>("a", null)),
        value(
            new TypeToken<List<Map<String, Order>>>() {},
            List.of(Map.of(), Map.of("a", Order.sample()))));
  }

  private static List<Case> objects() {
    return List.of(
        value(Point.class, new Point(-1, 1)),
        value(Nothing.class, new Nothing()),
        value(Order.class, Order.sample()),
        value(new TypeToken<Box<List<Point>>>() {}, new Box<>(List.of(new Point(0, 0)))),
        value(new TypeToken<Box<String>>() {}, new Box<>(null)),
        value(Shape2.class, new Circle(1.5)),
        value(Shape2.class, new Square(2)),
        value(Shape2.class, Unit.ONE),
        value(Shape2.class, Unit.TWO),
        value(new TypeToken<List<Shape2>>() {}, List.of(new Circle(1), Unit.TWO)),
        value(Circle.class, new Circle(3)),
        value(new TypeToken<Result<Point>>() {}, new Ok<>(new Point(1, 1))),
        value(new TypeToken<Result<Point>>() {}, new Failed<>("no")),
        value(Tree.class, new Tree(1, List.of(new Tree(2, List.of()), new Tree(3, List.of())))),
        value(Parent.class, new Parent("p")),
        value(Parent.class, new Child("p", 7)),
        value(Account.class, new Account("id", 5).deposit(37)),
        value(Temperature.class, Temperature.ofCelsius(21.5)),
        value(Derived.class, new Derived()));
  }

  @ParameterizedTest
  @MethodSource("values")
  void O3_whatArrives_equalsWhatWasPassed(Case given) {
    TupleCodec tuple = codec.tuple(List.of(given.type().type()));

    Object arrived = tuple.decode(tuple.encode(given.value()))[0];

    assertThat(arrived).isEqualTo(given.value());
    if (given.value() != null && !(given.value() instanceof Collection)) {
      assertThat(arrived).hasSameHashCodeAs(given.value());
    }
    if (arrived instanceof Collection<?> elements) {
      assertThat(elements.toArray()).isEqualTo(((Collection<?>) given.value()).toArray());
    }
    if (arrived instanceof Map<?, ?> map) {
      assertThat(new ArrayList<Object>(map.keySet()))
          .isEqualTo(new ArrayList<>(((Map<?, ?>) given.value()).keySet()));
    }
    assertThat(tuple.encode(arrived)).isEqualTo(tuple.encode(given.value()));
  }

  @Test
  void primitivesAndArrays_arriveAsTheyWere() {
    Object[] values = {
      true,
      (byte) -1,
      (short) 2,
      'c',
      -3,
      4L,
      0.5f,
      -0.0,
      new byte[] {0, -1},
      new int[][] {{1}, {}, null},
      new char[] {'a', '\ud800'},
      new String[] {"x", null},
      new double[0],
      new List<?>[] {List.of("a")}
    };
    List<Type> types =
        List.of(
            boolean.class,
            byte.class,
            short.class,
            char.class,
            int.class,
            long.class,
            float.class,
            double.class,
            byte[].class,
            int[][].class,
            char[].class,
            String[].class,
            double[].class,
            new TypeToken<List<String>[]>() {}.type());

    TupleCodec tuple = codec.tuple(types);
    Object[] arrived = tuple.decode(tuple.encode(values));

    assertThat(Arrays.deepEquals(arrived, values)).isTrue();
    assertThat(arrived[9]).isInstanceOf(int[][].class);
  }

  @Test
  void emptyArrays_areFreshlyMade() {
    TupleCodec tuple = codec.tuple(List.of(byte[].class, byte[].class, int[].class, int[].class));

    Object[] arrived = tuple.decode(tuple.encode(new byte[0], new byte[0], new int[0], new int[0]));

    assertThat(arrived[0]).isEqualTo(new byte[0]).isNotSameAs(arrived[1]);
    assertThat(arrived[2]).isEqualTo(new int[0]).isNotSameAs(arrived[3]);
  }

  @Test
  void declaredInterfaces_arriveInClassesThatKeepTheOrder() {
    assertThat(roundTrip(new TypeToken<Iterable<String>>() {}, List.of("b", "a")))
        .isInstanceOf(ArrayList.class);
    assertThat(roundTrip(new TypeToken<Set<Integer>>() {}, set(9, 8, 7)))
        .isInstanceOf(LinkedHashSet.class);
    assertThat(roundTrip(new TypeToken<Map<Integer, Integer>>() {}, map(9, 8, 7, 6)))
        .isInstanceOf(LinkedHashMap.class);
    assertThat(roundTrip(new TypeToken<Deque<Integer>>() {}, new ArrayDeque<>(List.of(1, 2))))
        .isInstanceOf(ArrayDeque.class);
  }

  @Test
  void queuesAndHolders_whichHaveNoEquals_arriveWithTheSameContents() {
    Queue<Integer> queue =
        roundTrip(new TypeToken<Queue<Integer>>() {}, new ArrayDeque<>(List.of(3, 1, 2)));
    PriorityQueue<Integer> heap =
        roundTrip(
            new TypeToken<PriorityQueue<Integer>>() {}, new PriorityQueue<>(List.of(3, 1, 2)));
    AtomicLong atomic = roundTrip(TypeToken.of(AtomicLong.class), new AtomicLong(7));

    assertThat(queue).containsExactly(3, 1, 2);
    assertThat(heap.poll()).isEqualTo(1);
    assertThat(heap.poll()).isEqualTo(2);
    assertThat(atomic).hasValue(7);
  }

  @Test
  void entry_arrivesImmutable() {
    Map.Entry<String, Integer> entry =
        roundTrip(new TypeToken<Map.Entry<String, Integer>>() {}, new SimpleEntry<>("a", 1));

    assertThatThrownBy(() -> entry.setValue(2)).isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void constructorThatDoesMoreThanStore_changesNothing() {
    Account account = new Account("id", 5).deposit(37);

    Account arrived = roundTrip(TypeToken.of(Account.class), account);

    // Its constructor starts the balance anew and counts openings.
    assertThat(arrived.balance).isEqualTo(account.balance);
    assertThat(arrived.history).isEqualTo(account.history);
  }

  @Test
  void transientAndIgnoredFields_stayBehind() {
    Derived given = new Derived();
    given.cache = "cached";
    given.ignored = "ignored";

    Derived arrived = roundTrip(TypeToken.of(Derived.class), given);

    assertThat(arrived.cache).isEqualTo("made");
    assertThat(arrived.ignored).isNull();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 255, 256, 70_000})
  void largeCollections_keepTheirOrder(int size) {
    List<Integer> list = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      list.add(i * 31);
    }

    assertThat(roundTrip(new TypeToken<List<Integer>>() {}, list)).isEqualTo(list);
  }

  @Test
  void sameValueTwice_givesTheSameBytes() {
    TupleCodec tuple =
        codec.tuple(List.of(Order.class, new TypeToken<Map<Point, Shape2>>() {}.type()));
    Object map = map(new Point(1, 2), new Circle(1));

    assertThat(tuple.encode(Order.sample(), map)).isEqualTo(tuple.encode(Order.sample(), map));
  }

  @SuppressWarnings("unchecked")
  private <T> T roundTrip(TypeToken<T> type, T value) {
    TupleCodec tuple = codec.tuple(List.of(type.type()));
    return (T) Objects.requireNonNull(tuple.decode(tuple.encode(value))[0]);
  }

  @SuppressWarnings("unchecked")
  private static <T> Set<T> set(@Nullable Object... elements) {
    return (Set<T>) new LinkedHashSet<>(Arrays.asList(elements));
  }

  @SuppressWarnings("unchecked")
  private static <K, V> Map<K, V> map(@Nullable Object... keysAndValues) {
    Map<K, V> map = new LinkedHashMap<>();
    for (int i = 0; i < keysAndValues.length; i += 2) {
      map.put((K) keysAndValues[i], (V) keysAndValues[i + 1]);
    }
    return map;
  }

  enum Color {
    RED,
    GREEN {
      @Override
      int rank() {
        return 2;
      }
    };

    int rank() {
      return 1;
    }
  }

  record Point(int x, int y) {}

  record Nothing() {}

  record Box<T>(@Nullable T content) {}

  record Order(
      String id,
      long cents,
      @Nullable Color color,
      Optional<String> note,
      List<Point> points,
      Map<String, Map<Integer, Point>> nested,
      @Nullable Order parent) {

    static Order sample() {
      Order parent = new Order("p", -1, null, Optional.empty(), List.of(), Map.of(), null);
      return new Order(
          "o",
          Long.MAX_VALUE,
          Color.GREEN,
          Optional.of("n"),
          List.of(new Point(1, 2)),
          Map.of("a", Map.of(1, new Point(3, 4))),
          parent);
    }
  }

  sealed interface Shape2 permits Circle, Rectangular, Unit {}

  record Circle(double radius) implements Shape2 {}

  sealed interface Rectangular extends Shape2 permits Square {}

  @LogicalName("quadrat")
  record Square(int side) implements Rectangular {}

  enum Unit implements Shape2 {
    ONE,
    TWO {}
  }

  sealed interface Result<T> permits Ok, Failed {}

  record Ok<A>(A value) implements Result<A> {}

  record Failed<X>(String why) implements Result<X> {}

  record Tree(int value, List<Tree> children) {}

  /** A class that is a case of itself. */
  static sealed class Parent permits Child {
    final String name;

    Parent(String name) {
      this.name = name;
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other != null && other.getClass() == getClass() && ((Parent) other).name.equals(name);
    }

    @Override
    public int hashCode() {
      return name.hashCode();
    }
  }

  static final class Child extends Parent {
    final int extra;

    Child(String name, int extra) {
      super(name);
      this.extra = extra;
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return super.equals(other) && ((Child) other).extra == extra;
    }

    @Override
    public int hashCode() {
      return 31 * super.hashCode() + extra;
    }
  }

  /** A class whose constructor computes, and whose fields are final. */
  static final class Account {
    private final String id;
    private final List<String> history;
    private long balance;

    Account(String id, long balance) {
      this.id = id + "";
      this.balance = balance * 100;
      this.history = new ArrayList<>(List.of("opened"));
    }

    Account deposit(long amount) {
      balance += amount;
      history.add("deposit " + amount);
      return this;
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Account that
          && id.equals(that.id)
          && balance == that.balance
          && history.equals(that.history);
    }

    @Override
    public int hashCode() {
      return Objects.hash(id, balance, history);
    }
  }

  /** A class that is made by a factory method. */
  static final class Temperature {
    @JsonProperty("c")
    private final double celsius;

    private Temperature(double celsius, boolean unused) {
      this.celsius = celsius;
    }

    @JsonCreator
    static Temperature ofCelsius(@JsonProperty("c") double celsius) {
      return new Temperature(celsius, true);
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Temperature that && celsius == that.celsius;
    }

    @Override
    public int hashCode() {
      return Double.hashCode(celsius);
    }
  }

  static class Base {
    private int hidden = 3;
  }

  /** A class with inherited private state, made by its constructor without parameters. */
  static class Derived extends Base {
    private String name = "d";
    private transient String cache = "made";
    @JsonIgnore private @Nullable String ignored;

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Derived that
          && name.equals(that.name)
          && ((Base) this).hidden == ((Base) that).hidden;
    }

    @Override
    public int hashCode() {
      return name.hashCode() + ((Base) this).hidden;
    }
  }
}
