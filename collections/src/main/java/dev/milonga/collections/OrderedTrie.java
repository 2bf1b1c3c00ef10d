package dev.milonga.collections;

import io.vavr.collection.HashMap;
import java.util.Iterator;
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
 */
final class OrderedTrie<K, V> {

  private record Slot<V>(V value, long number) {}

  private static final OrderedTrie<?, ?> EMPTY =
      new OrderedTrie<>(HashMap.empty(), SparseSequence.empty());

  private final HashMap<K, Slot<V>> slots;
  private final SparseSequence<K> order; // the keys of the slots, each at its slot's number

  private OrderedTrie(HashMap<K, Slot<V>> slots, SparseSequence<K> order) {
    this.slots = slots;
    this.order = order;
  }

  @SuppressWarnings("unchecked") // it holds neither keys nor values
  static <K, V> OrderedTrie<K, V> empty() {
    return (OrderedTrie<K, V>) EMPTY;
  }

  int size() {
    return slots.size();
  }

  @Nullable V get(K key) {
    Slot<V> slot = slots.getOrElse(key, null);
    return slot == null ? null : slot.value;
  }

  /** With that value for that key, which keeps its place if it has one, else comes last. */
  OrderedTrie<K, V> with(K key, V value) {
    Slot<V> slot = slots.getOrElse(key, null);
    return slot == null
        ? new OrderedTrie<>(slots.put(key, new Slot<>(value, order.end())), order.append(key))
        : new OrderedTrie<>(slots.put(key, new Slot<>(value, slot.number)), order);
  }

  /** Without that key; this map itself if it has no such key. */
  OrderedTrie<K, V> without(K key) {
    Slot<V> slot = slots.getOrElse(key, null);
    if (slot == null) {
      return this;
    }
    SparseSequence<K> left = order.without(slot.number);
    return left.isEmpty() ? empty() : new OrderedTrie<>(slots.remove(key), left);
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
          throw new AssertionError("no slot for key " + key + ", of " + size() + " keys");
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
