package dev.milonga.runtime;

import java.lang.invoke.MethodType;
import java.lang.reflect.Type;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The codec for values of one declared type, alone and in lists. Immutable and thread-safe. */
final class ValueCodec {

  private final TupleCodec single;
  private final TupleCodec list;

  /**
   * @throws IllegalArgumentException if the codec cannot carry values of the type
   */
  ValueCodec(Type type, Codec codec) {
    this.single = codec.tuple(List.of(type));
    Type element =
        type instanceof Class<?> raw ? MethodType.methodType(raw).wrap().returnType() : type;
    this.list = codec.tuple(List.of(TypeResolver.parameterized(List.class, element)));
  }

  byte[] encode(@Nullable Object value) {
    return single.encode(value);
  }

  @Nullable Object decode(byte[] encoded) {
    return single.decode(encoded)[0];
  }

  byte[] encodeList(List<?> values) {
    return list.encode(values);
  }

  @SuppressWarnings("unchecked") // what is declared as List<E> is decoded as a list of E
  List<@Nullable Object> decodeList(byte[] encoded) {
    return (List<@Nullable Object>) Objects.requireNonNull(list.decode(encoded)[0]);
  }
}
