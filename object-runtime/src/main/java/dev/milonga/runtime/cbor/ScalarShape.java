package dev.milonga.runtime.cbor;

import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Values without parts, each written by a function of the writer and read by one of the reader. */
final class ScalarShape<T> extends Shape {

  private final Class<T> type;
  private final boolean exactClass;
  private final Writing<T> writing;
  private final Function<CborReader, T> reading;

  private ScalarShape(
      Class<T> type, boolean exactClass, Writing<T> writing, Function<CborReader, T> reading) {
    super(type);
    this.type = type;
    this.exactClass = exactClass;
    this.writing = writing;
    this.reading = reading;
  }

  /** Values of a class whose subclasses, if there are any, have no state of their own. */
  static <T> ScalarShape<T> of(Class<T> type, Writing<T> writing, Function<CborReader, T> reading) {
    return new ScalarShape<>(type, false, writing, reading);
  }

  /** Values of that class alone: instances of subclasses are refused. */
  static <T> ScalarShape<T> ofExactly(
      Class<T> type, Writing<T> writing, Function<CborReader, T> reading) {
    return new ScalarShape<>(type, true, writing, reading);
  }

  /** Values written as the text that {@code parse} makes an equal value of. */
  static <T> ScalarShape<T> asText(
      Class<T> type, Function<T, String> print, Function<String, T> parse) {
    return of(
        type, (out, value) -> out.writeText(print.apply(value)), in -> parse(in, type, parse));
  }

  /** What {@code parser} makes of the text that is read. */
  static <T> T parse(CborReader in, Class<T> type, Function<String, T> parser) {
    String text = in.readText();
    try {
      return parser.apply(text);
    } catch (RuntimeException e) {
      throw new Failure("text that is no " + type.getSimpleName(), e);
    }
  }

  @Override
  void writeValue(CborWriter out, Object value) {
    if (exactClass) {
      requireClass(type, value);
    }
    writing.write(out, type.cast(value));
  }

  @Override
  @Nullable Object readValue(CborReader in) {
    return reading.apply(in);
  }

  /** Writes a value that is not null. */
  interface Writing<T> {
    void write(CborWriter out, T value);
  }
}
