package dev.milonga.tests.fuzz;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.HexFormat;

/**
 * Runs a decoder on one input after another, and throws a {@link Finding} where it does what it
 * must not: throws what is no refusal, or allocates more than the input can justify. Used by one
 * thread.
 */
final class DecoderRun {

  /** What any input may allocate, in bytes. */
  static final long ALLOWANCE = 64 << 10;

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private static final int REPEATS = 3;
  private static final int SHOWN_MAX = 4_096;

  /** Something that a decoder must not do. */
  static final class Finding extends AssertionError {
    Finding(String message, Throwable cause) {
      super(message, cause);
    }
  }

  private final Decoder decoder;
  private final long allowance;
  private long values;
  private long refusals;

  DecoderRun(Decoder decoder) {
    this(decoder, ALLOWANCE);
  }

  /** With another allowance, where what watches the decoder allocates as well. */
  DecoderRun(Decoder decoder, long allowance) {
    this.decoder = decoder;
    this.allowance = allowance;
  }

  void run(byte[] bytes) {
    long allocated = allocatedBy(bytes);
    // Whatever happens for the first time loads classes and fills caches; a decoder does it again.
    for (int i = 0; allocated > limit(bytes) && i < REPEATS; i++) {
      allocated = Math.min(allocated, allocatedBy(bytes));
    }
    if (allocated > limit(bytes)) {
      throw new Finding(
          decoder + " allocates " + allocated + " bytes, limit " + limit(bytes) + shown(bytes),
          null);
    }
  }

  private long limit(byte[] bytes) {
    return allowance + (long) decoder.bytesForEach() * bytes.length;
  }

  private long allocatedBy(byte[] bytes) {
    byte[] given = bytes.clone(); // a decoder may keep or change it
    long before = THREADS.getCurrentThreadAllocatedBytes();
    try {
      decoder.body().decode(given);
      values++;
    } catch (Throwable e) {
      if (!decoder.isRefusal(e)) {
        throw new Finding(decoder + " throws " + e + shown(bytes), e);
      }
      refusals++;
    }
    return THREADS.getCurrentThreadAllocatedBytes() - before;
  }

  private static String shown(byte[] bytes) {
    int shown = Math.min(bytes.length, SHOWN_MAX);
    return ", given "
        + bytes.length
        + " bytes: "
        + HexFormat.of().formatHex(bytes, 0, shown)
        + (shown < bytes.length ? "…" : "");
  }

  /** How often a value was made. */
  long values() {
    return values;
  }

  /** How often the input was refused. */
  long refusals() {
    return refusals;
  }
}
