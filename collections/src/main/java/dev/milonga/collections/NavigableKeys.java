package dev.milonga.collections;

import java.util.AbstractSet;
import java.util.Collection;
import java.util.Comparator;
import java.util.Iterator;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Set;
import java.util.SortedSet;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The keys of a sorted map as a navigable set: the map finds, its set of keys removes. */
final class NavigableKeys<K> extends AbstractSet<K> implements NavigableSet<K> {

  private final ConcurrentNavigableMap<K, ?> map;
  private final Set<K> keys;

  NavigableKeys(ConcurrentNavigableMap<K, ?> map, Set<K> keys) {
    this.map = map;
    this.keys = keys;
  }

  @Override
  public Iterator<K> iterator() {
    return keys.iterator();
  }

  @Override
  public Spliterator<K> spliterator() {
    Iterator<K> keys = iterator();
    int characteristics =
        Spliterator.SORTED | Spliterator.ORDERED | Spliterator.DISTINCT | Spliterator.NONNULL;
    return new Spliterators.AbstractSpliterator<>(Long.MAX_VALUE, characteristics) {
      @Override
      public boolean tryAdvance(Consumer<? super K> action) {
        if (!keys.hasNext()) {
          return false;
        }
        action.accept(keys.next());
        return true;
      }

      @Override
      public @Nullable Comparator<? super K> getComparator() {
        return comparator();
      }
    };
  }

  @Override
  public int size() {
    return keys.size();
  }

  @Override
  public boolean isEmpty() {
    return keys.isEmpty();
  }

  @Override
  public boolean contains(Object key) {
    return keys.contains(key);
  }

  @Override
  public boolean remove(Object key) {
    return keys.remove(key);
  }

  @Override
  public boolean removeIf(Predicate<? super K> filter) {
    return keys.removeIf(filter);
  }

  @Override
  public boolean removeAll(Collection<?> elements) {
    return keys.removeAll(elements);
  }

  @Override
  public boolean retainAll(Collection<?> elements) {
    return keys.retainAll(elements);
  }

  @Override
  public void clear() {
    keys.clear();
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other == this || keys.equals(other);
  }

  @Override
  public int hashCode() {
    return keys.hashCode();
  }

  @Override
  public @Nullable Comparator<? super K> comparator() {
    return map.comparator();
  }

  @Override
  public K first() {
    return map.firstKey();
  }

  @Override
  public K last() {
    return map.lastKey();
  }

  @Override
  public @Nullable K lower(K key) {
    return map.lowerKey(key);
  }

  @Override
  public @Nullable K floor(K key) {
    return map.floorKey(key);
  }

  @Override
  public @Nullable K ceiling(K key) {
    return map.ceilingKey(key);
  }

  @Override
  public @Nullable K higher(K key) {
    return map.higherKey(key);
  }

  @Override
  public @Nullable K pollFirst() {
    Map.Entry<K, ?> polled = map.pollFirstEntry();
    return polled == null ? null : polled.getKey();
  }

  @Override
  public @Nullable K pollLast() {
    Map.Entry<K, ?> polled = map.pollLastEntry();
    return polled == null ? null : polled.getKey();
  }

  @Override
  public NavigableSet<K> descendingSet() {
    return map.descendingMap().navigableKeySet();
  }

  @Override
  public Iterator<K> descendingIterator() {
    return descendingSet().iterator();
  }

  @Override
  public NavigableSet<K> subSet(K from, boolean fromInclusive, K to, boolean toInclusive) {
    return map.subMap(from, fromInclusive, to, toInclusive).navigableKeySet();
  }

  @Override
  public NavigableSet<K> headSet(K to, boolean inclusive) {
    return map.headMap(to, inclusive).navigableKeySet();
  }

  @Override
  public NavigableSet<K> tailSet(K from, boolean inclusive) {
    return map.tailMap(from, inclusive).navigableKeySet();
  }

  @Override
  public SortedSet<K> subSet(K from, K to) {
    return subSet(from, true, to, false);
  }

  @Override
  public SortedSet<K> headSet(K to) {
    return headSet(to, false);
  }

  @Override
  public SortedSet<K> tailSet(K from) {
    return tailSet(from, true);
  }
}
