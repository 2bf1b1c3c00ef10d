package dev.milonga.tests.fuzz;

import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Inputs that are almost values: samples, each changed in a few places. Used by one thread. */
final class Mutations {

  private static final int CHANGES_MAX = 6;
  private static final int INSERTED_MAX = 16;
  private static final byte[] TELLING = {0, 1, 0x7f, (byte) 0x80, (byte) 0xff, 0x1f, 0x5f, 0x40};

  private final List<byte[]> samples;
  private final Random random;

  Mutations(List<byte[]> samples, Random random) {
    this.samples = samples;
    this.random = random;
  }

  byte[] next() {
    byte[] bytes = sample().clone();
    for (int changes = 1 + random.nextInt(CHANGES_MAX); changes > 0; changes--) {
      bytes = change(bytes);
    }
    return bytes;
  }

  private byte[] sample() {
    return samples.get(random.nextInt(samples.size()));
  }

  private byte[] change(byte[] bytes) {
    if (bytes.length == 0) {
      return inserted(bytes, 0, drawn());
    }
    int at = random.nextInt(bytes.length);
    switch (random.nextInt(8)) {
      case 0 -> bytes[at] = (byte) random.nextInt();
      case 1 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
      case 2 -> bytes[at] = TELLING[random.nextInt(TELLING.length)];
      case 3 -> bytes[at] += (byte) (random.nextBoolean() ? 1 : -1);
      case 4 -> {
        return Arrays.copyOf(bytes, at);
      }
      case 5 -> {
        return removed(bytes, at, 1 + random.nextInt(INSERTED_MAX));
      }
      case 6 -> {
        return inserted(bytes, at, drawn());
      }
      default -> {
        byte[] other = sample();
        int from = random.nextInt(other.length + 1);
        return inserted(bytes, at, Arrays.copyOfRange(other, from, other.length));
      }
    }
    return bytes;
  }

  private byte[] drawn() {
    byte[] drawn = new byte[1 + random.nextInt(INSERTED_MAX)];
    random.nextBytes(drawn);
    return drawn;
  }

  private static byte[] inserted(byte[] bytes, int at, byte[] more) {
    byte[] longer = Arrays.copyOf(bytes, bytes.length + more.length);
    System.arraycopy(more, 0, longer, at, more.length);
    System.arraycopy(bytes, at, longer, at + more.length, bytes.length - at);
    return longer;
  }

  private static byte[] removed(byte[] bytes, int at, int count) {
    int end = Math.min(bytes.length, at + count);
    byte[] shorter = Arrays.copyOf(bytes, bytes.length - (end - at));
    System.arraycopy(bytes, end, shorter, at, bytes.length - end);
    return shorter;
  }
}
