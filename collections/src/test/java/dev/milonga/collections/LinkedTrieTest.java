package dev.milonga.collections;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class LinkedTrieTest {

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
    LinkedTrie<Colliding, Integer> trie = LinkedTrie.empty();
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
    assertThat(entries(LinkedTrie.of(trie.iterator()).iterator()))
        .isEqualTo(List.copyOf(model.entrySet()));
    assertThat(entries(trie.keys())).isEqualTo(List.copyOf(model.keySet()));
    assertThat(trie.size()).isEqualTo(model.size());
  }

  @Test
  void aThousandKeysOfOneHashCode_areAllFoundAndRemoved() {
    LinkedTrie<Colliding, Integer> trie = LinkedTrie.empty();
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
  void withoutAnAbsentKey_isTheSameMap() {
    LinkedTrie<String, Integer> trie = LinkedTrie.<String, Integer>empty().with("a", 1);

    LinkedTrie<String, Integer> same = trie.without("b");

    assertThat(same).isSameAs(trie);
  }

  private static <T> List<T> entries(Iterator<T> iterator) {
    List<T> entries = new ArrayList<>();
    iterator.forEachRemaining(entries::add);
    return entries;
  }
}
