package dev.milonga.runtime.cbor;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Reads CBOR data items (RFC 8949) one after the other from a byte array. Used once, by one thread.
 *
 * <p>The bytes are not trusted. Nothing is allocated on the word of a length that the bytes do not
 * bear out, nesting is bounded, and whatever is not what the caller asks for is a {@link Failure}.
 */
final class CborReader {

  private final byte[] bytes;
  private int position;
  private int depth;

  CborReader(byte[] bytes) {
    this.bytes = bytes;
  }

  int position() {
    return position;
  }

  void expectEnd() {
    if (position != bytes.length) {
      throw new Failure((bytes.length - position) + " bytes follow after the last value");
    }
  }

  void enter() {
    if (++depth > CborWriter.DEPTH_MAX) {
      throw new Failure("it is nested deeper than " + CborWriter.DEPTH_MAX + " levels");
    }
  }

  void exit() {
    depth--;
  }

  /** The major type of the next item, without moving. */
  int major() {
    return peek() >> 5;
  }

  /** The first byte of the next item, without moving. */
  int peek() {
    if (position >= bytes.length) {
      throw new Failure("the bytes end where a value should follow");
    }
    return bytes[position] & 0xff;
  }

  /** Moves past a null, if one is next. */
  boolean skipNull() {
    if (position < bytes.length && bytes[position] == (byte) Cbor.NULL) {
      position++;
      return true;
    }
    return false;
  }

  boolean readBoolean() {
    int head = peek();
    if (head != Cbor.TRUE && head != Cbor.FALSE) {
      throw expected("true or false");
    }
    position++;
    return head == Cbor.TRUE;
  }

  long readLong() {
    int major = major();
    if (major != Cbor.UNSIGNED && major != Cbor.NEGATIVE) {
      throw expected("an integer");
    }
    long argument = argument();
    if (argument < 0) {
      throw new Failure("an integer of more than 64 bits, where one of 64 bits was expected");
    }
    return major == Cbor.UNSIGNED ? argument : ~argument;
  }

  /** An integer from {@code min} to {@code max}, both inclusive. */
  long readLong(long min, long max) {
    long value = readLong();
    if (value < min || value > max) {
      throw new Failure(value + " is out of range: expected " + min + " to " + max);
    }
    return value;
  }

  float readFloat() {
    if (peek() != Cbor.FLOAT32) {
      throw expected("a number of 32-bit floating point");
    }
    position++;
    return Float.intBitsToFloat((int) bigEndian(4));
  }

  /** A double; also a float or an integer, if a double holds it exactly. */
  double readDouble() {
    int head = peek();
    if (head == Cbor.FLOAT64) {
      position++;
      return Double.longBitsToDouble(bigEndian(8));
    }
    if (head == Cbor.FLOAT32) {
      return readFloat();
    }
    if (head >> 5 <= Cbor.NEGATIVE) {
      long value = readLong();
      if ((long) (double) value == value && value != Long.MAX_VALUE) {
        return (double) value;
      }
      throw new Failure(value + " has no exact form as a double");
    }
    throw expected("a number of floating point");
  }

  byte[] readBytes() {
    if (major() != Cbor.BYTES) {
      throw expected("binary data");
    }
    int length = lengthInBytes();
    position += length;
    return Arrays.copyOfRange(bytes, position - length, position);
  }

  /** What {@link CborWriter#writeText} wrote. */
  String readText() {
    int major = major();
    if (major == Cbor.BYTES) {
      return readUtf16();
    }
    if (major != Cbor.TEXT) {
      throw expected("text");
    }
    int length = lengthInBytes();
    int start = position;
    position += length;
    String text = new String(bytes, start, length, StandardCharsets.UTF_8);
    // The decoder puts U+FFFD for what is not UTF-8: then the text does not encode to these bytes.
    if (text.indexOf('\uFFFD') >= 0) {
      byte[] again = text.getBytes(StandardCharsets.UTF_8);
      if (!Arrays.equals(again, 0, again.length, bytes, start, position)) {
        throw new Failure("text that is not UTF-8");
      }
    }
    return text;
  }

  private String readUtf16() {
    int length = lengthInBytes();
    if (length % 2 != 0) {
      throw new Failure("text as UTF-16 has an even number of bytes, not " + length);
    }
    char[] units = new char[length / 2];
    for (int i = 0; i < units.length; i++) {
      units[i] = (char) bigEndian(2);
    }
    return new String(units);
  }

  /** Moves past those bytes, if they are next. */
  boolean skipIfNext(byte[] item) {
    int end = position + item.length;
    if (end > bytes.length || !Arrays.equals(bytes, position, end, item, 0, item.length)) {
      return false;
    }
    position = end;
    return true;
  }

  /** The number of items in the array that begins here, or -1 if it ends with a break. */
  int readArrayHead() {
    return readContainerHead(Cbor.ARRAY, "an array");
  }

  /** The number of pairs in the map that begins here, or -1 if it ends with a break. */
  int readMapHead() {
    return readContainerHead(Cbor.MAP, "a map");
  }

  /** An array of exactly that many items begins here. */
  void expectArray(int size) {
    int found = readArrayHead();
    if (found != size) {
      throw new Failure(
          "an array of " + (found < 0 ? "open size" : found) + ", where " + size + " was expected");
    }
  }

  /** Whether an item follows, in a container of that size of which {@code done} were read. */
  boolean hasNext(int size, int done) {
    if (size >= 0) {
      return done < size;
    }
    if (peek() == Cbor.BREAK) {
      position++;
      return false;
    }
    return true;
  }

  int readTag() {
    if (major() != Cbor.TAG) {
      throw expected("a tag");
    }
    long tag = argument();
    if (tag < 0 || tag > Integer.MAX_VALUE) {
      throw new Failure("an unknown tag");
    }
    return (int) tag;
  }

  void expectTag(int tag, String what) {
    if (major() != Cbor.TAG || readTag() != tag) {
      throw expected(what);
    }
  }

  /** Moves past the next item, whatever it is. */
  void skip() {
    switch (major()) {
      case Cbor.UNSIGNED, Cbor.NEGATIVE -> argument();
      case Cbor.BYTES, Cbor.TEXT -> {
        int length = lengthInBytes(); // moves past the head
        position += length;
      }
      case Cbor.ARRAY -> {
        enter();
        int size = readArrayHead();
        for (int i = 0; hasNext(size, i); i++) {
          skip();
        }
        exit();
      }
      case Cbor.MAP -> {
        enter();
        int size = readMapHead();
        for (int i = 0; hasNext(size, i); i++) {
          skip();
          skip();
        }
        exit();
      }
      case Cbor.TAG -> {
        enter();
        readTag();
        skip();
        exit();
      }
      default -> skipSimple();
    }
  }

  private void skipSimple() {
    switch (peek()) {
      case Cbor.TRUE, Cbor.FALSE, Cbor.NULL -> position++;
      case Cbor.FLOAT32 -> readFloat();
      case Cbor.FLOAT64 -> readDouble();
      default -> throw expected("a value");
    }
  }

  /** The next item, whatever it is, as it is encoded. */
  byte[] readEncoded() {
    int start = position;
    skip();
    return Arrays.copyOfRange(bytes, start, position);
  }

  Failure expected(String what) {
    return new Failure(
        what + " was expected, found " + (position < bytes.length ? found() : "the end"));
  }

  private String found() {
    return switch (major()) {
      case Cbor.UNSIGNED, Cbor.NEGATIVE -> "an integer";
      case Cbor.BYTES -> "binary data";
      case Cbor.TEXT -> "text";
      case Cbor.ARRAY -> "an array";
      case Cbor.MAP -> "a map";
      case Cbor.TAG -> "a tag";
      default ->
          switch (peek()) {
            case Cbor.TRUE, Cbor.FALSE -> "a boolean";
            case Cbor.NULL -> "null";
            case Cbor.FLOAT32, Cbor.FLOAT64 -> "a number of floating point";
            default -> "the byte " + peek();
          };
    };
  }

  private int readContainerHead(int major, String what) {
    int head = peek();
    if (head >> 5 != major) {
      throw expected(what);
    }
    if ((head & 31) == Cbor.INDEFINITE) {
      position++;
      return -1;
    }
    long size = argument();
    // Every item takes a byte at least, so a larger size is a lie.
    if (size < 0 || size > bytes.length - position) {
      throw new Failure("more items are announced than there are bytes");
    }
    return (int) size;
  }

  private int lengthInBytes() {
    long length = argument();
    if (length < 0 || length > bytes.length - position) {
      throw new Failure("more bytes are announced than there are");
    }
    return (int) length;
  }

  /** The argument of the head at the position, as an unsigned number; moves past the head. */
  private long argument() {
    int info = bytes[position] & 31;
    if (info > 27) {
      throw new Failure("a head that this codec does not write");
    }
    position++;
    return info < 24 ? info : bigEndian(1 << (info - 24));
  }

  private long bigEndian(int count) {
    if (count > bytes.length - position) {
      throw new Failure("the bytes end within a value");
    }
    long value = 0;
    for (int i = 0; i < count; i++) {
      value = value << 8 | (bytes[position++] & 0xff);
    }
    return value;
  }
}
