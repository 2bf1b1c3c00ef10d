package dev.milonga.runtime;

import dev.milonga.annotations.Accessor;
import dev.milonga.annotations.ConflictKey;
import dev.milonga.annotations.Mutator;
import java.util.LinkedHashMap;
import java.util.Map;

/** A plain class, as a user would write one. */
public class Inventory {

  private final Map<String, Integer> stock = new LinkedHashMap<>();

  @Mutator
  public void restock(@ConflictKey String sku, int n) {
    stock.merge(sku, n, Integer::sum);
  }

  @Mutator
  public boolean take(@ConflictKey String sku, int n) {
    int have = stock.getOrDefault(sku, 0);
    if (have < n) {
      return false;
    }
    stock.put(sku, have - n);
    return true;
  }

  @Mutator
  public int takeAll(@ConflictKey String sku) {
    Integer had = stock.remove(sku);
    if (had == null) {
      throw new IllegalArgumentException("no such sku: " + sku);
    }
    return had;
  }

  @Accessor
  public int inStock(@ConflictKey String sku) {
    return stock.getOrDefault(sku, 0);
  }

  @Accessor
  public Map<String, Integer> all() {
    return stock;
  }

  public boolean move(String from, String to, int n) {
    if (!take(from, n)) {
      return false;
    }
    restock(to, n);
    return true;
  }
}
