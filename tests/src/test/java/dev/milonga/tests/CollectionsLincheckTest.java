package dev.milonga.tests;

import dev.milonga.Milonga;
import dev.milonga.collections.ReplicatedMap;
import dev.milonga.log.InMemoryLog;
import java.util.HashMap;
import java.util.Map;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledForJreRange;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.condition.JRE;

/**
 * A map and an object of one's own, shared by two clients, under random scenarios of three threads:
 * Lincheck looks for an order of the calls that explains what they have returned. Runs when asked
 * for; {@link HistoriesTest} looks at longer histories in each build.
 */
@EnabledIfSystemProperty(named = "milonga.lincheck", matches = "[1-9][0-9]*")
@Param(name = "key", gen = IntGen.class, conf = "1:3")
@Param(name = "value", gen = IntGen.class, conf = "1:9")
@EnabledForJreRange(max = JRE.JAVA_21) // Lincheck 3.7 cannot look into the classes of later ones
public class CollectionsLincheckTest {

  private final InMemoryLog log = InMemoryLog.create();
  private final Milonga here = Milonga.over(log);
  private final Milonga there = Milonga.over(log);
  private final ReplicatedMap<Integer, Integer> mine = map(here);
  private final ReplicatedMap<Integer, Integer> theirs = map(there);
  private final Inventory myStock = here.object(Inventory.class, "stock");
  private final Inventory theirStock = there.object(Inventory.class, "stock");

  private static ReplicatedMap<Integer, Integer> map(Milonga store) {
    return store.map("map", Integer.class, Integer.class);
  }

  @Operation
  public Integer put(@Param(name = "key") int key, @Param(name = "value") int value) {
    return mine.put(key, value);
  }

  @Operation
  public Integer putThere(@Param(name = "key") int key, @Param(name = "value") int value) {
    return theirs.put(key, value);
  }

  @Operation
  public Integer get(@Param(name = "key") int key) {
    return mine.get(key);
  }

  @Operation
  public Integer getThere(@Param(name = "key") int key) {
    return theirs.get(key);
  }

  @Operation
  public Integer remove(@Param(name = "key") int key) {
    return theirs.remove(key);
  }

  @Operation
  public int size() {
    return mine.size();
  }

  @Operation
  public int restock(@Param(name = "value") int n) {
    return myStock.restock("a", n);
  }

  @Operation
  public int inStock() {
    return theirStock.inStock("a");
  }

  /** A transaction over both. */
  @Operation
  public int move(@Param(name = "key") int key) {
    return here.transact(
        () -> {
          Integer moved = mine.remove(key);
          return moved == null ? 0 : myStock.restock("a", moved);
        });
  }

  @Validate
  public void close() {
    here.close();
    there.close();
    log.close();
  }

  /** What the calls do one after the other. */
  public static class Sequential {

    private final Map<Integer, Integer> map = new HashMap<>();
    private int stock;

    public Integer put(int key, int value) {
      return map.put(key, value);
    }

    public Integer putThere(int key, int value) {
      return map.put(key, value);
    }

    public Integer get(int key) {
      return map.get(key);
    }

    public Integer getThere(int key) {
      return map.get(key);
    }

    public Integer remove(int key) {
      return map.remove(key);
    }

    public int size() {
      return map.size();
    }

    public int restock(int n) {
      stock += n;
      return stock;
    }

    public int inStock() {
      return stock;
    }

    public int move(int key) {
      Integer moved = map.remove(key);
      return moved == null ? 0 : restock(moved);
    }
  }

  @Test
  void mapAndObjectOfTwoClients_areLinearizable() {
    new StressOptions()
        .iterations(3 * Integer.getInteger("milonga.lincheck", 1))
        .invocationsPerIteration(25)
        .threads(3)
        .actorsPerThread(3)
        .actorsBefore(1)
        .actorsAfter(1)
        .sequentialSpecification(Sequential.class)
        .check(CollectionsLincheckTest.class);
  }
}
