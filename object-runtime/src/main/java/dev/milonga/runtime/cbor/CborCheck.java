package dev.milonga.runtime.cbor;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;

/**
 * Checks, before anything is read, that bytes are one data item in the forms that this codec
 * writes. It follows the routine {@code well_formed} of RFC 8949, appendix C, and allocates next to
 * nothing. Used once, by one thread.
 *
 * <p>It is there because Jackson's parser trusts what it reads in a few places: it allocates up to
 * 250,000 bytes on the word of a length, gathers the tags before a value in a list that is copied
 * over and over, takes big integers for signed, and lets pass as text some of what is not UTF-8.
 */
final class CborCheck {

  private static final int UNSIGNED = 0;
  private static final int NEGATIVE = 1;
  private static final int BYTES = 2;
  private static final int TEXT = 3;
  private static final int ARRAY = 4;
  private static final int MAP = 5;
  private static final int TAG = 6;

  private static final int OPEN = 31;
  private static final int BREAK = 0xff;

  private final byte[] bytes;
  private int position;

  CborCheck(byte[] bytes) {
    this.bytes = bytes;
  }

  /** How far it has come. */
  int position() {
    return position;
  }

  void run() {
    item(0);
    if (position != bytes.length) {
      throw new Failure((bytes.length - position) + " bytes follow after the last value");
    }
  }

  private void item(int depth) {
    int head = peek();
    switch (head >> 5) {
      case UNSIGNED, NEGATIVE -> argument();
      case BYTES, TEXT -> {
        int length = length(); // moves past the head
        position += length;
      }
      case ARRAY -> items(1, depth + 1);
      case MAP -> items(2, depth + 1);
      case TAG -> tagged(depth);
      default -> simple(head);
    }
  }

  private void items(int itemsOfEach, int depth) {
    if (depth > Cbor.READ_DEPTH_MAX) {
      throw new Failure("it is nested deeper than " + Cbor.DEPTH_MAX + " levels");
    }
    boolean open = (peek() & 31) == OPEN;
    int left = 0;
    if (open) {
      position++;
    } else {
      left = length();
    }
    while (open ? peek() != BREAK : left-- > 0) {
      if (itemsOfEach == 2) {
        name();
      }
      item(depth);
    }
    if (open) {
      position++;
    }
  }

  // Names are text, or the small integers in the map of an instant.
  private void name() {
    switch (peek() >> 5) {
      case UNSIGNED, NEGATIVE -> argument();
      case TEXT -> {
        int length = length();
        utf8(position, length);
        position += length;
      }
      default -> throw new Failure("a map with a key that is no text");
    }
  }

  // Values are checked when they are read, since that comes for free.
  private void utf8(int start, int length) {
    int end = start + length;
    int ascii = start;
    while (ascii < end && bytes[ascii] >= 0) {
      ascii++;
    }
    if (ascii == end) {
      return;
    }
    CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
    ByteBuffer in = ByteBuffer.wrap(bytes, ascii, end - ascii);
    CharBuffer out = CharBuffer.allocate(Math.min(end - ascii, 1024));
    CoderResult result = CoderResult.OVERFLOW;
    while (result.isOverflow()) {
      out.clear();
      result = decoder.decode(in, out, true);
    }
    if (result.isError()) {
      throw new Failure("text that is not UTF-8");
    }
  }

  private void tagged(int depth) {
    long tag = argument();
    int head = peek();
    boolean known =
        switch ((int) Math.min(tag, Integer.MAX_VALUE)) {
          case Cbor.TAG_POSITIVE_BIG, Cbor.TAG_NEGATIVE_BIG, Cbor.TAG_UUID -> head >> 5 == BYTES;
          case Cbor.TAG_DECIMAL -> head == (ARRAY << 5 | 2);
          case Cbor.TAG_TIME -> head >> 5 == MAP;
          default -> false;
        };
    if (!known) {
      throw new Failure("tag " + tag + ", which this codec does not write here");
    }
    int start = contentStart(bytes, position);
    item(depth);
    if (tag == Cbor.TAG_POSITIVE_BIG && start < position && bytes[start] < 0) {
      throw new Failure("a big integer without the zero that this codec writes first");
    }
  }

  private void simple(int head) {
    switch (head) {
      case 0xf4, 0xf5, 0xf6 -> position++; // false, true, null
      case 0xfa, 0xfb -> argument(); // 32 and 64 bits of floating point
      default -> throw new Failure("a value was expected, found the byte " + head);
    }
  }

  private int length() {
    long length = argument();
    // Every item takes a byte at least, so a larger size is a lie.
    if (length < 0 || length > bytes.length - position) {
      throw new Failure("more bytes or items are announced than there are bytes");
    }
    return (int) length;
  }

  /** The argument of the head at the position, as an unsigned number; moves past the head. */
  private long argument() {
    int info = peek() & 31;
    if (info > 27) {
      throw new Failure("a head that this codec does not write");
    }
    int end = contentStart(bytes, position);
    if (end > bytes.length) {
      throw new Failure("the bytes end within a value");
    }
    long value = argument(bytes, position);
    position = end;
    return value;
  }

  /** The argument of the head at that place, as an unsigned number. */
  static long argument(byte[] bytes, int head) {
    int info = bytes[head] & 31;
    if (info < 24) {
      return info;
    }
    long value = 0;
    for (int i = head + 1; i < contentStart(bytes, head); i++) {
      value = value << 8 | (bytes[i] & 0xff);
    }
    return value;
  }

  /** Where the content of the item begins whose head is at that place; beyond the end, if cut. */
  static int contentStart(byte[] bytes, int head) {
    int info = bytes[head] & 31;
    return head + 1 + (info < 24 || info > 27 ? 0 : 1 << (info - 24));
  }

  private int peek() {
    if (position >= bytes.length) {
      throw new Failure("the bytes end where a value should follow");
    }
    return bytes[position] & 0xff;
  }
}
