package dev.milonga.collections;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class OrderedTrieTest {

  /** A key of which all have one of few hash codes, as an attacker or a bad hash would have it. */
  private record Colliding(int value, int buckets) {
    @Override
    public int hashCode() {
      return value % buckets;
    }
  }

  private record Change(int key, int value, boolean removal) {}

  @Provide
  Arbitrary<List<Change>> changes() {
    return Combinators.combine(
            Arbitraries.integers().between(0, 40),
            Arbitraries.integers(),
            Arbitraries.of(true, false, false))
        .as(Change::new)
        .list()
        .ofMaxSize(200);
  }

  @Property(tries = 300)
  void anyChanges_equalThoseOfALinkedHashMap(
      @ForAll("changes") List<Change> changes, @ForAll boolean collisions) {
    int buckets = collisions ? 2 : Integer.MAX_VALUE;
    OrderedTrie<Colliding, Integer> trie = OrderedTrie.empty();
    Map<Colliding, Integer> model = new LinkedHashMap<>();

    for (Change change : changes) {
      Colliding key = new Colliding(change.key, buckets);
      if (change.removal) {
        trie = trie.without(key);
        model.remove(key);
      } else {
        trie = trie.with(key, change.value);
        model.put(key, change.value);
      }
    }

    assertThat(entries(trie.iterator())).isEqualTo(List.copyOf(model.entrySet()));
    assertThat(entries(trie.keys())).isEqualTo(List.copyOf(model.keySet()));
    assertThat(trie.size()).isEqualTo(model.size());
  }

  @Property(tries = 300)
  void mapOfEntries_isAsIfEachHadBeenPut(
      @ForAll("changes") List<Change> changes, @ForAll boolean collisions) {
    int buckets = collisions ? 2 : Integer.MAX_VALUE;
    List<Map.Entry<Colliding, Integer>> puts = new ArrayList<>();
    OrderedTrie<Colliding, Integer> expected = OrderedTrie.empty();
    for (Change change : changes) {
      puts.add(Map.entry(new Colliding(change.key, buckets), change.value));
      expected = expected.with(new Colliding(change.key, buckets), change.value);
    }

    OrderedTrie<Colliding, Integer> made = OrderedTrie.of(puts.iterator());

    assertThat(entries(made.iterator())).isEqualTo(entries(expected.iterator()));
    assertThat(made.size()).isEqualTo(expected.size());
    for (Map.Entry<Colliding, Integer> put : puts) { // each key is at its number
      made = made.without(put.getKey());
      expected = expected.without(put.getKey());
      assertThat(entries(made.iterator())).isEqualTo(entries(expected.iterator()));
    }
  }

  @Test
  void mapOfManyEntries_isOneToGoOnFrom() {
    Map<Integer, Integer> model = new LinkedHashMap<>();
    for (int i = 0; i < 33_000; i++) { // past four levels of the sequence
      model.put(i, -i);
    }
    OrderedTrie<Integer, Integer> made = OrderedTrie.of(List.copyOf(model.entrySet()).iterator());

    OrderedTrie<Integer, Integer> changed = made.with(7, 7).with(33_000, 1).without(0);
    Map<Integer, Integer> changedModel = new LinkedHashMap<>(model);
    changedModel.put(7, 7);
    changedModel.put(33_000, 1);
    changedModel.remove(0);

    assertThat(entries(changed.iterator())).isEqualTo(List.copyOf(changedModel.entrySet()));
    assertThat(entries(made.iterator())).isEqualTo(List.copyOf(model.entrySet()));
  }

  @Test
  void aThousandKeysOfOneHashCode_areAllFoundAndRemoved() {
    OrderedTrie<Colliding, Integer> trie = OrderedTrie.empty();
    for (int i = 0; i < 1_000; i++) {
      trie = trie.with(new Colliding(i, 1), i);
    }

    for (int i = 0; i < 1_000; i += 2) {
      assertThat(trie.get(new Colliding(i, 1))).isEqualTo(i);
      trie = trie.without(new Colliding(i, 1));
    }

    assertThat(trie.size()).isEqualTo(500);
    assertThat(trie.get(new Colliding(2, 1))).isNull();
    assertThat(trie.get(new Colliding(3, 1))).isEqualTo(3);
  }

  @Test
  void churnOverManyNumbers_keepsTheOrder() {
    OrderedTrie<Integer, Integer> trie = OrderedTrie.empty();
    Map<Integer, Integer> model = new LinkedHashMap<>();
    Random random = new Random(42);

    for (int i = 0; i < 200_000; i++) { // four levels of the sequence, most of it gaps
      trie = trie.with(i, i);
      model.put(i, i);
      int old = random.nextInt(i + 1);
      if (i > 100 && old % 1_000 != 0) {
        trie = trie.without(old);
        model.remove(old);
        trie = trie.without(i - 100);
        model.remove(i - 100);
      }
    }

    assertThat(entries(trie.iterator())).isEqualTo(List.copyOf(model.entrySet()));
    assertThat(model).hasSizeBetween(100, 100_000);
  }

  @Test
  void anEmptiedMap_startsAnew_inWhateverOrderItWasEmptied() {
    OrderedTrie<Integer, Integer> trie = OrderedTrie.empty();
    List<Integer> keys = new ArrayList<>();
    for (int i = 0; i < 3_000; i++) {
      trie = trie.with(i, i);
      keys.add(i);
    }

    Collections.shuffle(keys, new Random(42));
    for (int key : keys) {
      trie = trie.without(key);
    }

    assertThat(trie).isSameAs(OrderedTrie.empty());
    assertThat(entries(trie.iterator())).isEmpty();
  }

  @Test
  void withoutAnAbsentKey_isTheSameMap() {
    OrderedTrie<String, Integer> trie = OrderedTrie.<String, Integer>empty().with("a", 1);

    OrderedTrie<String, Integer> same = trie.without("b");

    assertThat(same).isSameAs(trie);
  }

  private static <T> List<T> entries(Iterator<T> iterator) {
    List<T> entries = new ArrayList<>();
    iterator.forEachRemaining(entries::add);
    return entries;
  }
}
