package dev.milonga.runtime.cbor;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Stands for a value of a class that this program does not have, used as the key of a map or the
 * element of a set: open a {@code Map<OpaqueKey, …>} where the log holds a {@code Map<Sku, …>}.
 *
 * <p>Such values are encoded alike if they are equal, so that comparing the encoded bytes tells
 * what their class would. The order of different ones is known to their class only.
 */
public final class OpaqueKey implements Comparable<OpaqueKey> {

  private final byte[] encoded;

  OpaqueKey(byte[] encoded) {
    this.encoded = encoded;
  }

  byte[] encoded() {
    return encoded;
  }

  /**
   * Zero for equal keys.
   *
   * @throws NoClassDefFoundError for others
   */
  @Override
  public int compareTo(OpaqueKey other) {
    if (equals(other)) {
      return 0;
    }
    throw new NoClassDefFoundError("their order is known only to the class of the keys");
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof OpaqueKey that && Arrays.equals(encoded, that.encoded);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(encoded);
  }
}
