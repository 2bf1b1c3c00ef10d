package dev.milonga.runtime.cbor;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.SerializableString;
import tools.jackson.core.io.SerializedString;
import tools.jackson.dataformat.cbor.CBORGenerator;

/** Writes one CBOR data item (RFC 8949) through Jackson. Used once, by one thread. */
final class CborWriter {

  /** Jackson writes text of more than 3,996 characters in chunks, unless it comes encoded. */
  private static final int NAME_CHARS_MAX = 1000;

  private final boolean canonical;
  private final EncodedBytes bytes = new EncodedBytes();
  private final CBORGenerator out;

  /**
   * @param canonical whether values are written in the form of conflict keys, see {@link
   *     Shape#writeValue}
   */
  CborWriter(boolean canonical) {
    this.canonical = canonical;
    // Where a value is refused it is never closed: what it has borrowed is then collected with it.
    this.out = (CBORGenerator) Cbor.FACTORY.createGenerator(ObjectWriteContext.empty(), bytes);
  }

  boolean canonical() {
    return canonical;
  }

  /** The item; nothing is written afterwards. */
  byte[] toByteArray() {
    out.close();
    return bytes.toByteArray();
  }

  void writeNull() {
    out.writeNull();
  }

  void writeBoolean(boolean value) {
    out.writeBoolean(value);
  }

  void writeInt(long value) {
    out.writeNumber(value);
  }

  /** All NaNs are written as one, so that equal values are written alike. */
  void writeFloat(float value) {
    out.writeNumber(Float.isNaN(value) ? Float.NaN : value);
  }

  /** All NaNs are written as one, so that equal values are written alike. */
  void writeDouble(double value) {
    out.writeNumber(Double.isNaN(value) ? Double.NaN : value);
  }

  void writeBigInteger(BigInteger value) {
    if (value.bitLength() < Long.SIZE) {
      out.writeNumber(value.longValue());
    } else {
      out.writeNumber(value);
    }
  }

  void writeDecimal(BigDecimal value) {
    out.writeNumber(value);
  }

  void writeBytes(byte[] value) {
    out.writeBinary(value);
  }

  /**
   * Text as UTF-8. A string that has no UTF-8 form, since it holds half of a surrogate pair, is
   * written as a byte string of its UTF-16 code units, high byte first.
   */
  void writeText(String value) {
    byte[] utf8 = utf8(value);
    if (utf8 == null) {
      ByteBuffer utf16 = ByteBuffer.allocate(2 * value.length());
      utf16.asCharBuffer().put(value);
      out.writeBinary(utf16.array());
    } else {
      out.writeUTF8String(utf8, 0, utf8.length);
    }
  }

  /** The string as UTF-8; null if it has no such form. */
  static byte @Nullable [] utf8(String value) {
    byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
    // The encoder puts '?' for half a pair: without '?' in the outcome there was none.
    return contains(utf8, (byte) '?') && !Cbor.isWellFormed(value) ? null : utf8;
  }

  private static boolean contains(byte[] bytes, byte wanted) {
    for (byte b : bytes) {
      if (b == wanted) {
        return true;
      }
    }
    return false;
  }

  /** Begins an array of that many items, which are written next. */
  void startArray(int size) {
    requireDepth();
    out.writeStartArray(null, size);
  }

  /** Begins an array of any number of items. */
  void startArray() {
    requireDepth();
    out.writeStartArray();
  }

  void endArray() {
    out.writeEndArray();
  }

  /** Begins a map of that many pairs of name and value, which are written next. */
  void startMap(int size) {
    requireDepth();
    out.writeStartObject(null, size);
  }

  /** Begins a map of any number of pairs. */
  void startMap() {
    requireDepth();
    out.writeStartObject();
  }

  void endMap() {
    out.writeEndObject();
  }

  void writeName(SerializableString name) {
    out.writeName(name);
  }

  /** The name of a pair; a string that is well-formed. */
  void writeName(String name) {
    if (name.length() > NAME_CHARS_MAX) {
      out.writeName(new SerializedString(name));
    } else {
      out.writeName(name);
    }
  }

  void writeName(long name) {
    out.writePropertyId(name);
  }

  void writeTag(int tag) {
    out.writeTag(tag);
  }

  /** A value that is CBOR already. */
  void writeEncoded(byte[] value) {
    int start = mark();
    out.writeNull(); // for Jackson, which counts values
    cutFrom(start);
    out.writeBytes(value, 0, value.length);
  }

  /** The bytes written since {@link #mark} was {@code start}, removed from the end. */
  byte[] cutFrom(int start) {
    out.flush();
    return bytes.cutFrom(start);
  }

  /** How much has been written. */
  int mark() {
    out.flush();
    return bytes.length();
  }

  private void requireDepth() {
    if (out.streamWriteContext().getNestingDepth() >= Cbor.DEPTH_MAX) {
      throw new Failure(
          "it contains itself, or is nested deeper than "
              + Cbor.DEPTH_MAX
              + " levels; break the cycle by referring to parts by an id");
    }
  }
}
