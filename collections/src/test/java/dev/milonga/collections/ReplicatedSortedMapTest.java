package dev.milonga.collections;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Iterator;
import java.util.Map;
import java.util.Spliterator;
import org.junit.jupiter.api.Test;

class ReplicatedSortedMapTest {

  private final ReplicatedSortedMap<String, Integer> map = new ReplicatedSortedMap<>();

  @Test
  void keysThatCannotBeCompared_areRefused() {
    map.put("a", 1);

    assertThatThrownBy(() -> map.get(1)).isInstanceOf(ClassCastException.class);
    assertThatThrownBy(() -> map.remove(1)).isInstanceOf(ClassCastException.class);
    assertThat(map).containsExactly(Map.entry("a", 1));
  }

  @Test
  void clearOfAView_removesItsRangeAlone() {
    for (String key : new String[] {"a", "b", "c", "d", "e"}) {
      map.set(key, 0);
    }

    map.subMap("b", false, "d", true).clear();
    map.descendingMap().headMap("e", true).clear();

    assertThat(map.keySet()).containsExactly("a", "b");
  }

  @Test
  void aView_showsWhatIsPutLater_butItsIteratorDoesNot() {
    map.put("a", 1);
    map.put("c", 3);
    Map<String, Integer> tail = map.tailMap("b");
    Iterator<String> keys = tail.keySet().iterator();

    map.put("d", 4);

    assertThat(tail).containsExactly(Map.entry("c", 3), Map.entry("d", 4));
    assertThat(keys).toIterable().containsExactly("c");
  }

  @Test
  void aPutBeyondAView_isRefused() {
    assertThatThrownBy(() -> map.headMap("b").put("b", 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("not in the range of this view");
    assertThatThrownBy(() -> map.headMap("b").tailMap("c"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(map).isEmpty();
  }

  @Test
  void keys_areKnownToBeSorted() {
    map.put("b", 1);
    map.put("a", 1);

    assertThat(map.keySet().spliterator().hasCharacteristics(Spliterator.SORTED)).isTrue();
    assertThat(map.descendingKeySet().stream().sorted()).containsExactly("a", "b");
  }

  @Test
  void nulls_areRefusedAndChangeNothing() {
    assertThatThrownBy(() -> map.put(null, 1)).hasMessageContaining("null key");
    assertThatThrownBy(() -> map.floorKey(null)).hasMessageContaining("null key");
    assertThatThrownBy(() -> map.headMap(null)).hasMessageContaining("null key");
    assertThatThrownBy(() -> map.put("a", null)).hasMessageContaining("null value");
    assertThat(map).isEmpty();
  }
}
