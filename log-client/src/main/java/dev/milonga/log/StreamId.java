package dev.milonga.log;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * An object's part of the log: 128 bits, derived from the object's name.
 *
 * @param high the upper 64 bits
 * @param low the lower 64 bits
 */
public record StreamId(long high, long low) implements Comparable<StreamId> {

  /**
   * The stream of that name: the first 128 bits of the SHA-256 of its UTF-8 form.
   *
   * @throws IllegalArgumentException if the name contains half a surrogate pair: such names have no
   *     UTF-8 form, and those that differ only there would share a stream
   */
  public static StreamId named(String name) {
    MessageDigest sha256 = sha256();
    sha256.update(utf8(name));
    ByteBuffer digest = ByteBuffer.wrap(sha256.digest());
    return new StreamId(digest.getLong(), digest.getLong());
  }

  private static ByteBuffer utf8(String name) {
    try {
      return StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(name));
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException(
          "the name \"" + name + "\" contains half a surrogate pair; use whole characters", e);
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }

  /** Orders by the unsigned value of the 128 bits. */
  @Override
  public int compareTo(StreamId other) {
    int byHigh = Long.compareUnsigned(high, other.high);
    return byHigh != 0 ? byHigh : Long.compareUnsigned(low, other.low);
  }

  /** The 128 bits as 32 hexadecimal digits. */
  @Override
  public String toString() {
    return String.format("%016x%016x", high, low);
  }
}
