package dev.milonga.tests;

import dev.milonga.annotations.Accessor;
import dev.milonga.annotations.ConflictKey;
import dev.milonga.annotations.Mutator;
import java.util.LinkedHashMap;
import java.util.Map;

/** A plain class, as a user would write one. */
public class Inventory {

  /** Thrown for more than there is. */
  public static final class OutOfStock extends Exception {
    public OutOfStock(String sku) {
      super("out of stock: " + sku);
    }
  }

  private final Map<String, Integer> stock = new LinkedHashMap<>();

  @Mutator
  public int restock(@ConflictKey String sku, int n) {
    return stock.merge(sku, n, Integer::sum);
  }

  @Mutator
  public int take(@ConflictKey String sku, int n) throws OutOfStock {
    int have = stock.getOrDefault(sku, 0);
    if (have < n) {
      throw new OutOfStock(sku);
    }
    stock.put(sku, have - n);
    return have - n;
  }

  @Accessor
  public int inStock(@ConflictKey String sku) {
    return stock.getOrDefault(sku, 0);
  }

  @Accessor
  public Map<String, Integer> all() {
    return stock;
  }
}
