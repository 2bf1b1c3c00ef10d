package dev.milonga.runtime;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * How values of one declared type are copied, written and read as parts of a state. A copy, and
 * what is read, behaves like the original for ever: unlike an argument, which has only to be equal.
 * Immutable once compiled.
 */
abstract class StateNode {

  private final Class<?> type;

  StateNode(Class<?> type) {
    this.type = type;
  }

  /** The class that values are declared to have; the wrapper of a primitive one. */
  final Class<?> type() {
    return type;
  }

  /** The value itself if it can never change, else a copy, which is shared where it is shared. */
  final @Nullable Object copy(IdentityTable<Object> copies, @Nullable Object value) {
    return copy(copies, value, null);
  }

  /**
   * As {@link #copy(IdentityTable, Object)}.
   *
   * @param made an object that the constructor of the whole put where the copy will be, and that
   *     becomes the copy if it can
   */
  @Nullable Object copy(
      IdentityTable<Object> copies, @Nullable Object value, @Nullable Object made) {
    if (value == null) {
      return null;
    }
    Object known = copies.find(value);
    if (known != null) {
      return known;
    }
    copies.enter(value);
    Object copy = copyNew(copies, value, made);
    copies.leave(value, copy);
    return copy;
  }

  /** Writes a value, an object that was written before as a reference to it. */
  final void write(StateWriter out, @Nullable Object value) {
    write(out, value, false);
  }

  /**
   * As {@link #write(StateWriter, Object)}.
   *
   * @param made whether a reader will find an object there that the constructor of the whole made
   */
  void write(StateWriter out, @Nullable Object value, boolean made) {
    if (!out.writeKnown(value) && value != null) {
      out.enter(value);
      writeNew(out, value, made);
      out.leave(value);
    }
  }

  /** Reads a value. */
  final @Nullable Object read(StateReader in) {
    return read(in, in.readByte(), null);
  }

  /**
   * Reads a value whose first token was read.
   *
   * @param made as in {@link #copy(IdentityTable, Object, Object)}
   */
  @Nullable Object read(StateReader in, int token, @Nullable Object made) {
    if (token == StateWriter.NULL) {
      return null;
    }
    if (token == StateWriter.REF) {
      return requireType(in.readReferred());
    }
    in.enter();
    Object value = requireType(readNew(in, token, made));
    in.leave(value);
    return value;
  }

  /** Writes values that follow each other in a container. */
  void writeColumn(StateWriter out, List<?> values, IntFunction<String> place) {
    out.writeByte(StateWriter.COLUMN_OF_TOKENS);
    for (int i = 0; i < values.size(); i++) {
      try {
        write(out, values.get(i));
      } catch (RuntimeException e) {
        throw StateFailure.in(place.apply(i), e);
      }
    }
  }

  /** Reads that many values that follow each other. */
  final List<@Nullable Object> readColumn(StateReader in, int rows) {
    return beginColumn(in, rows).get();
  }

  /**
   * Moves past that many values that follow each other. The supplier gives them, or throws; it does
   * not read on, and may run at any time and on any thread.
   */
  final Supplier<List<@Nullable Object>> beginColumn(StateReader in, int rows) {
    int token = in.readByte();
    if (token == StateWriter.COLUMN_OF_VALUES) {
      ValueCodec codec = values();
      byte[] encoded = in.readBytes();
      return () -> decoded(codec, encoded, rows);
    }
    if (token != StateWriter.COLUMN_OF_TOKENS) {
      throw in.unknown(token);
    }
    List<@Nullable Object> values = new ArrayList<>();
    for (int i = 0; i < rows; i++) {
      values.add(read(in));
    }
    return () -> values;
  }

  private static List<@Nullable Object> decoded(ValueCodec codec, byte[] encoded, int rows) {
    List<@Nullable Object> values = codec.decodeList(encoded);
    if (values.size() != rows) {
      throw new StateFailure(values.size() + " values, where " + rows + " were announced");
    }
    return values;
  }

  /**
   * The codec of values that were written when all values of the type were immutable.
   *
   * @throws StateFailure if they never were
   */
  ValueCodec values() {
    throw new StateFailure(type.getTypeName() + " was never written as a value");
  }

  /**
   * The node by which objects of the type are read field by field.
   *
   * @throws StateFailure if they never were written so
   */
  ObjectNode objects() {
    throw new StateFailure(type.getTypeName() + " was never written field by field");
  }

  private Object requireType(Object value) {
    if (!type.isInstance(value)) {
      throw new StateFailure(
          "declared as " + type.getTypeName() + ", but it is a " + value.getClass().getTypeName());
    }
    return value;
  }

  abstract Object copyNew(IdentityTable<Object> copies, Object value, @Nullable Object made);

  abstract void writeNew(StateWriter out, Object value, boolean made);

  abstract Object readNew(StateReader in, int token, @Nullable Object made);
}
