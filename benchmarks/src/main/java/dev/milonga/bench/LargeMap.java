package dev.milonga.bench;

import dev.milonga.Milonga;
import dev.milonga.collections.ReplicatedMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SplittableRandom;

/** A map of up to a million entries. */
final class LargeMap {

  private static final int BLOCK = 1_000;

  private LargeMap() {}

  /** Fills a new map: keys of 16 characters, values of 100. */
  static ReplicatedMap<String, String> fill(Bench bench, Milonga store, int entries) {
    SplittableRandom random = new SplittableRandom(bench.settings().seed());
    ReplicatedMap<String, String> map = store.map(Reopening.MAP, String.class, String.class);
    for (int from = 0; from < entries; from += BLOCK) {
      Map<String, String> block = new LinkedHashMap<>();
      for (int i = from; i < Math.min(entries, from + BLOCK); i++) {
        block.put(Pairs.newKey(i), bench.pairs().value(random));
      }
      map.putAll(block);
    }
    return map;
  }
}
