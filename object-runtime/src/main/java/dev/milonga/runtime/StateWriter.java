package dev.milonga.runtime;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Writes a state as a stream of bytes, cut into chunks. Used once, by one thread.
 *
 * <p>A value is a token and what follows it; {@link StateReader} reads the same. Every token says
 * enough to be skipped without knowing the classes. Objects are numbered in the order in which they
 * end, and {@link #REF} stands for one that was written before.
 */
final class StateWriter {

  static final int NULL = 0;

  /** The number of an object that was written before. */
  static final int REF = 1;

  /** An immutable value: its length, and what the codec makes of it. */
  static final int VALUE = 2;

  /** A mutable object without parts: as {@link #VALUE}, but it has a number. */
  static final int ATOM = 3;

  /** An object: its layout, and its fields in that order. */
  static final int OBJECT = 4;

  /** A collection or array: its kind, its order, and batches of one column. */
  static final int SEQUENCE = 5;

  /** A map: its kind, its order, and batches of a column of keys and one of values. */
  static final int MAP = 6;

  /** A column of immutable values: its length, and what the codec makes of the list of them. */
  static final int COLUMN_OF_VALUES = 7;

  /** A column of single values. */
  static final int COLUMN_OF_TOKENS = 8;

  private final Consumer<byte[]> chunks;
  private final int chunkBytes;
  private byte[] buffer = new byte[512];
  private int used;
  private long flushed; // bytes
  private final IdentityTable<Integer> objects = new IdentityTable<>();
  private int written; // objects
  private final Map<String, Integer> symbols = new HashMap<>();
  private final Map<List<String>, Integer> layouts = new HashMap<>();

  /**
   * @param chunkBytes the size of all chunks but the last; at least 512
   */
  StateWriter(int chunkBytes, Consumer<byte[]> chunks) {
    this.chunkBytes = chunkBytes;
    this.chunks = chunks;
  }

  /**
   * Writes a null, or a reference to an object that was written before.
   *
   * @return whether it was one of these
   */
  boolean writeKnown(@Nullable Object object) {
    if (object == null) {
      writeByte(NULL);
      return true;
    }
    Integer number = objects.find(object);
    if (number == null) {
      return false;
    }
    writeByte(REF);
    writeInt(number);
    return true;
  }

  /** Whether that very object was written, as one that can change. */
  boolean knows(Object object) {
    return objects.find(object) != null;
  }

  /** The number of bytes written so far. */
  long length() {
    return flushed + used;
  }

  void enter(Object object) {
    objects.enter(object);
  }

  void leave(Object object) {
    objects.leave(object, written++);
  }

  void writeByte(int value) {
    makeRoom();
    buffer[used++] = (byte) value;
  }

  /** Writes an integer that is not negative, in seven bits a byte. */
  void writeInt(int value) {
    int rest = value;
    while (rest > 0x7f) {
      writeByte(rest & 0x7f | 0x80);
      rest >>>= 7;
    }
    writeByte(rest);
  }

  /** Writes bytes after their length. */
  void writeBytes(byte[] bytes) {
    writeInt(bytes.length);
    int from = 0;
    while (from < bytes.length) {
      makeRoom();
      int part = Math.min(bytes.length - from, buffer.length - used);
      System.arraycopy(bytes, from, buffer, used, part);
      used += part;
      from += part;
    }
  }

  /** Writes a name that occurs often: in full the first time, then by its number. */
  void writeSymbol(String name) {
    Integer number = symbols.putIfAbsent(name, symbols.size());
    writeInt(number == null ? symbols.size() - 1 : number);
    if (number == null) {
      writeBytes(name.getBytes(StandardCharsets.UTF_8));
    }
  }

  /** Writes the name of a class and those of its fields: in full the first time. */
  void writeLayout(List<String> names) {
    Integer number = layouts.putIfAbsent(names, layouts.size());
    writeInt(number == null ? layouts.size() - 1 : number);
    if (number == null) {
      writeInt(names.size());
      names.forEach(this::writeSymbol);
    }
  }

  /** Hands out the last chunk. */
  void finish() {
    if (used > 0) {
      flush();
    }
  }

  private void flush() {
    byte[] chunk = Arrays.copyOf(buffer, used);
    flushed += used;
    used = 0;
    try {
      chunks.accept(chunk);
    } catch (RuntimeException e) {
      throw new CallerFailure(e);
    }
  }

  // Most states are small, and need no buffer of the size of a chunk.
  private void makeRoom() {
    if (used == chunkBytes) {
      flush();
    } else if (used == buffer.length) {
      buffer = Arrays.copyOf(buffer, Math.min(chunkBytes, 2 * buffer.length));
    }
  }
}
