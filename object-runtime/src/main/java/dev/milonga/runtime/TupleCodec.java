package dev.milonga.runtime;

import org.jspecify.annotations.Nullable;

/** Encodes and decodes a fixed number of values of declared types. Immutable and thread-safe. */
public interface TupleCodec {

  /**
   * The encoded values.
   *
   * @param values as many as there are declared types
   * @throws IllegalArgumentException if there are more or fewer
   * @throws EncodingException if a value cannot be carried, naming which one and why
   */
  byte[] encode(@Nullable Object... values);

  /**
   * The values, freshly made: they share nothing with what was encoded. Where fewer values were
   * encoded than there are declared types, the missing ones at the end are {@code null}, zero for
   * primitive types, or empty for {@code Optional}.
   *
   * @throws DecodingException if the bytes do not hold values of the declared types, or hold more
   *     values than there are declared types
   */
  @Nullable Object[] decode(byte[] encoded);

  /**
   * Whether decoding encoded values gives, for all values of the declared types, immutable ones
   * that differ from the originals in nothing but identity. Who still has the originals can then
   * spare the decoding.
   */
  default boolean keepsValues() {
    return false;
  }
}
