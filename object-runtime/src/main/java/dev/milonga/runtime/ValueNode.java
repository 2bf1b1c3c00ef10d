package dev.milonga.runtime;

import java.util.List;
import java.util.Objects;
import java.util.function.IntFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A type whose values never change and are equal by what they hold: which object it is does not
 * matter, so that copies share them.
 */
final class ValueNode extends StateNode {

  private final boolean primitive;
  private final ValueCodec codec;
  private final Supplier<StateNode> parts;

  /**
   * @param parts the node by which values were written when they were mutable, if they ever were
   */
  ValueNode(Class<?> type, boolean primitive, ValueCodec codec, Supplier<StateNode> parts) {
    super(type);
    this.primitive = primitive;
    this.codec = codec;
    this.parts = parts;
  }

  @Override
  @Nullable Object copy(
      IdentityTable<Object> copies, @Nullable Object value, @Nullable Object made) {
    return value;
  }

  @Override
  void write(StateWriter out, @Nullable Object value, boolean made) {
    if (value == null) {
      out.writeByte(StateWriter.NULL);
    } else {
      out.writeByte(StateWriter.VALUE);
      out.writeBytes(codec.encode(value));
    }
  }

  @Override
  @Nullable Object read(StateReader in, int token, @Nullable Object made) {
    if (token == StateWriter.VALUE) {
      return codec.decode(in.readBytes());
    }
    if (token == StateWriter.NULL && primitive) {
      throw new StateFailure("null, where a primitive value is declared");
    }
    return token == StateWriter.NULL ? null : parts.get().read(in, token, made);
  }

  @Override
  void writeColumn(StateWriter out, List<?> values, IntFunction<String> place) {
    out.writeByte(StateWriter.COLUMN_OF_VALUES);
    out.writeBytes(codec.encodeList(values));
  }

  @Override
  ValueCodec values() {
    return codec;
  }

  @Override
  ObjectNode objects() {
    return parts.get().objects();
  }

  @Override
  Object copyNew(IdentityTable<Object> copies, Object value, @Nullable Object made) {
    return value;
  }

  @Override
  void writeNew(StateWriter out, Object value, boolean made) {
    write(out, value, made);
  }

  @Override
  Object readNew(StateReader in, int token, @Nullable Object made) {
    return Objects.requireNonNull(read(in, token, made));
  }
}
