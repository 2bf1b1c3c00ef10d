package dev.milonga.collections;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ReplicatedMapTest {

  private final ReplicatedMap<String, Integer> map = new ReplicatedMap<>();

  @Test
  void iteration_isInTheOrderOfFirstPuts_alsoForKeysWithIdentityHashCodes() {
    ReplicatedMap<TimeUnit, Integer> units = new ReplicatedMap<>();
    List<TimeUnit> order = Arrays.asList(TimeUnit.values());
    java.util.Collections.reverse(order);
    order.forEach(unit -> units.put(unit, 0));

    units.put(order.get(3), 1);

    assertThat(units.keySet()).containsExactlyElementsOf(order);
  }

  @Test
  void blindWrites_doWhatTheirReadingCounterpartsDo() {
    map.set("a", 1);
    map.set("b", 2);
    map.set("a", 3);
    map.delete("b");
    map.delete("nothing");

    assertThat(map).containsExactly(Map.entry("a", 3));
  }

  @Test
  void nulls_areRefusedAndChangeNothing() {
    map.put("a", 1);
    Map<String, Integer> withNull = new HashMap<>();
    withNull.put("b", null);

    assertThatThrownBy(() -> map.put(null, 1)).hasMessageContaining("null key");
    assertThatThrownBy(() -> map.put("b", null)).hasMessageContaining("null value");
    assertThatThrownBy(() -> map.set("b", null)).hasMessageContaining("null value");
    assertThatThrownBy(() -> map.putAll(withNull)).hasMessageContaining("null value");
    assertThatThrownBy(() -> map.get(null)).hasMessageContaining("null key");
    assertThatThrownBy(() -> map.replaceAll((key, value) -> null))
        .hasMessageContaining("null value");
    assertThat(map).containsExactly(Map.entry("a", 1));
  }

  @Test
  void aKeyOfAnotherClass_isNotThere() {
    map.put("1", 1);

    assertThat(map.get(1)).isNull();
    assertThat(map.remove(1)).isNull();
    assertThat(map.remove("1", "1")).isFalse();
    assertThat(map.keySet().contains(1)).isFalse();
  }

  @Test
  void aKeyThatNoCopyCouldEqual_isRefused() {
    ReplicatedMap<byte[], Integer> arrays = new ReplicatedMap<>();

    assertThatThrownBy(() -> arrays.put(new byte[1], 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("byte[]")
        .hasMessageContaining("List in place of the array");
    assertThatThrownBy(() -> arrays.putAll(Map.of(new byte[1], 1)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(arrays.isEmpty()).isTrue();
  }

  @Test
  void anExpectedValueThatNoCopyCouldEqual_isRefused() {
    ReplicatedMap<String, int[]> arrays = new ReplicatedMap<>();
    int[] value = {1};
    arrays.put("a", value);

    assertThatThrownBy(() -> arrays.replace("a", value, value))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> arrays.compute("a", (key, old) -> new int[2]))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> arrays.replaceAll((key, old) -> new int[2]))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(arrays.get("a")).isSameAs(value);
  }

  @Test
  void anIterator_runsOverOneMoment() {
    map.putAll(Map.of("a", 1));
    map.put("b", 2);
    Iterator<Map.Entry<String, Integer>> entries = map.entrySet().iterator();

    map.clear();
    map.put("c", 3);

    assertThat(entries).toIterable().containsExactly(Map.entry("a", 1), Map.entry("b", 2));
  }

  @Test
  void compute_runsAgainOnTheNewerValue() {
    map.put("a", 1);

    Integer result =
        map.compute(
            "a",
            (key, value) -> {
              if (value == 1) {
                map.put("a", 10); // another writer comes between
              }
              return value + 1;
            });

    assertThat(result).isEqualTo(11);
    assertThat(map.get("a")).isEqualTo(11);
  }

  @Test
  void replaceAll_runsAgainForWhatOthersChanged_andLeavesOutWhatTheyRemoved() {
    for (String key : List.of("a", "b", "c", "d")) {
      map.put(key, 1);
    }

    map.replaceAll(
        (key, value) -> {
          if (key.equals("d") && value == 1) { // another writer comes between
            map.put("b", 10);
            map.remove("c");
          }
          return value + 1;
        });

    assertThat(map).containsExactly(Map.entry("a", 2), Map.entry("b", 11), Map.entry("d", 2));
  }

  @Test
  void removeIfOfEntries_sparesThoseThatChangedMeanwhile() {
    map.put("a", 1);
    map.put("b", 1);

    boolean removed =
        map.entrySet()
            .removeIf(
                entry -> {
                  map.put("a", 2); // another writer comes between
                  return true;
                });

    assertThat(removed).isTrue();
    assertThat(map).containsExactly(Map.entry("a", 2));
  }

  @Test
  void removeIfOfKeys_removesThemWithWhateverValue() {
    map.put("a", 1);
    map.put("b", 1);

    map.keySet()
        .removeIf(
            key -> {
              map.put("a", 2); // another writer comes between
              return key.equals("a");
            });

    assertThat(map).containsExactly(Map.entry("b", 1));
  }

  @Test
  void equality_isByContent_inBothDirections() {
    map.put("b", 2);
    map.put("a", 1);

    assertThat(map.equals(Map.of("a", 1, "b", 2))).isTrue();
    assertThat(Map.of("a", 1, "b", 2).equals(map)).isTrue();
    assertThat(map.entrySet().equals(Set.copyOf(map.entrySet()))).isTrue();
    assertThat(map.equals(Map.of("a", 1))).isFalse();
    assertThat(map.equals("a")).isFalse();
    assertThat(map).hasToString("{b=2, a=1}");
  }
}
