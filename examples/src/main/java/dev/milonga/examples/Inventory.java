package dev.milonga.examples;

import dev.milonga.annotations.Accessor;
import dev.milonga.annotations.ConflictKey;
import dev.milonga.annotations.Mutator;
import java.util.LinkedHashMap;
import java.util.Map;

/** What is in stock, by article number. A plain class: the annotations are all it takes. */
public class Inventory {

  private final Map<String, Integer> stock = new LinkedHashMap<>();

  /** Adds {@code n} pieces. */
  @Mutator
  public void restock(@ConflictKey String sku, int n) {
    stock.merge(sku, n, Integer::sum);
  }

  /** Takes {@code n} pieces if there are as many, and returns whether there were. */
  @Mutator
  public boolean take(@ConflictKey String sku, int n) {
    int have = inStock(sku);
    if (have < n) {
      return false;
    }
    stock.put(sku, have - n);
    return true;
  }

  /** How many pieces there are. */
  @Accessor
  public int inStock(@ConflictKey String sku) {
    return stock.getOrDefault(sku, 0);
  }
}
