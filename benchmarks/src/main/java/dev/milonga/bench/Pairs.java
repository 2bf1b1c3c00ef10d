package dev.milonga.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** The keys and values of all runs: 10,000 keys of 16 characters, values of 100 characters. */
final class Pairs {

  static final int KEYS = 10_000;
  private static final int VALUES = 1_024;

  private final List<String> keys = new ArrayList<>(KEYS);
  private final List<String> values = new ArrayList<>(VALUES);

  /** The pairs that are drawn from that seed. */
  Pairs(long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < KEYS; i++) {
      keys.add(String.format("key-%012d", i));
    }
    for (int i = 0; i < VALUES; i++) {
      StringBuilder value = new StringBuilder(100);
      random.ints(100, 'a', 'z' + 1).forEach(c -> value.append((char) c));
      values.add(value.toString());
    }
  }

  /** A key, all equally likely. */
  String key(SplittableRandom random) {
    return keys.get(random.nextInt(KEYS));
  }

  /** A value. */
  String value(SplittableRandom random) {
    return values.get(random.nextInt(VALUES));
  }

  /** Every key once, with some value. */
  List<Map.Entry<String, String>> everyKey() {
    List<Map.Entry<String, String>> all = new ArrayList<>(KEYS);
    for (int i = 0; i < KEYS; i++) {
      all.add(Map.entry(keys.get(i), values.get(i % VALUES)));
    }
    return all;
  }

  /** That many pairs. */
  List<Map.Entry<String, String>> draw(int count, SplittableRandom random) {
    List<Map.Entry<String, String>> drawn = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      drawn.add(Map.entry(key(random), value(random)));
    }
    return drawn;
  }
}
