package dev.milonga.runtime;

import java.util.Arrays;
import java.util.BitSet;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A mutable class of the JDK without parts that are objects: its content, as a tuple. */
final class AtomNode extends StateNode {

  private record Content<A>(
      Class<A> type,
      List<Class<?>> declared,
      Function<A, Object[]> contents,
      Function<@Nullable Object[], A> maker) {}

  private static final List<Content<?>> ALL =
      List.of(
          new Content<>(
              byte[].class, List.of(byte[].class), a -> new Object[] {a}, c -> (byte[]) c[0]),
          new Content<>(
              Date.class,
              List.of(long.class),
              a -> new Object[] {a.getTime()},
              c -> new Date((Long) c[0])),
          new Content<>(
              AtomicBoolean.class,
              List.of(boolean.class),
              a -> new Object[] {a.get()},
              c -> new AtomicBoolean((Boolean) c[0])),
          new Content<>(
              AtomicInteger.class,
              List.of(int.class),
              a -> new Object[] {a.get()},
              c -> new AtomicInteger((Integer) c[0])),
          new Content<>(
              AtomicLong.class,
              List.of(long.class),
              a -> new Object[] {a.get()},
              c -> new AtomicLong((Long) c[0])),
          // With the words that are zero: its size is not a function of its bits, and can be seen.
          new Content<>(
              BitSet.class,
              List.of(byte[].class),
              a -> new Object[] {Arrays.copyOf(a.toByteArray(), a.size() / Byte.SIZE)},
              c -> bits((byte[]) c[0])));

  private final Content<Object> content;
  private final TupleCodec tuple;

  private AtomNode(Content<Object> content, Codec codec) {
    super(content.type());
    this.content = content;
    this.tuple = codec.tuple(content.declared());
  }

  /** The node of that class, if it is one of these. */
  @SuppressWarnings("unchecked") // contents are only asked of values of the class
  static Optional<StateNode> of(Class<?> type, Codec codec) {
    return ALL.stream()
        .filter(content -> content.type() == type)
        .findFirst()
        .map(content -> new AtomNode((Content<Object>) content, codec));
  }

  private static BitSet bits(byte[] words) {
    BitSet bits = new BitSet(words.length * Byte.SIZE);
    bits.or(BitSet.valueOf(words));
    return bits;
  }

  @Override
  Object copyNew(IdentityTable<Object> copies, Object value, @Nullable Object made) {
    return content.maker().apply(tuple.decode(encoded(value)));
  }

  @Override
  void writeNew(StateWriter out, Object value, boolean made) {
    out.writeByte(StateWriter.ATOM);
    out.writeBytes(encoded(value));
  }

  private byte[] encoded(Object value) {
    if (value.getClass() != type()) {
      throw new StateFailure(
          "declared as "
              + type().getTypeName()
              + ", but it is a "
              + value.getClass().getTypeName());
    }
    return tuple.encode(content.contents().apply(value));
  }

  @Override
  Object readNew(StateReader in, int token, @Nullable Object made) {
    if (token != StateWriter.ATOM) {
      throw in.unknown(token);
    }
    return content.maker().apply(tuple.decode(in.readBytes()));
  }
}
