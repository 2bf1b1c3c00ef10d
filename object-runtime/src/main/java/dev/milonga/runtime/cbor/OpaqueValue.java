package dev.milonga.runtime.cbor;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Stands for a value of a class that this program does not have: open a {@code Map<String,
 * OpaqueValue>} where the log holds a {@code Map<String, Order>}.
 *
 * <p>Values that are encoded alike are equal. Whether others are, only their class can tell; being
 * asked that, an opaque value throws {@link NoClassDefFoundError} instead of guessing, which halts
 * the view.
 */
public final class OpaqueValue {

  private final byte[] encoded;

  OpaqueValue(byte[] encoded) {
    this.encoded = encoded;
  }

  byte[] encoded() {
    return encoded;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    if (other instanceof OpaqueValue that && Arrays.equals(encoded, that.encoded)) {
      return true;
    }
    throw unknown();
  }

  @Override
  public int hashCode() {
    throw unknown(); // equal values may be encoded differently
  }

  private static NoClassDefFoundError unknown() {
    return new NoClassDefFoundError(
        "whether they are equal is known only to the class of the values");
  }
}
