package dev.milonga.runtime;

import dev.milonga.runtime.cbor.CborCodec;
import java.lang.reflect.Type;
import java.util.List;

/**
 * Turns values into bytes and back, by their <em>declared</em> types. Nothing in the bytes names a
 * Java class, and nothing in them can cause a class to be loaded that the declared types do not
 * already name.
 *
 * <p>What a codec writes is kept in logs for ever: its number is recorded with every call, and it
 * must go on reading what it has ever written. Codecs are immutable and thread-safe.
 */
public interface Codec {

  /** The codec of a store that was given no other: CBOR, number 1. */
  static Codec standard() {
    return new CborCodec();
  }

  /** The permanent number of this codec. 1 to 99 are reserved for the codecs that come along. */
  int id();

  /**
   * Why values of that declared type cannot be carried: every reason, each with the path to the
   * part at fault and what to write instead. Empty if they can.
   */
  List<String> problems(Type type);

  /**
   * A codec for values of those declared types in that order, such as the arguments of a mutator.
   *
   * @throws IllegalArgumentException if one of them cannot be carried
   */
  TupleCodec tuple(List<? extends Type> types);

  /**
   * Why values of that declared type cannot be conflict keys: every reason for which they cannot be
   * carried, and every reason for which equal ones might be encoded differently. Empty if they can.
   */
  List<String> keyProblems(Type type);

  /**
   * An encoder of conflict keys of that declared type.
   *
   * @throws IllegalArgumentException if values of the type cannot be conflict keys
   */
  KeyEncoder keys(Type type);

  /** The values of an encoded tuple as a JSON array, without knowing their types. */
  String toJson(byte[] encodedTuple);
}
