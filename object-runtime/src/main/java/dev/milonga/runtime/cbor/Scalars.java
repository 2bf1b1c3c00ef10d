package dev.milonga.runtime.cbor;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.nio.ByteBuffer;
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
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.Currency;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * The shapes of all values without parts: primitives and their boxes, text, numbers, time, names.
 */
final class Scalars {

  private static final String SECONDS = Integer.toString(Cbor.TIME_SECONDS);
  private static final String NANOS = Integer.toString(Cbor.TIME_NANOS);

  private static final Map<Class<?>, Shape> BY_CLASS = all();

  private Scalars() {}

  /** The shape of that class, if it is a scalar. */
  static Optional<Shape> shapeOf(Class<?> type) {
    return Optional.ofNullable(BY_CLASS.get(type));
  }

  private static Map<Class<?>, Shape> all() {
    List<Shape> shapes = new ArrayList<>();
    shapes.addAll(boxes());
    shapes.addAll(numbers());
    shapes.addAll(times());
    shapes.addAll(names());
    shapes.addAll(holders());
    shapes.addAll(opaque());
    Map<Class<?>, Shape> byClass = new HashMap<>();
    shapes.forEach(shape -> byClass.put(shape.type(), shape));
    byClass.put(boolean.class, new Shape.Primitive(byClass.get(Boolean.class), false));
    byClass.put(byte.class, new Shape.Primitive(byClass.get(Byte.class), (byte) 0));
    byClass.put(short.class, new Shape.Primitive(byClass.get(Short.class), (short) 0));
    byClass.put(char.class, new Shape.Primitive(byClass.get(Character.class), (char) 0));
    byClass.put(int.class, new Shape.Primitive(byClass.get(Integer.class), 0));
    byClass.put(long.class, new Shape.Primitive(byClass.get(Long.class), 0L));
    byClass.put(float.class, new Shape.Primitive(byClass.get(Float.class), 0f));
    byClass.put(double.class, new Shape.Primitive(byClass.get(Double.class), 0d));
    byClass.put(void.class, byClass.get(Void.class));
    return Collections.unmodifiableMap(byClass);
  }

  private static List<Shape> opaque() {
    return List.of(
        new OpaqueShape<>(OpaqueKey.class, OpaqueKey::encoded, OpaqueKey::new),
        new OpaqueShape<>(OpaqueValue.class, OpaqueValue::encoded, OpaqueValue::new));
  }

  private static List<Shape> boxes() {
    return List.of(
        ScalarShape.of(Boolean.class, CborWriter::writeBoolean, CborReader::readBoolean),
        ScalarShape.of(
            Byte.class,
            (out, value) -> out.writeInt(value),
            in -> (byte) in.readLong(Byte.MIN_VALUE, Byte.MAX_VALUE)),
        ScalarShape.of(
            Short.class,
            (out, value) -> out.writeInt(value),
            in -> (short) in.readLong(Short.MIN_VALUE, Short.MAX_VALUE)),
        ScalarShape.of(
            Integer.class,
            (out, value) -> out.writeInt(value),
            in -> (int) in.readLong(Integer.MIN_VALUE, Integer.MAX_VALUE)),
        ScalarShape.of(Long.class, CborWriter::writeInt, CborReader::readLong),
        // As keys, 0.0 and -0.0 are one: == takes them for equal.
        ScalarShape.of(
            Float.class,
            (out, value) -> out.writeFloat(out.canonical() ? value + 0f : value),
            CborReader::readFloat),
        ScalarShape.of(
            Double.class,
            (out, value) -> out.writeDouble(out.canonical() ? value + 0d : value),
            CborReader::readDouble),
        ScalarShape.of(
            Character.class, (out, value) -> out.writeText(value.toString()), Scalars::readChar),
        new TextShape(),
        ScalarShape.of(byte[].class, CborWriter::writeBytes, CborReader::readBytes),
        ScalarShape.of(
            Void.class,
            (out, value) -> {
              throw new AssertionError("a value of type Void");
            },
            in -> {
              throw in.expected("null");
            }));
  }

  private static List<Shape> numbers() {
    return List.of(
        ScalarShape.ofExactly(
            BigInteger.class, CborWriter::writeBigInteger, CborReader::readBigInteger),
        ScalarShape.ofExactly(BigDecimal.class, Scalars::writeDecimal, CborReader::readDecimal));
  }

  private static List<Shape> times() {
    return List.of(
        ScalarShape.of(Instant.class, Scalars::writeInstant, Scalars::readInstant),
        ScalarShape.ofExactly(
            Date.class,
            (out, value) -> out.writeInt(value.getTime()),
            in -> new Date(in.readLong())),
        ScalarShape.asText(Duration.class, Duration::toString, Duration::parse),
        ScalarShape.asText(Period.class, Period::toString, Period::parse),
        ScalarShape.asText(LocalDate.class, LocalDate::toString, LocalDate::parse),
        ScalarShape.asText(LocalTime.class, LocalTime::toString, LocalTime::parse),
        ScalarShape.asText(LocalDateTime.class, LocalDateTime::toString, LocalDateTime::parse),
        ScalarShape.asText(OffsetTime.class, OffsetTime::toString, OffsetTime::parse),
        ScalarShape.asText(OffsetDateTime.class, OffsetDateTime::toString, OffsetDateTime::parse),
        ScalarShape.asText(ZonedDateTime.class, ZonedDateTime::toString, ZonedDateTime::parse),
        ScalarShape.asText(YearMonth.class, Scalars::printYearMonth, YearMonth::parse),
        ScalarShape.asText(MonthDay.class, MonthDay::toString, MonthDay::parse),
        ScalarShape.of(
            Year.class,
            (out, value) -> out.writeInt(value.getValue()),
            in -> Year.of((int) in.readLong(Year.MIN_VALUE, Year.MAX_VALUE))),
        ScalarShape.asText(ZoneOffset.class, ZoneOffset::getId, ZoneOffset::of),
        ScalarShape.asText(ZoneId.class, ZoneId::getId, ZoneId::of));
  }

  private static List<Shape> names() {
    return List.of(
        ScalarShape.of(UUID.class, Scalars::writeUuid, Scalars::readUuid),
        // As keys, URIs are one if they differ in case alone: equals ignores that in some parts.
        ScalarShape.of(
            URI.class,
            (out, value) ->
                out.writeText(
                    out.canonical() ? value.toString().toLowerCase(Locale.ROOT) : value.toString()),
            in -> ScalarShape.parse(in, URI.class, URI::create)),
        ScalarShape.asText(Currency.class, Currency::getCurrencyCode, Currency::getInstance),
        ScalarShape.asText(Locale.class, Scalars::printLocale, Locale::forLanguageTag));
  }

  private static List<Shape> holders() {
    return List.of(
        ScalarShape.ofExactly(
            OptionalInt.class,
            (out, value) -> {
              out.startArray(value.isPresent() ? 1 : 0);
              value.ifPresent(out::writeInt);
              out.endArray();
            },
            in ->
                readOptional(
                    in,
                    OptionalInt.empty(),
                    () -> OptionalInt.of((int) in.readLong(Integer.MIN_VALUE, Integer.MAX_VALUE)))),
        ScalarShape.ofExactly(
            OptionalLong.class,
            (out, value) -> {
              out.startArray(value.isPresent() ? 1 : 0);
              value.ifPresent(out::writeInt);
              out.endArray();
            },
            in -> readOptional(in, OptionalLong.empty(), () -> OptionalLong.of(in.readLong()))),
        ScalarShape.ofExactly(
            OptionalDouble.class,
            (out, value) -> {
              out.startArray(value.isPresent() ? 1 : 0);
              value.ifPresent(present -> out.writeDouble(out.canonical() ? present + 0d : present));
              out.endArray();
            },
            in ->
                readOptional(in, OptionalDouble.empty(), () -> OptionalDouble.of(in.readDouble()))),
        ScalarShape.ofExactly(
            AtomicBoolean.class,
            (out, value) -> out.writeBoolean(value.get()),
            in -> new AtomicBoolean(in.readBoolean())),
        ScalarShape.ofExactly(
            AtomicInteger.class,
            (out, value) -> out.writeInt(value.get()),
            in -> new AtomicInteger((int) in.readLong(Integer.MIN_VALUE, Integer.MAX_VALUE))),
        ScalarShape.ofExactly(
            AtomicLong.class,
            (out, value) -> out.writeInt(value.get()),
            in -> new AtomicLong(in.readLong())),
        ScalarShape.ofExactly(
            BitSet.class,
            (out, value) -> out.writeBytes(value.toByteArray()),
            in -> BitSet.valueOf(in.readBytes())));
  }

  private static <T> T readOptional(CborReader in, T empty, Supplier<T> present) {
    in.enterArray();
    if (!in.nextItem()) {
      return empty;
    }
    T value = present.get();
    in.requireArrayEnd();
    return value;
  }

  private static char readChar(CborReader in) {
    String text = in.readText();
    if (text.length() != 1) {
      throw new Failure("text of " + text.length() + " characters, where one was expected");
    }
    return text.charAt(0);
  }

  // As keys, 1.0 and 1.00 are one: compareTo takes them for equal.
  private static void writeDecimal(CborWriter out, BigDecimal value) {
    out.writeDecimal(out.canonical() ? value.stripTrailingZeros() : value);
  }

  private static void writeInstant(CborWriter out, Instant value) {
    out.writeTag(Cbor.TAG_TIME);
    out.startMap(2);
    out.writeName(Cbor.TIME_SECONDS);
    out.writeInt(value.getEpochSecond());
    out.writeName(Cbor.TIME_NANOS);
    out.writeInt(value.getNano());
    out.endMap();
  }

  static Instant readInstant(CborReader in) {
    if (in.tag() != Cbor.TAG_TIME) {
      throw in.expected("an instant");
    }
    in.enterMap();
    if (SECONDS.equals(in.nextName())) {
      long seconds = in.readLong(Instant.MIN.getEpochSecond(), Instant.MAX.getEpochSecond());
      if (NANOS.equals(in.nextName())) {
        Instant instant = Instant.ofEpochSecond(seconds, in.readLong(0, 999_999_999));
        if (in.nextName() == null) {
          return instant;
        }
      }
    }
    throw new Failure("an instant is a map of seconds and nanoseconds");
  }

  private static void writeUuid(CborWriter out, UUID value) {
    out.writeTag(Cbor.TAG_UUID);
    out.writeBytes(
        ByteBuffer.allocate(16)
            .putLong(value.getMostSignificantBits())
            .putLong(value.getLeastSignificantBits())
            .array());
  }

  static UUID readUuid(CborReader in) {
    if (in.tag() != Cbor.TAG_UUID) {
      throw in.expected("a UUID");
    }
    byte[] bytes = in.readBytes();
    if (bytes.length != 16) {
      throw new Failure("a UUID has 16 bytes, not " + bytes.length);
    }
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    return new UUID(buffer.getLong(), buffer.getLong());
  }

  // Java prints years above 9999 without the sign that it demands when it parses them.
  private static String printYearMonth(YearMonth value) {
    return (value.getYear() > 9999 ? "+" : "") + value;
  }

  private static String printLocale(Locale value) {
    String tag = value.toLanguageTag();
    if (!Locale.forLanguageTag(tag).equals(value)) {
      throw new Failure(
          "the locale " + value + " has no language tag; build it with Locale.Builder");
    }
    return tag;
  }
}
