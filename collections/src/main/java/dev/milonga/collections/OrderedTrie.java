package dev.milonga.collections;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An immutable hash map that remembers the order in which its keys were first put. Every change
 * makes a new one that shares almost all of its structure with the old one.
 *
 * <p>A hash trie holds the value of each key and its number in a sequence of keys. The order of
 * that is a function of the operations alone. The order of the trie would depend on hash codes,
 * which for enums, and for all records of enums, differ between two runs of a JVM. The sequence
 * holds keys alone, so that a new value for a key that is there changes the trie only.
 *
 * <p>In the trie each five bits of a hash, from the lowest, say which child of a node to take. A
 * node is an array of all its children, present or not: finding one takes nothing but the index,
 * and a node of the lower levels, of which there are many, is split off only when it has enough of
 * them. Until then, entries whose hashes lead to the same place form a chain there.
 */
final class OrderedTrie<K, V> {

  private static final int BITS = 5;
  private static final int WIDTH = 1 << BITS;
  private static final int CHAIN_MAX = 4;
  private static final OrderedTrie<?, ?> EMPTY = new OrderedTrie<>(null, SparseSequence.empty(), 0);

  /** A key with its value, before the rest of its chain. */
  private static final class Entry<K, V> {

    final int hash;
    final K key;
    final V value;
    final long number;
    final @Nullable Entry<K, V> next;

    Entry(int hash, K key, V value, long number, @Nullable Entry<K, V> next) {
      this.hash = hash;
      this.key = key;
      this.value = value;
      this.number = number;
      this.next = next;
    }

    boolean is(int otherHash, K other) {
      return hash == otherHash && (key == other || key.equals(other));
    }

    Entry<K, V> before(@Nullable Entry<K, V> rest) {
      return next == rest ? this : new Entry<>(hash, key, value, number, rest);
    }
  }

  private final @Nullable Object root; // a node (Object[WIDTH]), a chain (Entry), or nothing
  private final SparseSequence<K> order; // the keys of the entries, each at its entry's number
  private final int size;

  private OrderedTrie(@Nullable Object root, SparseSequence<K> order, int size) {
    this.root = root;
    this.order = order;
    this.size = size;
  }

  @SuppressWarnings("unchecked") // it holds neither keys nor values
  static <K, V> OrderedTrie<K, V> empty() {
    return (OrderedTrie<K, V>) EMPTY;
  }

  /**
   * A map of those entries, in their order: as if each had been put. Nobody sees it before all are
   * in it, so they are put in place, without a copy for each.
   */
  static <K, V> OrderedTrie<K, V> of(Iterator<Map.Entry<K, V>> entries) {
    List<K> keys = new ArrayList<>();
    Object root = null;
    while (entries.hasNext()) {
      Map.Entry<K, V> each = entries.next();
      K key = each.getKey();
      int hash = hash(key);
      Entry<K, V> present = entry(root, hash, key);
      long number = present == null ? keys.size() : present.number;
      root = put(root, 0, new Entry<>(hash, key, each.getValue(), number, null));
      if (present == null) {
        keys.add(key);
      }
    }
    return keys.isEmpty() ? empty() : new OrderedTrie<>(root, SparseSequence.of(keys), keys.size());
  }

  private static <K, V> Object put(@Nullable Object place, int shift, Entry<K, V> entry) {
    if (!(place instanceof Object[] children)) {
      return with(place, shift, entry);
    }
    int index = entry.hash >>> shift & WIDTH - 1;
    children[index] = put(children[index], shift + BITS, entry);
    return children;
  }

  int size() {
    return size;
  }

  @Nullable V get(K key) {
    Entry<K, V> entry = entry(root, hash(key), key);
    return entry == null ? null : entry.value;
  }

  // Hash codes of small numbers and of similar strings differ in a few bits only.
  private static int hash(Object key) {
    int code = key.hashCode() * 0x9E3779B9;
    return code ^ code >>> 15;
  }

  private static <K, V> @Nullable Entry<K, V> entry(@Nullable Object root, int hash, K key) {
    Object place = root;
    for (int bits = hash; place instanceof Object[] children; bits >>>= BITS) {
      place = children[bits & WIDTH - 1];
    }
    Entry<K, V> entry = chain(place);
    while (entry != null && !entry.is(hash, key)) {
      entry = entry.next;
    }
    return entry;
  }

  @SuppressWarnings("unchecked") // what is not a node is a chain
  private static <K, V> @Nullable Entry<K, V> chain(@Nullable Object place) {
    return (Entry<K, V>) place;
  }

  /** With that value for that key, which keeps its place if it has one, else comes last. */
  OrderedTrie<K, V> with(K key, V value) {
    int hash = hash(key);
    Entry<K, V> present = entry(root, hash, key);
    return present == null
        ? new OrderedTrie<>(
            with(root, 0, new Entry<>(hash, key, value, order.end(), null)),
            order.append(key),
            Math.addExact(size, 1))
        : new OrderedTrie<>(
            with(root, 0, new Entry<>(hash, key, value, present.number, null)), order, size);
  }

  private static <K, V> Object with(@Nullable Object place, int shift, Entry<K, V> entry) {
    if (place instanceof Object[] children) {
      int index = entry.hash >>> shift & WIDTH - 1;
      Object[] copy = children.clone();
      copy[index] = with(children[index], shift + BITS, entry);
      return copy;
    }
    Entry<K, V> others = without(OrderedTrie.<K, V>chain(place), entry.hash, entry.key);
    return length(others) < CHAIN_MAX || shift >= Integer.SIZE
        ? entry.before(others)
        : node(entry.before(others), shift);
  }

  private static <K, V> Object[] node(@Nullable Entry<K, V> chain, int shift) {
    Object[] children = new Object[WIDTH];
    for (Entry<K, V> entry = chain; entry != null; entry = entry.next) {
      int index = entry.hash >>> shift & WIDTH - 1;
      children[index] = with(children[index], shift + BITS, entry.before(null));
    }
    return children;
  }

  private static int length(@Nullable Entry<?, ?> chain) {
    int length = 0;
    for (Entry<?, ?> entry = chain; entry != null; entry = entry.next) {
      length++;
    }
    return length;
  }

  /** Without that key; this map itself if it has no such key. */
  OrderedTrie<K, V> without(K key) {
    int hash = hash(key);
    Entry<K, V> present = entry(root, hash, key);
    if (present == null) {
      return this;
    }
    SparseSequence<K> left = order.without(present.number);
    return left.isEmpty() ? empty() : new OrderedTrie<>(without(root, 0, present), left, size - 1);
  }

  private static <K, V> @Nullable Object without(
      @Nullable Object place, int shift, Entry<K, V> entry) {
    if (!(place instanceof Object[] children)) {
      return without(OrderedTrie.<K, V>chain(place), entry.hash, entry.key);
    }
    int index = entry.hash >>> shift & WIDTH - 1;
    Object[] copy = children.clone();
    copy[index] = without(children[index], shift + BITS, entry);
    return copy[index] == null && Arrays.stream(copy).allMatch(child -> child == null)
        ? null
        : copy;
  }

  // The order within a chain means nothing.
  private static <K, V> @Nullable Entry<K, V> without(
      @Nullable Entry<K, V> chain, int hash, K key) {
    Entry<K, V> found = chain;
    while (found != null && !found.is(hash, key)) {
      found = found.next;
    }
    if (found == null) {
      return chain;
    }
    Entry<K, V> rest = found.next;
    for (Entry<K, V> entry = chain; entry != found && entry != null; entry = entry.next) {
      rest = entry.before(rest);
    }
    return rest;
  }

  /**
   * The entries in order. They do not support {@code setValue}, nor the iterator {@code remove}.
   */
  Iterator<Map.Entry<K, V>> iterator() {
    Iterator<K> keys = order.iterator();
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return keys.hasNext();
      }

      @Override
      public Map.Entry<K, V> next() {
        K key = keys.next();
        V value = get(key);
        if (value == null) {
          throw new AssertionError("no entry for key " + key + ", of " + size() + " keys");
        }
        return Map.entry(key, value);
      }
    };
  }

  /** The keys in order. The iterator does not support {@code remove}. */
  Iterator<K> keys() {
    return order.iterator();
  }
}
