package dev.milonga.log;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;

/**
 * Who acts on a log, by the name under which the log has authenticated them. Names are compared
 * character by character.
 *
 * @param name 1 to {@value #BYTES_MAX} bytes in UTF-8, without control characters, so that it can
 *     be shown in one line wherever it turns up
 */
public record Principal(String name) {

  /** The length of the longest name, in bytes of UTF-8. */
  public static final int BYTES_MAX = 256;

  /** Refuses names that are empty, too long, have no UTF-8, or hold control characters. */
  public Principal {
    if (name.isEmpty()) {
      throw new IllegalArgumentException("the name of a principal is empty; give one, or nobody");
    }
    long bytes = 0;
    for (int i = 0; i < name.length(); ) {
      int character = name.codePointAt(i);
      if (Character.isISOControl(character)) {
        throw new IllegalArgumentException(
            String.format(
                "the name of a principal holds the control character U+%04X at %d; leave it out",
                character, i));
      }
      if (Character.MIN_SURROGATE <= character && character <= Character.MAX_SURROGATE) {
        throw new IllegalArgumentException(
            "the name of a principal holds half a surrogate pair at " + i + "; leave it out");
      }
      bytes += utf8Bytes(character);
      i += Character.charCount(character);
    }
    if (bytes > BYTES_MAX) {
      throw new IllegalArgumentException(
          "the name of a principal has "
              + bytes
              + " bytes in UTF-8, at most "
              + BYTES_MAX
              + " are possible; use a shorter one");
    }
  }

  /**
   * The principal with that name in UTF-8, for implementations of a log.
   *
   * @throws IllegalArgumentException if the bytes are not UTF-8, or not such a name
   */
  public static Principal ofUtf8(byte[] bytes, int from, int length) {
    String name = new String(bytes, from, length, UTF_8);
    // Bytes that are no UTF-8 are read as U+FFFD, and would then stand for another name.
    if (name.indexOf('\uFFFD') >= 0
        && !Arrays.equals(name.getBytes(UTF_8), Arrays.copyOfRange(bytes, from, from + length))) {
      throw new IllegalArgumentException("the name of a principal is not UTF-8");
    }
    return new Principal(name);
  }

  /** The name in UTF-8. */
  public byte[] utf8() {
    return name.getBytes(UTF_8);
  }

  private static int utf8Bytes(int character) {
    return character < 0x80 ? 1 : character < 0x800 ? 2 : character < 0x1_0000 ? 3 : 4;
  }

  @Override
  public String toString() {
    return name;
  }
}
