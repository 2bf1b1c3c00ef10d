package dev.milonga.bench;

import java.util.Arrays;
import java.util.SplittableRandom;

/** Draws keys from {@code 0} to one less than their number. Immutable and thread-safe. */
@FunctionalInterface
interface KeyDraw {

  int next(SplittableRandom random);

  /** All equally likely. */
  static KeyDraw uniform(int keys) {
    return random -> random.nextInt(keys);
  }

  /**
   * Zipf's law with exponent 0.99, as in YCSB: key {@code k} in proportion to {@code 1 / (k +
   * 1)^0.99}.
   */
  static KeyDraw zipf(int keys) {
    double[] upTo = new double[keys]; // the weight of each key and those before it
    double sum = 0;
    for (int key = 0; key < keys; key++) {
      sum += Math.pow(key + 1.0, -0.99);
      upTo[key] = sum;
    }
    double all = sum;
    return random -> {
      int found = Arrays.binarySearch(upTo, random.nextDouble() * all);
      return Math.min(keys - 1, found < 0 ? -found - 1 : found + 1);
    };
  }
}
