package dev.milonga.runtime.cbor;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Appends CBOR data items (RFC 8949) to a growing buffer. Used once, by one thread. */
final class CborWriter {

  /** Containers within containers; a value that contains itself is noticed by it. */
  static final int DEPTH_MAX = 500;

  /** More is refused: a value whose parts are shared many times over unfolds without end. */
  static final int BYTES_MAX = 256 << 20;

  private final boolean canonical;
  private byte[] buffer = new byte[192];
  private int length;
  private int depth;

  /**
   * @param canonical whether values are written in the form of conflict keys, see {@link
   *     Shape#writeValue}
   */
  CborWriter(boolean canonical) {
    this.canonical = canonical;
  }

  boolean canonical() {
    return canonical;
  }

  byte[] toByteArray() {
    return Arrays.copyOf(buffer, length);
  }

  void enter() {
    if (++depth > DEPTH_MAX) {
      throw new Failure(
          "it contains itself, or is nested deeper than "
              + DEPTH_MAX
              + " levels; break the cycle by referring to parts by an id");
    }
  }

  void exit() {
    depth--;
  }

  void writeNull() {
    put(Cbor.NULL);
  }

  void writeBoolean(boolean value) {
    put(value ? Cbor.TRUE : Cbor.FALSE);
  }

  void writeInt(long value) {
    if (value >= 0) {
      head(Cbor.UNSIGNED, value);
    } else {
      head(Cbor.NEGATIVE, ~value);
    }
  }

  /** All NaNs are written as one, so that equal values are written alike. */
  void writeFloat(float value) {
    reserve(5);
    buffer[length++] = (byte) Cbor.FLOAT32;
    bigEndian(Float.floatToIntBits(value), 4);
  }

  /** All NaNs are written as one, so that equal values are written alike. */
  void writeDouble(double value) {
    reserve(9);
    buffer[length++] = (byte) Cbor.FLOAT64;
    bigEndian(Double.doubleToLongBits(value), 8);
  }

  void writeBytes(byte[] value) {
    head(Cbor.BYTES, value.length);
    writeEncoded(value);
  }

  /**
   * Text as UTF-8. A string that has no UTF-8 form, since it holds half of a surrogate pair, is
   * written as a byte string of its UTF-16 code units, high byte first.
   */
  void writeText(String value) {
    byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
    // The encoder puts '?' for half a pair: without '?' in the outcome there was none.
    if (contains(utf8, (byte) '?') && !Cbor.isWellFormed(value)) {
      writeUtf16(value);
      return;
    }
    head(Cbor.TEXT, utf8.length);
    writeEncoded(utf8);
  }

  private static boolean contains(byte[] bytes, byte wanted) {
    for (byte b : bytes) {
      if (b == wanted) {
        return true;
      }
    }
    return false;
  }

  private void writeUtf16(String value) {
    long bytes = 2L * value.length();
    head(Cbor.BYTES, bytes);
    reserve(bytes);
    for (int i = 0; i < value.length(); i++) {
      bigEndian(value.charAt(i), 2);
    }
  }

  /** The head of an array of that many items, which the caller writes next. */
  void writeArrayHead(int size) {
    head(Cbor.ARRAY, size);
  }

  /** The head of a map of that many pairs of key and value, which the caller writes next. */
  void writeMapHead(int size) {
    head(Cbor.MAP, size);
  }

  /** Begins an array that ends with {@link #writeBreak}. */
  void writeOpenArray() {
    put(Cbor.ARRAY << 5 | Cbor.INDEFINITE);
  }

  /** Begins a map that ends with {@link #writeBreak}. */
  void writeOpenMap() {
    put(Cbor.MAP << 5 | Cbor.INDEFINITE);
  }

  void writeBreak() {
    put(Cbor.BREAK);
  }

  void writeTag(int tag) {
    head(Cbor.TAG, tag);
  }

  /** Bytes that are CBOR already. */
  void writeEncoded(byte[] items) {
    reserve(items.length);
    System.arraycopy(items, 0, buffer, length, items.length);
    length += items.length;
  }

  /** The bytes written since {@code start}, removed from the end. */
  byte[] cutFrom(int start) {
    byte[] cut = Arrays.copyOfRange(buffer, start, length);
    length = start;
    return cut;
  }

  int length() {
    return length;
  }

  private void head(int major, long argument) {
    reserve(9);
    int type = major << 5;
    if (argument < 24) {
      buffer[length++] = (byte) (type | argument);
    } else if (argument <= 0xffL) {
      buffer[length++] = (byte) (type | 24);
      buffer[length++] = (byte) argument;
    } else if (argument <= 0xffffL) {
      buffer[length++] = (byte) (type | 25);
      bigEndian(argument, 2);
    } else if (argument <= 0xffff_ffffL) {
      buffer[length++] = (byte) (type | 26);
      bigEndian(argument, 4);
    } else {
      buffer[length++] = (byte) (type | 27);
      bigEndian(argument, 8);
    }
  }

  private void put(int b) {
    reserve(1);
    buffer[length++] = (byte) b;
  }

  private void bigEndian(long value, int bytes) {
    for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
      buffer[length++] = (byte) (value >>> shift);
    }
  }

  private void reserve(long bytes) {
    long needed = length + bytes;
    if (needed > buffer.length) {
      if (needed > BYTES_MAX) {
        throw new Failure(
            "its encoded form exceeds "
                + (BYTES_MAX >> 20)
                + " MiB; pass it in parts, and check that it does not share parts many times over");
      }
      buffer =
          Arrays.copyOf(buffer, (int) Math.min(BYTES_MAX, Math.max(needed, 2L * buffer.length)));
    }
  }
}
