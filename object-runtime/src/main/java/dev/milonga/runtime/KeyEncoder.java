package dev.milonga.runtime;

import org.jspecify.annotations.Nullable;

/**
 * Encodes conflict keys of one declared type, to be compared and never to be decoded. Immutable and
 * thread-safe.
 *
 * <p>Keys that are equal, by {@code equals} or by their natural order, are encoded alike, so that
 * no conflict passes unseen. Some that are not equal may be encoded alike as well, such as 1.0 and
 * 1.00 as {@code BigDecimal}: that can abort a transaction without need.
 */
public interface KeyEncoder {

  /**
   * The encoded key. {@code null} is a key of its own.
   *
   * @throws EncodingException if the key cannot be carried, naming why
   */
  byte[] encode(@Nullable Object key);
}
