package dev.milonga.runtime.cbor;

/** The numbers of RFC 8949 that this codec uses. */
final class Cbor {

  static final int UNSIGNED = 0;
  static final int NEGATIVE = 1;
  static final int BYTES = 2;
  static final int TEXT = 3;
  static final int ARRAY = 4;
  static final int MAP = 5;
  static final int TAG = 6;
  static final int SIMPLE = 7;

  static final int INDEFINITE = 31;

  static final int FALSE = 0xf4;
  static final int TRUE = 0xf5;
  static final int NULL = 0xf6;
  static final int FLOAT32 = 0xfa;
  static final int FLOAT64 = 0xfb;
  static final int BREAK = 0xff;

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
