package dev.milonga.runtime.cbor;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How values of one declared type are written and read. The same shape does both, so that what is
 * read equals what was written. Immutable once compiled.
 */
abstract class Shape {

  // Immutable, and carried to the last bit, which numbers with a point are not if they are none.
  private static final Set<Class<?>> KEPT =
      Set.of(
          String.class,
          Boolean.class,
          Byte.class,
          Short.class,
          Integer.class,
          Long.class,
          Character.class);

  private final Class<?> type;

  Shape(Class<?> type) {
    this.type = type;
  }

  /** The class that values are declared to have. */
  final Class<?> type() {
    return type;
  }

  /** Whether what is read is immutable and, but for its identity, what was written. */
  final boolean keepsValues() {
    return KEPT.contains(type);
  }

  /** Writes a value or null as one data item. */
  void write(CborWriter out, @Nullable Object value) {
    if (value == null) {
      out.writeNull();
      return;
    }
    if (!type.isInstance(value)) {
      throw new Failure(
          "declared as " + type.getTypeName() + ", but it is a " + value.getClass().getTypeName());
    }
    writeValue(out, value);
  }

  /** Reads the value or null at which the reader stands, and leaves it at the end of that. */
  @Nullable Object read(CborReader in) {
    return in.isNull() ? null : readValue(in);
  }

  /** What stands for a value that was not written, since the writer did not know of it. */
  @Nullable Object absent() {
    return null;
  }

  /** The text that stands for a key in maps; empty if it has none, as null and most types. */
  Optional<String> nameOf(@Nullable Object key) {
    return Optional.empty();
  }

  /** The key with that {@linkplain #nameOf name}. */
  Object ofName(String name) {
    throw new Failure("a key of " + type.getTypeName() + " was expected, found text");
  }

  /** The shapes of the parts of a value; complete when everything is compiled. */
  List<Shape> parts() {
    return List.of();
  }

  /**
   * Writes a value. For a {@linkplain CborWriter#canonical() canonical} writer, values that are
   * equal, by {@code equals} or by their natural order, must be written alike; others may be.
   */
  abstract void writeValue(CborWriter out, Object value);

  abstract @Nullable Object readValue(CborReader in);

  /** Refuses a value whose class is not the declared one, so that nothing of it can get lost. */
  static void requireClass(Class<?> declared, Object value) {
    if (value.getClass() != declared) {
      throw new Failure(
          "declared as "
              + declared.getTypeName()
              + ", but it is a "
              + value.getClass().getTypeName()
              + ", of which only the part that it inherits would be carried; make "
              + declared.getSimpleName()
              + " sealed, so that its cases are known, or pass a "
              + declared.getSimpleName());
    }
  }

  /** A shape that only knows what stands for null: a primitive type. */
  static final class Primitive extends Shape {

    private final Shape boxed;
    private final Object zero;

    Primitive(Shape boxed, Object zero) {
      super(boxed.type());
      this.boxed = boxed;
      this.zero = zero;
    }

    @Override
    void write(CborWriter out, @Nullable Object value) {
      if (value == null) {
        throw new Failure("null, where a primitive value is declared");
      }
      boxed.write(out, value);
    }

    @Override
    Object read(CborReader in) {
      Object value = boxed.read(in);
      if (value == null) {
        throw new Failure("null, where a primitive value is declared");
      }
      return value;
    }

    @Override
    Object absent() {
      return zero;
    }

    @Override
    void writeValue(CborWriter out, Object value) {
      boxed.writeValue(out, value);
    }

    @Override
    @Nullable Object readValue(CborReader in) {
      return boxed.readValue(in);
    }
  }
}
