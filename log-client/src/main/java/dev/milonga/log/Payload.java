package dev.milonga.log;

import java.nio.ByteBuffer;
import java.util.Arrays;

/** The bytes of an entry, opaque to the log. Immutable, and compared by content. */
public final class Payload {

  private final byte[] bytes;

  private Payload(byte[] bytes) {
    this.bytes = bytes;
  }

  /** A payload of a copy of those bytes. */
  public static Payload copyOf(byte[] bytes) {
    return new Payload(bytes.clone());
  }

  /** A payload of those very bytes: the caller gives the array up and never changes it again. */
  public static Payload wrap(byte[] bytes) {
    return new Payload(bytes);
  }

  /** The number of bytes. */
  public int size() {
    return bytes.length;
  }

  /** A copy of the bytes. */
  public byte[] toByteArray() {
    return bytes.clone();
  }

  /** The bytes as a read-only buffer, not copied. */
  public ByteBuffer asBuffer() {
    return ByteBuffer.wrap(bytes).asReadOnlyBuffer();
  }

  /** The bytes themselves, for decoders that would otherwise copy each entry: never change them. */
  public byte[] array() {
    return bytes;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Payload that && Arrays.equals(bytes, that.bytes);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(bytes);
  }

  @Override
  public String toString() {
    return "payload of " + bytes.length + " bytes";
  }
}
