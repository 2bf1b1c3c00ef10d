package dev.milonga.runtime.cbor;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser.NumberType;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.dataformat.cbor.CBORParser;

/**
 * Reads one CBOR data item (RFC 8949) through Jackson, once a {@link CborCheck} has passed it. What
 * is read is the value at which the reader stands; whatever is not what the caller asks for is a
 * {@link Failure}. Used once, by one thread.
 */
final class CborReader {

  private final byte[] bytes;
  private final CborCheck check;
  private final CBORParser in;
  private @Nullable JsonToken token; // null before the first and after the last

  CborReader(byte[] bytes) {
    this.bytes = bytes;
    this.check = new CborCheck(bytes);
    this.in = (CBORParser) Cbor.FACTORY.createParser(ObjectReadContext.empty(), bytes);
  }

  /** Checks all bytes, and moves to the item that they are. */
  void open() {
    check.run();
    next();
  }

  /** How far it has come, in bytes. */
  int position() {
    return token == null ? check.position() : (int) in.currentLocation().getByteOffset();
  }

  /** Gives back what it has borrowed. */
  void close() {
    in.close();
  }

  /** The kind of what it stands at; null after the last. */
  @Nullable JsonToken token() {
    return token;
  }

  /** Moves to what follows: a value, a name or an end; null after the last. */
  @Nullable JsonToken next() {
    token = in.nextToken();
    return token;
  }

  /** The tag of the value, or -1. */
  int tag() {
    return in.getCurrentTag();
  }

  boolean isNull() {
    return token == JsonToken.VALUE_NULL;
  }

  boolean isArray() {
    return token == JsonToken.START_ARRAY;
  }

  boolean readBoolean() {
    if (token != JsonToken.VALUE_TRUE && token != JsonToken.VALUE_FALSE) {
      throw expected("true or false");
    }
    return token == JsonToken.VALUE_TRUE;
  }

  long readLong() {
    if (token != JsonToken.VALUE_NUMBER_INT) {
      throw expected("an integer");
    }
    if (in.getNumberType() == NumberType.BIG_INTEGER) {
      throw new Failure("an integer of more than 64 bits, where one of 64 bits was expected");
    }
    return in.getLongValue();
  }

  /** An integer from {@code min} to {@code max}, both inclusive. */
  long readLong(long min, long max) {
    long value = readLong();
    if (value < min || value > max) {
      throw new Failure(value + " is out of range: expected " + min + " to " + max);
    }
    return value;
  }

  BigInteger readBigInteger() {
    if (token != JsonToken.VALUE_NUMBER_INT) {
      throw expected("an integer");
    }
    return in.getBigIntegerValue();
  }

  BigDecimal readDecimal() {
    if (floatType() != NumberType.BIG_DECIMAL) {
      throw expected("a decimal number");
    }
    return in.getDecimalValue();
  }

  float readFloat() {
    if (floatType() != NumberType.FLOAT) {
      throw expected("a number of 32-bit floating point");
    }
    return in.getFloatValue();
  }

  /** A double; also a float or an integer, if a double holds it exactly. */
  double readDouble() {
    NumberType type = floatType();
    if (type == NumberType.DOUBLE || type == NumberType.FLOAT) {
      return in.getDoubleValue();
    }
    if (token == JsonToken.VALUE_NUMBER_INT) {
      long value = readLong();
      if ((long) (double) value == value && value != Long.MAX_VALUE) {
        return (double) value;
      }
      throw new Failure(value + " has no exact form as a double");
    }
    throw expected("a number of floating point");
  }

  /** The type of the number with a fraction at which it stands, if it is one. */
  @Nullable NumberType floatType() {
    return token == JsonToken.VALUE_NUMBER_FLOAT ? in.getNumberType() : null;
  }

  byte[] readBytes() {
    if (token != JsonToken.VALUE_EMBEDDED_OBJECT) {
      throw expected("binary data");
    }
    byte[] value = in.getBinaryValue();
    return value.length == 0 ? new byte[0] : value; // Jackson has one empty array for all
  }

  /**
   * What {@link CborWriter#writeText} wrote. It is decoded here, from where Jackson stands: Jackson
   * would take two more bytes for each character, and let some of what is not UTF-8 pass.
   */
  String readText() {
    if (token == JsonToken.VALUE_EMBEDDED_OBJECT && tag() < 0) {
      return readUtf16();
    }
    if (token != JsonToken.VALUE_STRING) {
      throw expected("text");
    }
    int head = (int) in.currentTokenLocation().getByteOffset();
    int start = CborCheck.contentStart(bytes, head);
    int end = start + (int) CborCheck.argument(bytes, head);
    String text = new String(bytes, start, end - start, StandardCharsets.UTF_8);
    // The decoder puts U+FFFD for what is not UTF-8: then the text does not encode to these bytes.
    if (text.indexOf('\uFFFD') >= 0) {
      byte[] again = text.getBytes(StandardCharsets.UTF_8);
      if (!Arrays.equals(again, 0, again.length, bytes, start, end)) {
        throw new Failure("text that is not UTF-8");
      }
    }
    return text;
  }

  private String readUtf16() {
    byte[] utf16 = in.getBinaryValue();
    if (utf16.length % 2 != 0) {
      throw new Failure("text as UTF-16 has an even number of bytes, not " + utf16.length);
    }
    return ByteBuffer.wrap(utf16).asCharBuffer().toString();
  }

  /** Moves into the array at which it stands; {@link #nextItem} moves on from there. */
  void enterArray() {
    if (token != JsonToken.START_ARRAY) {
      throw expected("an array");
    }
  }

  /** Moves to the next item of the array, or to its end if there is none. */
  boolean nextItem() {
    return next() != JsonToken.END_ARRAY;
  }

  /** Moves to the next item of an array that must have one. */
  void requireItem() {
    if (!nextItem()) {
      throw new Failure("an array of fewer items than expected");
    }
  }

  /** Moves to the end of an array that must not have more items. */
  void requireArrayEnd() {
    if (nextItem()) {
      throw new Failure("an array of more items than expected");
    }
  }

  /** Moves into the map at which it stands; {@link #nextName} moves on from there. */
  void enterMap() {
    if (token != JsonToken.START_OBJECT) {
      throw expected("a map");
    }
  }

  /** Moves to the value of the next name in the map, or to its end, and then returns null. */
  @Nullable String nextName() {
    String name = in.nextName();
    token = name == null ? in.currentToken() : in.nextToken();
    return name;
  }

  /** Moves to the end of the value, whatever it is. */
  void skip() {
    in.skipChildren();
    token = in.currentToken();
  }

  /** Writes what it stands at, of which JSON has the same kind. */
  void copyTo(JsonGenerator json) {
    json.copyCurrentEvent(in);
  }

  /** The value, whatever it is, as it is encoded. */
  byte[] readEncoded() {
    int start = (int) in.currentTokenLocation().getByteOffset();
    skip();
    in.finishToken(); // moves past text and binary data, which is left out otherwise
    return Arrays.copyOfRange(bytes, start, position());
  }

  Failure expected(String what) {
    return new Failure(what + " was expected, found " + found());
  }

  private String found() {
    if (token == null) {
      return "the end";
    }
    return switch (token) {
      case VALUE_NUMBER_INT -> "an integer";
      case VALUE_NUMBER_FLOAT -> "a number with a fraction";
      case VALUE_EMBEDDED_OBJECT -> tag() == Cbor.TAG_UUID ? "a UUID" : "binary data";
      case VALUE_STRING -> "text";
      case START_ARRAY -> "an array";
      case START_OBJECT -> tag() == Cbor.TAG_TIME ? "an instant" : "a map";
      case VALUE_TRUE, VALUE_FALSE -> "a boolean";
      case VALUE_NULL -> "null";
      default -> "the end";
    };
  }
}
