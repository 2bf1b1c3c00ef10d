package dev.milonga.collections;

import java.util.AbstractMap;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ConcurrentNavigableMap;
import org.jspecify.annotations.Nullable;

/**
 * The entries of a sorted map in a range of keys, in ascending or descending order. It holds
 * nothing but a reference to the map: each call is at most one accessor or mutator call.
 */
final class SortedMapView<K extends Comparable<? super K>, V> extends AbstractMap<K, V>
    implements ConcurrentNavigableMap<K, V> {

  private final ReplicatedSortedMap<K, V> map;
  private final KeyRange<K> range;
  private final boolean descending;

  SortedMapView(ReplicatedSortedMap<K, V> map, KeyRange<K> range, boolean descending) {
    this.map = map;
    this.range = range;
    this.descending = descending;
  }

  // Single keys.

  @Override
  public @Nullable V get(Object key) {
    return has(key) ? map.get(key) : null;
  }

  @Override
  public boolean containsKey(Object key) {
    return get(key) != null;
  }

  @Override
  public @Nullable V put(K key, V value) {
    return map.put(within(key), value);
  }

  @Override
  public @Nullable V putIfAbsent(K key, V value) {
    return map.putIfAbsent(within(key), value);
  }

  @Override
  public @Nullable V replace(K key, V value) {
    return has(key) ? map.replace(key, value) : null;
  }

  @Override
  public boolean replace(K key, V oldValue, V newValue) {
    return has(key) && map.replace(key, oldValue, newValue);
  }

  @Override
  public @Nullable V remove(Object key) {
    return has(key) ? map.remove(key) : null;
  }

  @Override
  public boolean remove(Object key, Object value) {
    return has(key) && map.remove(key, value);
  }

  @SuppressWarnings("unchecked") // whatever it is, it is only compared
  private boolean has(Object key) {
    return range.contains((K) Refused.key(key));
  }

  private K within(K key) {
    if (!range.contains(Refused.key(key))) {
      throw new IllegalArgumentException("key " + key + " is not in the range of this view");
    }
    return key;
  }

  // All of them.

  @Override
  public int size() {
    return map.count(range.from(), range.fromInclusive(), range.to(), range.toInclusive());
  }

  @Override
  public boolean isEmpty() {
    return firstEntry() == null;
  }

  @Override
  public boolean containsValue(Object value) {
    Refused.value(value);
    Iterator<Map.Entry<K, V>> entries = entries();
    while (entries.hasNext()) {
      if (entries.next().getValue().equals(value)) {
        return true;
      }
    }
    return false;
  }

  @Override
  public void putAll(Map<? extends K, ? extends V> entries) {
    Map<K, V> copy = Refused.entries(entries);
    copy.keySet().forEach(this::within);
    map.putAll(copy);
  }

  @Override
  public void clear() {
    if (range.isAll()) {
      map.clear();
    } else {
      map.applyClearRange(range.from(), range.fromInclusive(), range.to(), range.toInclusive());
    }
  }

  @Override
  public NavigableSet<K> keySet() {
    return new NavigableKeys<>(this, views().keys());
  }

  @Override
  public NavigableSet<K> navigableKeySet() {
    return keySet();
  }

  @Override
  public NavigableSet<K> descendingKeySet() {
    return descendingMap().keySet();
  }

  @Override
  public Collection<V> values() {
    return views().values();
  }

  @Override
  public Set<Map.Entry<K, V>> entrySet() {
    return views().entrySet();
  }

  private MapViews<K, V> views() {
    return new MapViews<>() {
      @Override
      ConcurrentMap<K, V> map() {
        return SortedMapView.this;
      }

      @Override
      Iterator<Map.Entry<K, V>> entries() {
        return SortedMapView.this.entries();
      }

      @Override
      boolean removeKeys(List<K> keys) {
        return map.applyRemoveKeys(keys);
      }

      @Override
      boolean removeEntries(Map<K, V> entries) {
        entries.values().forEach(Refused::expected);
        return map.applyRemoveEntries(entries);
      }
    };
  }

  private Iterator<Map.Entry<K, V>> entries() {
    return map.entries(
        range.from(), range.fromInclusive(), range.to(), range.toInclusive(), descending);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other == this || other instanceof Map && copy().equals(other);
  }

  @Override
  public int hashCode() {
    return copy().hashCode();
  }

  @Override
  public String toString() {
    return copy().toString();
  }

  Map<K, V> copy() {
    Map<K, V> copy = new LinkedHashMap<>();
    entries().forEachRemaining(entry -> copy.put(entry.getKey(), entry.getValue()));
    return copy;
  }

  // Navigation.

  @Override
  public @Nullable Comparator<? super K> comparator() {
    return descending ? Collections.reverseOrder() : null;
  }

  @Override
  public Map.@Nullable Entry<K, V> firstEntry() {
    return descending ? greatest(range) : least(range);
  }

  @Override
  public Map.@Nullable Entry<K, V> lastEntry() {
    return descending ? least(range) : greatest(range);
  }

  @Override
  public Map.@Nullable Entry<K, V> lowerEntry(K key) {
    return before(key, false);
  }

  @Override
  public Map.@Nullable Entry<K, V> floorEntry(K key) {
    return before(key, true);
  }

  @Override
  public Map.@Nullable Entry<K, V> ceilingEntry(K key) {
    return after(key, true);
  }

  @Override
  public Map.@Nullable Entry<K, V> higherEntry(K key) {
    return after(key, false);
  }

  @Override
  public K firstKey() {
    return present(firstEntry());
  }

  @Override
  public K lastKey() {
    return present(lastEntry());
  }

  @Override
  public @Nullable K lowerKey(K key) {
    return keyOf(lowerEntry(key));
  }

  @Override
  public @Nullable K floorKey(K key) {
    return keyOf(floorEntry(key));
  }

  @Override
  public @Nullable K ceilingKey(K key) {
    return keyOf(ceilingEntry(key));
  }

  @Override
  public @Nullable K higherKey(K key) {
    return keyOf(higherEntry(key));
  }

  @Override
  public Map.@Nullable Entry<K, V> pollFirstEntry() {
    return poll(descending);
  }

  @Override
  public Map.@Nullable Entry<K, V> pollLastEntry() {
    return poll(!descending);
  }

  private Map.@Nullable Entry<K, V> poll(boolean greatest) {
    return greatest
        ? map.applyPollLast(range.from(), range.fromInclusive(), range.to(), range.toInclusive())
        : map.applyPollFirst(range.from(), range.fromInclusive(), range.to(), range.toInclusive());
  }

  /** The nearest entry that comes before that key in this view's order. */
  private Map.@Nullable Entry<K, V> before(K key, boolean inclusive) {
    Refused.key(key);
    return descending
        ? least(range.startingAt(key, inclusive))
        : greatest(range.endingAt(key, inclusive));
  }

  /** The nearest entry that comes after that key in this view's order. */
  private Map.@Nullable Entry<K, V> after(K key, boolean inclusive) {
    Refused.key(key);
    return descending
        ? greatest(range.endingAt(key, inclusive))
        : least(range.startingAt(key, inclusive));
  }

  private Map.@Nullable Entry<K, V> least(KeyRange<K> keys) {
    return map.least(keys.from(), keys.fromInclusive(), keys.to(), keys.toInclusive());
  }

  private Map.@Nullable Entry<K, V> greatest(KeyRange<K> keys) {
    return map.greatest(keys.from(), keys.fromInclusive(), keys.to(), keys.toInclusive());
  }

  private static <K> @Nullable K keyOf(Map.@Nullable Entry<K, ?> entry) {
    return entry == null ? null : entry.getKey();
  }

  private static <K> K present(Map.@Nullable Entry<K, ?> entry) {
    if (entry == null) {
      throw new NoSuchElementException("the map, or the view of it, is empty");
    }
    return entry.getKey();
  }

  // Views of this view.

  @Override
  public ConcurrentNavigableMap<K, V> descendingMap() {
    return new SortedMapView<>(map, range, !descending);
  }

  @Override
  public ConcurrentNavigableMap<K, V> subMap(
      K fromKey, boolean fromInclusive, K toKey, boolean toInclusive) {
    int order = Refused.key(fromKey).compareTo(Refused.key(toKey));
    if (descending ? order < 0 : order > 0) {
      throw new IllegalArgumentException(
          "the view would begin after its end: from " + fromKey + " to " + toKey);
    }
    KeyRange<K> keys =
        descending
            ? new KeyRange<>(toKey, toInclusive, fromKey, fromInclusive)
            : new KeyRange<>(fromKey, fromInclusive, toKey, toInclusive);
    admit(fromKey, fromInclusive);
    admit(toKey, toInclusive);
    return new SortedMapView<>(map, keys, descending);
  }

  @Override
  public ConcurrentNavigableMap<K, V> headMap(K toKey, boolean inclusive) {
    admit(Refused.key(toKey), inclusive);
    KeyRange<K> keys =
        descending ? range.startingAt(toKey, inclusive) : range.endingAt(toKey, inclusive);
    return new SortedMapView<>(map, keys, descending);
  }

  @Override
  public ConcurrentNavigableMap<K, V> tailMap(K fromKey, boolean inclusive) {
    admit(Refused.key(fromKey), inclusive);
    KeyRange<K> keys =
        descending ? range.endingAt(fromKey, inclusive) : range.startingAt(fromKey, inclusive);
    return new SortedMapView<>(map, keys, descending);
  }

  private void admit(K end, boolean inclusive) {
    if (!range.admitsEnd(end, inclusive)) {
      throw new IllegalArgumentException(
          "the end " + end + " of a new view is not in the range of this view");
    }
  }

  @Override
  public ConcurrentNavigableMap<K, V> subMap(K fromKey, K toKey) {
    return subMap(fromKey, true, toKey, false);
  }

  @Override
  public ConcurrentNavigableMap<K, V> headMap(K toKey) {
    return headMap(toKey, false);
  }

  @Override
  public ConcurrentNavigableMap<K, V> tailMap(K fromKey) {
    return tailMap(fromKey, true);
  }
}
