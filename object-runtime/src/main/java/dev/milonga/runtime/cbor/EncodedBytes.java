package dev.milonga.runtime.cbor;

import java.io.OutputStream;
import java.util.Arrays;

/** Takes what a {@link CborWriter} has written. Used once, by one thread. */
final class EncodedBytes extends OutputStream {

  /** More is refused: a value whose parts are shared many times over unfolds without end. */
  static final int BYTES_MAX = 256 << 20;

  private byte[] buffer = {};
  private int length;

  int length() {
    return length;
  }

  @Override
  public void write(int b) {
    write(new byte[] {(byte) b}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int offset, int count) {
    long needed = (long) length + count;
    if (needed > BYTES_MAX) {
      throw new Failure(
          "its encoded form exceeds "
              + (BYTES_MAX >> 20)
              + " MiB; pass it in parts, and check that it does not share parts many times over");
    }
    if (needed > buffer.length) {
      // The first write gets what it needs and no more: most values come in one.
      buffer =
          Arrays.copyOf(buffer, (int) Math.min(BYTES_MAX, Math.max(needed, 2L * buffer.length)));
    }
    System.arraycopy(bytes, offset, buffer, length, count);
    length += count;
  }

  /** The bytes written since {@code start}, removed from the end. */
  byte[] cutFrom(int start) {
    byte[] cut = Arrays.copyOfRange(buffer, start, length);
    length = start;
    return cut;
  }

  /** All bytes; nothing is written afterwards. */
  byte[] toByteArray() {
    return length == buffer.length ? buffer : Arrays.copyOf(buffer, length);
  }
}
