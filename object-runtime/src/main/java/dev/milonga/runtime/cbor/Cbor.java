package dev.milonga.runtime.cbor;

import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamWriteConstraints;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.util.JsonRecyclerPools;
import tools.jackson.dataformat.cbor.CBORFactory;
import tools.jackson.dataformat.cbor.CBORReadFeature;
import tools.jackson.dataformat.cbor.CBORWriteFeature;

/** The numbers of RFC 8949 that this codec uses, and how it uses Jackson. */
final class Cbor {

  /** Containers within containers, the tuple included; a value that contains itself is noticed. */
  static final int DEPTH_MAX = 500;

  /** A decimal number is an array when it is read, but not yet when it is written. */
  static final int READ_DEPTH_MAX = DEPTH_MAX + 1;

  /** Text of as many bytes as are added to it, if they are fewer than {@link #SHORT_TEXT_BYTES}. */
  static final int SHORT_TEXT = 0x60;

  static final int SHORT_TEXT_BYTES = 24;

  /** A byte string follows: an integer of any size, not negative. */
  static final int TAG_POSITIVE_BIG = 2;

  /** A byte string n follows: the integer -1 - n. */
  static final int TAG_NEGATIVE_BIG = 3;

  /** An array of exponent e and mantissa m follows: m * 10^e. */
  static final int TAG_DECIMAL = 4;

  /** A byte string of 16 bytes follows: a UUID. */
  static final int TAG_UUID = 37;

  /** A map follows: key 1 holds seconds since 1970, key -9 nanoseconds to be added (RFC 9581). */
  static final int TAG_TIME = 1001;

  static final int TIME_SECONDS = 1;
  static final int TIME_NANOS = -9;

  /**
   * What is kept in logs does not depend on the defaults of a release, so all that matters is set.
   * Names are not gathered in a table, since those of maps are data without end. Buffers are not
   * kept by thread, since there may be many virtual ones.
   */
  static final CBORFactory FACTORY =
      CBORFactory.builder()
          .recyclerPool(JsonRecyclerPools.newConcurrentDequePool())
          .disable(TokenStreamFactory.Feature.CANONICALIZE_PROPERTY_NAMES)
          .disable(StreamWriteFeature.AUTO_CLOSE_CONTENT)
          .enable(
              CBORWriteFeature.WRITE_MINIMAL_INTS,
              CBORWriteFeature.ENCODE_USING_STANDARD_NEGATIVE_BIGINT_ENCODING)
          .disable(
              CBORWriteFeature.WRITE_TYPE_HEADER,
              CBORWriteFeature.LENIENT_UTF_ENCODING,
              CBORWriteFeature.STRINGREF,
              CBORWriteFeature.WRITE_MINIMAL_DOUBLES)
          .enable(CBORReadFeature.DECODE_USING_STANDARD_NEGATIVE_BIGINT_ENCODING)
          .streamWriteConstraints(
              StreamWriteConstraints.builder().maxNestingDepth(2 * DEPTH_MAX).build())
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(2 * DEPTH_MAX)
                  .maxNameLength(Integer.MAX_VALUE)
                  .maxStringLength(Integer.MAX_VALUE)
                  .maxNumberLength(Integer.MAX_VALUE)
                  .build())
          .build();

  private Cbor() {}

  /** Whether every surrogate in the string is one of a pair. */
  static boolean isWellFormed(String value) {
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (Character.isSurrogate(c)) {
        boolean pair =
            Character.isHighSurrogate(c)
                && i + 1 < value.length()
                && Character.isLowSurrogate(value.charAt(i + 1));
        if (!pair) {
          return false;
        }
        i++;
      }
    }
    return true;
  }
}
