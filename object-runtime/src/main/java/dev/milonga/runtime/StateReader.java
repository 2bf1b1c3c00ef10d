package dev.milonga.runtime;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads what {@link StateWriter} wrote. Used once, by one thread.
 *
 * <p>The bytes are not trusted: nothing is allocated on the word of a length that the bytes do not
 * bear out, nesting is bounded, and whatever is not what the caller asks for is a {@link
 * StateFailure}.
 */
final class StateReader {

  /** Stands for an object of a field that is not there any more. */
  private static final Object SKIPPED = new Object();

  private static final int PIECE = 8192;

  private final Iterator<byte[]> chunks;
  private final DecodingAhead ahead;
  private byte[] chunk = {};
  private int position;
  private int depth;
  private final List<Object> objects = new ArrayList<>();
  private final List<String> symbols = new ArrayList<>();
  private final List<List<String>> layouts = new ArrayList<>();

  StateReader(Iterator<byte[]> chunks) {
    this(chunks, DecodingAhead.NONE);
  }

  StateReader(Iterator<byte[]> chunks, DecodingAhead ahead) {
    this.chunks = chunks;
    this.ahead = ahead;
  }

  /** Who decodes what can be decoded apart from the rest. */
  DecodingAhead ahead() {
    return ahead;
  }

  int readByte() {
    if (!hasMore()) {
      throw new StateFailure("the bytes end where a value should follow");
    }
    return chunk[position++] & 0xff;
  }

  private boolean hasMore() {
    while (position == chunk.length) {
      try {
        if (!chunks.hasNext()) {
          return false;
        }
        chunk = chunks.next();
      } catch (RuntimeException e) {
        throw new CallerFailure(e);
      }
      position = 0;
    }
    return true;
  }

  void expectEnd() {
    if (hasMore()) {
      throw new StateFailure("bytes follow after the last value");
    }
  }

  int readInt() {
    int value = 0;
    for (int shift = 0; shift < 35; shift += 7) {
      int next = readByte();
      value |= (next & 0x7f) << shift;
      if (next < 0x80 && value >= 0 && (shift < 28 || next <= 7)) {
        return value;
      }
    }
    throw new StateFailure("a number of more than 31 bits");
  }

  byte[] readBytes() {
    int length = readInt();
    if (length <= chunk.length - position) {
      byte[] bytes = new byte[length];
      System.arraycopy(chunk, position, bytes, 0, length);
      position += length;
      return bytes;
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(PIECE);
    transfer(length, bytes);
    return bytes.toByteArray();
  }

  private void transfer(int length, @Nullable ByteArrayOutputStream target) {
    int rest = length;
    while (rest > 0) {
      if (!hasMore()) {
        throw new StateFailure("the bytes end within a value");
      }
      int part = Math.min(rest, chunk.length - position);
      if (target != null) {
        target.write(chunk, position, part);
      }
      position += part;
      rest -= part;
    }
  }

  String readSymbol() {
    int number = readInt();
    if (number == symbols.size()) {
      symbols.add(new String(readBytes(), StandardCharsets.UTF_8));
    }
    return at(symbols, number, "name");
  }

  List<String> readLayout() {
    int number = readInt();
    if (number == layouts.size()) {
      int size = readInt();
      List<String> names = new ArrayList<>();
      for (int i = 0; i < size; i++) {
        names.add(readSymbol());
      }
      if (names.isEmpty()) {
        throw new StateFailure("an object without the name of its class");
      }
      layouts.add(names);
    }
    return at(layouts, number, "layout");
  }

  private static <E> E at(List<E> known, int number, String what) {
    if (number >= known.size()) {
      throw new StateFailure(what + " " + number + " of " + known.size());
    }
    return known.get(number);
  }

  /** The object whose number follows. */
  Object readReferred() {
    Object object = at(objects, readInt(), "object");
    if (object == SKIPPED) {
      throw new StateFailure(
          "the object was also held by a field that the class has no more; put the field back until"
              + " the next checkpoint is taken");
    }
    return object;
  }

  void enter() {
    if (++depth > IdentityTable.DEPTH_MAX) {
      throw new StateFailure("it is nested deeper than " + IdentityTable.DEPTH_MAX + " levels");
    }
  }

  /** Gives the next number to the object that was read. */
  void leave(Object object) {
    depth--;
    objects.add(object);
  }

  /** Moves past a value of any kind. */
  void skip() {
    int token = readByte();
    switch (token) {
      case StateWriter.NULL -> {}
      case StateWriter.REF -> at(objects, readInt(), "object");
      case StateWriter.VALUE -> transfer(readInt(), null);
      case StateWriter.ATOM -> {
        enter();
        transfer(readInt(), null);
        leave(SKIPPED);
      }
      case StateWriter.OBJECT -> {
        enter();
        for (int fields = readLayout().size() - 1; fields > 0; fields--) {
          skip();
        }
        leave(SKIPPED);
      }
      case StateWriter.SEQUENCE -> skipBatches(1);
      case StateWriter.MAP -> skipBatches(2);
      default -> throw unknown(token);
    }
  }

  private void skipBatches(int columns) {
    enter();
    readSymbol();
    readSymbol();
    for (int rows = readInt(); rows > 0; rows = readInt()) {
      for (int i = 0; i < columns; i++) {
        skipColumn(rows);
      }
    }
    leave(SKIPPED);
  }

  private void skipColumn(int rows) {
    int token = readByte();
    if (token == StateWriter.COLUMN_OF_VALUES) {
      transfer(readInt(), null);
    } else if (token == StateWriter.COLUMN_OF_TOKENS) {
      for (int i = 0; i < rows; i++) {
        skip();
      }
    } else {
      throw unknown(token);
    }
  }

  StateFailure unknown(int token) {
    return new StateFailure("no value of its type begins with " + token);
  }
}
