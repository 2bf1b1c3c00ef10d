package dev.milonga.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
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
      keys.add(existingKey(i));
    }
    for (int i = 0; i < VALUES; i++) {
      StringBuilder value = new StringBuilder(100);
      random.ints(100, 'a', 'z' + 1).forEach(c -> value.append((char) c));
      values.add(value.toString());
    }
  }

  private static String existingKey(int index) {
    return String.format("key-%012d", index);
  }

  /** The first key. */
  static String firstKey() {
    return existingKey(0);
  }

  /** The key of that number, from 0 to one less than {@link #KEYS}. */
  String keyAt(int index) {
    return keys.get(index);
  }

  /** A key, all equally likely. */
  String key(SplittableRandom random) {
    return keys.get(random.nextInt(KEYS));
  }

  /** One of the first so many keys, all equally likely. */
  String key(SplittableRandom random, int count) {
    return keys.get(random.nextInt(count));
  }

  /** A key that is none of the 10,000; they repeat after a million. */
  static String newKey(long number) {
    return "new-" + (100_000_000_000L + number % 1_000_000);
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

  /** Every key once, with some value. */
  LinkedHashMap<String, String> everyKeyAsMap() {
    LinkedHashMap<String, String> all = new LinkedHashMap<>();
    everyKey().forEach(pair -> all.put(pair.getKey(), pair.getValue()));
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
