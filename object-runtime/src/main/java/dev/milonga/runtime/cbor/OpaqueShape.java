package dev.milonga.runtime.cbor;

import java.util.function.Function;

/** Values of classes that this program does not have, as they are encoded. */
final class OpaqueShape<T> extends Shape {

  private final Class<T> type;
  private final Function<T, byte[]> encoded;
  private final Function<byte[], T> maker;

  OpaqueShape(Class<T> type, Function<T, byte[]> encoded, Function<byte[], T> maker) {
    super(type);
    this.type = type;
    this.encoded = encoded;
    this.maker = maker;
  }

  @Override
  void writeValue(CborWriter out, Object value) {
    out.writeEncoded(encoded.apply(type.cast(value)));
  }

  @Override
  Object readValue(CborReader in) {
    return maker.apply(in.readEncoded());
  }

  // As a value it would be encoded as text, which this must be equal to.
  @Override
  Object ofName(String name) {
    CborWriter out = new CborWriter(false);
    out.writeText(name);
    return maker.apply(out.toByteArray());
  }
}
