package dev.milonga.collections;

import java.util.AbstractCollection;
import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * The three collections that a map shows of itself: keys, values, entries. They hold nothing but a
 * reference to the map: each iteration runs over one moment of it, and each bulk change is one
 * mutator call.
 */
abstract class MapViews<K, V> {

  /** The map itself, for what concerns a single key. */
  abstract ConcurrentMap<K, V> map();

  /** Entries of one moment. */
  abstract Iterator<Map.Entry<K, V>> entries();

  /** Removes those keys, whatever their values are by then; whether there was any. */
  abstract boolean removeKeys(List<K> keys);

  /** Removes those entries whose values are still equal by then; whether there was any. */
  abstract boolean removeEntries(Map<K, V> entries);

  /** Keys, with single and bulk removal. */
  Set<K> keys() {
    return new AbstractSet<>() {
      @Override
      public Iterator<K> iterator() {
        return views(Map.Entry::getKey);
      }

      @Override
      public Spliterator<K> spliterator() {
        return Spliterators.spliteratorUnknownSize(iterator(), DISTINCT);
      }

      @Override
      public int size() {
        return map().size();
      }

      @Override
      public boolean isEmpty() {
        return map().isEmpty();
      }

      @Override
      public boolean contains(Object key) {
        return map().containsKey(key);
      }

      @Override
      public boolean remove(Object key) {
        return map().remove(key) != null;
      }

      @Override
      public boolean removeIf(Predicate<? super K> filter) {
        return removeMatchingKeys(filter);
      }

      @Override
      public boolean removeAll(Collection<?> keys) {
        return removeMatchingKeys(Refused.in(keys));
      }

      @Override
      public boolean retainAll(Collection<?> keys) {
        return removeMatchingKeys(Refused.in(keys).negate());
      }

      @Override
      public void clear() {
        map().clear();
      }

      @Override
      public boolean equals(Object other) {
        return other == this || other instanceof Set && new LinkedHashSet<>(this).equals(other);
      }

      @Override
      public int hashCode() {
        return new LinkedHashSet<>(this).hashCode();
      }
    };
  }

  /** Values, in the order of their keys. */
  Collection<V> values() {
    return new AbstractCollection<>() {
      @Override
      public Iterator<V> iterator() {
        return views(Map.Entry::getValue);
      }

      @Override
      public Spliterator<V> spliterator() {
        return Spliterators.spliteratorUnknownSize(iterator(), Spliterator.ORDERED | NONNULL);
      }

      @Override
      public int size() {
        return map().size();
      }

      @Override
      public boolean isEmpty() {
        return map().isEmpty();
      }

      @Override
      public boolean remove(Object value) {
        Iterator<Map.Entry<K, V>> entries = entries();
        while (entries.hasNext()) {
          Map.Entry<K, V> entry = entries.next();
          if (entry.getValue().equals(value) && map().remove(entry.getKey(), entry.getValue())) {
            return true;
          }
        }
        return false;
      }

      @Override
      public boolean removeIf(Predicate<? super V> filter) {
        Objects.requireNonNull(filter, "filter");
        return removeMatchingEntries(entry -> filter.test(entry.getValue()));
      }

      @Override
      public boolean removeAll(Collection<?> values) {
        return removeIf(Refused.in(values));
      }

      @Override
      public boolean retainAll(Collection<?> values) {
        return removeIf(Refused.in(values).negate());
      }

      @Override
      public void clear() {
        map().clear();
      }
    };
  }

  /** Entries, whose {@code setValue} puts. */
  Set<Map.Entry<K, V>> entrySet() {
    return new AbstractSet<>() {
      @Override
      public Iterator<Map.Entry<K, V>> iterator() {
        return views(PuttingEntry::new);
      }

      @Override
      public Spliterator<Map.Entry<K, V>> spliterator() {
        return Spliterators.spliteratorUnknownSize(iterator(), DISTINCT);
      }

      @Override
      public int size() {
        return map().size();
      }

      @Override
      public boolean isEmpty() {
        return map().isEmpty();
      }

      @Override
      public boolean contains(Object other) {
        return other instanceof Map.Entry<?, ?> entry
            && entry.getKey() != null
            && entry.getValue() != null
            && entry.getValue().equals(map().get(entry.getKey()));
      }

      @Override
      public boolean remove(Object other) {
        return other instanceof Map.Entry<?, ?> entry
            && entry.getKey() != null
            && entry.getValue() != null
            && map().remove(entry.getKey(), entry.getValue());
      }

      @Override
      public boolean removeIf(Predicate<? super Map.Entry<K, V>> filter) {
        return removeMatchingEntries(Objects.requireNonNull(filter, "filter"));
      }

      @Override
      public boolean removeAll(Collection<?> entries) {
        return removeIf(Refused.in(entries));
      }

      @Override
      public boolean retainAll(Collection<?> entries) {
        return removeIf(Refused.in(entries).negate());
      }

      @Override
      public void clear() {
        map().clear();
      }

      @Override
      public boolean equals(Object other) {
        return other == this || other instanceof Set && new LinkedHashSet<>(this).equals(other);
      }

      @Override
      public int hashCode() {
        return new LinkedHashSet<>(this).hashCode();
      }
    };
  }

  private static final int NONNULL = Spliterator.NONNULL;
  private static final int DISTINCT = Spliterator.ORDERED | Spliterator.DISTINCT | NONNULL;

  private boolean removeMatchingKeys(Predicate<? super K> filter) {
    Objects.requireNonNull(filter, "filter");
    List<K> matching = new ArrayList<>();
    entries()
        .forEachRemaining(
            entry -> {
              if (filter.test(entry.getKey())) {
                matching.add(entry.getKey());
              }
            });
    return !matching.isEmpty() && removeKeys(matching);
  }

  private boolean removeMatchingEntries(Predicate<? super Map.Entry<K, V>> filter) {
    Map<K, V> matching = new LinkedHashMap<>();
    entries()
        .forEachRemaining(
            entry -> {
              if (filter.test(entry)) {
                matching.put(entry.getKey(), entry.getValue());
              }
            });
    return !matching.isEmpty() && removeEntries(matching);
  }

  /** Entries of one moment as a view shows them; {@code remove} removes the key. */
  private <T> Iterator<T> views(Function<Map.Entry<K, V>, T> view) {
    Iterator<Map.Entry<K, V>> entries =
        new RemovingIterator<>(entries(), entry -> map().remove(entry.getKey()));
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return entries.hasNext();
      }

      @Override
      public T next() {
        return view.apply(entries.next());
      }

      @Override
      public void remove() {
        entries.remove();
      }
    };
  }

  private final class PuttingEntry extends AbstractMap.SimpleEntry<K, V> {

    PuttingEntry(Map.Entry<K, V> entry) {
      super(entry);
    }

    @Override
    public V setValue(V value) {
      map().put(getKey(), value);
      return super.setValue(value);
    }
  }
}
