package dev.milonga.tests;

import dev.milonga.annotations.Accessor;
import dev.milonga.annotations.Mutator;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A plain class whose mutators depend on the order in which its hash containers iterate. */
public class Tangle {

  private final Map<String, Long> weights = new HashMap<>();
  private final Set<String> seen = new HashSet<>();
  private String trail = "";

  @Mutator
  public String touch(String key, long n) {
    weights.merge(key, n, Long::sum);
    seen.add(key);
    Iterator<String> first = weights.keySet().iterator();
    trail = (first.next() + trail).substring(0, Math.min(40, trail.length() + 1));
    return trail;
  }

  /** Drops what the map happens to iterate over first. */
  @Mutator
  public boolean dropFirst() {
    Iterator<String> keys = weights.keySet().iterator();
    if (!keys.hasNext()) {
      return false;
    }
    seen.remove(keys.next());
    keys.remove();
    return true;
  }

  @Accessor
  public List<String> everything() {
    List<String> all = new ArrayList<>();
    weights.forEach((key, weight) -> all.add(key + "=" + weight));
    all.addAll(seen);
    all.add(trail);
    return all;
  }
}
