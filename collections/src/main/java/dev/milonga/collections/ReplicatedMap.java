package dev.milonga.collections;

import dev.milonga.annotations.Accessor;
import dev.milonga.annotations.ConflictKey;
import dev.milonga.annotations.LogicalName;
import dev.milonga.annotations.Mutator;
import dev.milonga.annotations.Snapshots;
import dev.milonga.annotations.Versioned;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentMap;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * A replicated map that iterates in the order in which its keys were first put.
 *
 * <p><b>Atomicity.</b> Every call is atomic, and its result exact, but for the bulk changes that
 * take a function: {@link #replaceAll}, and {@code removeIf}, {@code removeAll} and {@code
 * retainAll} of the views, work on the entries of one moment and change each entry atomically, as
 * long as it is then still the entry that the function saw. The methods that compute a value for
 * one key ({@code compute}, {@code computeIfAbsent}, {@code computeIfPresent}, {@code merge}) are
 * atomic; where another writer comes between, their function is called again with the newer value,
 * and should have no effects of its own. An iterator, a stream, {@code equals}, {@code toString}
 * and so on run over the map as it was at one moment.
 *
 * <p><b>Conflicts.</b> In a transaction a call with a key touches that key alone; every other call
 * touches the whole map. {@link #set}, {@link #delete}, {@link #putAll} and {@link #clear} are
 * blind: they do not read the map, so that transactions which only make such calls never abort.
 *
 * <p><b>Keys</b> are compared by {@code equals}, and must be encoded alike if they are equal; they
 * are never {@code null}, nor are values. A key or value that is not of the declared type is never
 * found by a method that takes an {@code Object}, and is refused by all others when it is encoded.
 *
 * <p>A {@link NullPointerException} or {@link IllegalArgumentException} leaves nothing in the log.
 * What else is durable if a call throws is what the store says about calls of replicated objects in
 * general. A bulk change is one log entry, and must fit into one.
 *
 * @param <K> the key, with {@code equals} and {@code hashCode} by content
 * @param <V> the value, likewise where values are compared
 */
@LogicalName("map")
public class ReplicatedMap<K, V>
    implements ConcurrentMap<K, V>, Versioned<ReplicatedMap<K, V>>, Snapshots<Map.Entry<K, V>> {

  private OrderedTrie<K, V> trie = OrderedTrie.empty();

  /** An empty map. Used by itself it is a local object, not thread-safe. */
  public ReplicatedMap() {}

  // Reads.

  /** The number of entries. Takes constant time. */
  @Accessor
  @Override
  public int size() {
    return trie.size();
  }

  /** Whether there is no entry. */
  @Accessor
  @Override
  public boolean isEmpty() {
    return trie.size() == 0;
  }

  /**
   * The value for that key, or {@code null} if there is none.
   *
   * <p>A key that is not of type {@code K} has no value. Within a transaction it is refused, since
   * it cannot be encoded as a key that was read.
   */
  @Override
  @SuppressWarnings("unchecked") // whatever the key is, it is only looked up
  public @Nullable V get(Object key) {
    return find((K) Refused.key(key));
  }

  /** Whether there is a value for that key; otherwise like {@link #get}. */
  @Override
  public boolean containsKey(Object key) {
    return get(key) != null;
  }

  /** Whether that value belongs to any key. Takes time proportional to the size. */
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

  // Changes of one key.

  /**
   * Puts that value for that key, and returns the one before, or {@code null} if there was none. A
   * key that was there keeps its place in the order.
   *
   * @throws IllegalArgumentException if the class of the key does not override {@code equals};
   *     nothing is durable
   */
  @Override
  public @Nullable V put(K key, V value) {
    return applyPut(Refused.findable(Refused.key(key)), Refused.value(value));
  }

  /** Like {@link #put}, without reading what was there before: a blind write. */
  public void set(K key, V value) {
    applySet(Refused.findable(Refused.key(key)), Refused.value(value));
  }

  /** Puts that value if there is none for that key; returns the one that was there, if any. */
  @Override
  public @Nullable V putIfAbsent(K key, V value) {
    return applyPutIfAbsent(Refused.findable(Refused.key(key)), Refused.value(value));
  }

  /** Puts that value if there is one for that key; returns the one that was there, if any. */
  @Override
  public @Nullable V replace(K key, V value) {
    return applyReplace(Refused.key(key), Refused.value(value));
  }

  /**
   * Puts that value if the one for that key equals {@code oldValue}.
   *
   * @throws IllegalArgumentException if the class of {@code oldValue} does not override {@code
   *     equals}; nothing is durable
   */
  @Override
  public boolean replace(K key, V oldValue, V newValue) {
    return applyReplaceIfEqual(
        Refused.key(key), Refused.expected(oldValue), Refused.value(newValue));
  }

  /**
   * Removes that key, and returns its value, or {@code null} if there was none. Where there is
   * nothing to remove, nothing is written to the log.
   */
  @Override
  @SuppressWarnings("unchecked") // a key that is there equals one of type K
  public @Nullable V remove(Object key) {
    return get(key) == null ? null : applyRemove((K) key);
  }

  /** Removes that key if its value equals that one; otherwise like {@link #remove(Object)}. */
  @Override
  @SuppressWarnings("unchecked") // an entry that is there equals one of type K and V
  public boolean remove(Object key, Object value) {
    V present = get(key);
    return present != null
        && present.equals(value)
        && applyRemoveIfEqual((K) key, (V) Refused.expected(value));
  }

  /** Removes that key, without reading whether it is there: a blind write. */
  public void delete(K key) {
    applyDelete(Refused.key(key));
  }

  // Changes of many keys.

  /** Puts all those entries, in their order, in one log entry: a blind write. */
  @Override
  public void putAll(Map<? extends K, ? extends V> entries) {
    Map<K, V> copy = Refused.entries(entries);
    copy.keySet().forEach(Refused::findable);
    if (!copy.isEmpty()) {
      applyPutAll(copy);
    }
  }

  /**
   * Replaces each value by what {@code function} makes of it and its key, each entry atomically.
   * All are written in one log entry; where other writers come between, the function is called
   * again for the keys that have changed, and they are written in another.
   */
  @Override
  public void replaceAll(BiFunction<? super K, ? super V, ? extends V> function) {
    Objects.requireNonNull(function, "function");
    Map<K, V> expected = copy();
    while (!expected.isEmpty()) {
      Map<K, V> replacements = new LinkedHashMap<>();
      for (Map.Entry<K, V> entry : expected.entrySet()) {
        V value = Refused.expected(entry.getValue());
        replacements.put(entry.getKey(), Refused.value(function.apply(entry.getKey(), value)));
      }
      expected = applyReplaceEntries(expected, replacements);
    }
  }

  /** Removes everything: a blind write. */
  @Mutator("clear")
  @Override
  public void clear() {
    trie = OrderedTrie.empty();
  }

  // Views.

  /** The keys, in order. Removing one removes its entry; keys cannot be added. */
  @Override
  public Set<K> keySet() {
    return views().keys();
  }

  /** The values, in the order of their keys. Removing one removes its entry. */
  @Override
  public Collection<V> values() {
    return views().values();
  }

  /** The entries, in order. {@code setValue} of an entry puts; {@code remove} removes its key. */
  @Override
  public Set<Map.Entry<K, V>> entrySet() {
    return views().entrySet();
  }

  private MapViews<K, V> views() {
    return new MapViews<>() {
      @Override
      ConcurrentMap<K, V> map() {
        return ReplicatedMap.this;
      }

      @Override
      Iterator<Map.Entry<K, V>> entries() {
        return ReplicatedMap.this.entries();
      }

      @Override
      boolean removeKeys(List<K> keys) {
        return applyRemoveKeys(keys);
      }

      @Override
      boolean removeEntries(Map<K, V> entries) {
        entries.values().forEach(Refused::expected);
        return applyRemoveEntries(entries);
      }
    };
  }

  /** Whether the other is a map of the same entries, in whatever order. */
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

  private Map<K, V> copy() {
    Map<K, V> copy = new LinkedHashMap<>();
    entries().forEachRemaining(entry -> copy.put(entry.getKey(), entry.getValue()));
    return copy;
  }

  // What runs on the state.

  @Accessor
  @Nullable V find(@ConflictKey K key) {
    return trie.get(key);
  }

  @Accessor
  Iterator<Map.Entry<K, V>> entries() {
    return trie.iterator();
  }

  @Mutator("put")
  @Nullable V applyPut(@ConflictKey K key, V value) {
    V before = trie.get(key);
    trie = trie.with(key, value);
    return before;
  }

  @Mutator("set")
  void applySet(@ConflictKey K key, V value) {
    trie = trie.with(key, value);
  }

  @Mutator("putIfAbsent")
  @Nullable V applyPutIfAbsent(@ConflictKey K key, V value) {
    V present = trie.get(key);
    if (present == null) {
      trie = trie.with(key, value);
    }
    return present;
  }

  @Mutator("replace")
  @Nullable V applyReplace(@ConflictKey K key, V value) {
    V before = trie.get(key);
    if (before != null) {
      trie = trie.with(key, value);
    }
    return before;
  }

  @Mutator("replaceIfEqual")
  boolean applyReplaceIfEqual(@ConflictKey K key, V expected, V value) {
    if (!expected.equals(trie.get(key))) {
      return false;
    }
    trie = trie.with(key, value);
    return true;
  }

  @Mutator("remove")
  @Nullable V applyRemove(@ConflictKey K key) {
    V before = trie.get(key);
    trie = trie.without(key);
    return before;
  }

  @Mutator("removeIfEqual")
  boolean applyRemoveIfEqual(@ConflictKey K key, V expected) {
    if (!expected.equals(trie.get(key))) {
      return false;
    }
    trie = trie.without(key);
    return true;
  }

  @Mutator("delete")
  void applyDelete(@ConflictKey K key) {
    trie = trie.without(key);
  }

  @Mutator("putAll")
  void applyPutAll(Map<K, V> entries) {
    OrderedTrie<K, V> changed = trie;
    for (Map.Entry<K, V> entry : entries.entrySet()) {
      changed = changed.with(entry.getKey(), entry.getValue());
    }
    trie = changed;
  }

  /** Returns what is there now for those keys that are there with another value. */
  @Mutator("replaceEntries")
  Map<K, V> applyReplaceEntries(Map<K, V> expected, Map<K, V> replacements) {
    Map<K, V> changedSince = new LinkedHashMap<>();
    OrderedTrie<K, V> changed = trie;
    for (Map.Entry<K, V> replacement : replacements.entrySet()) {
      K key = replacement.getKey();
      V present = trie.get(key);
      if (present == null) {
        continue;
      }
      if (present.equals(expected.get(key))) {
        changed = changed.with(key, replacement.getValue());
      } else {
        changedSince.put(key, present);
      }
    }
    trie = changed;
    return changedSince;
  }

  @Mutator("removeKeys")
  boolean applyRemoveKeys(List<K> keys) {
    OrderedTrie<K, V> changed = trie;
    for (K key : keys) {
      changed = changed.without(key);
    }
    boolean removed = changed != trie;
    trie = changed;
    return removed;
  }

  @Mutator("removeEntries")
  boolean applyRemoveEntries(Map<K, V> entries) {
    OrderedTrie<K, V> changed = trie;
    for (Map.Entry<K, V> entry : entries.entrySet()) {
      if (entry.getValue().equals(changed.get(entry.getKey()))) {
        changed = changed.without(entry.getKey());
      }
    }
    boolean removed = changed != trie;
    trie = changed;
    return removed;
  }

  @Override
  public ReplicatedMap<K, V> fork() {
    ReplicatedMap<K, V> fork = new ReplicatedMap<>();
    fork.trie = trie;
    return fork;
  }

  @Override
  public Iterator<Map.Entry<K, V>> snapshot() {
    return trie.iterator();
  }

  @Override
  public void restore(Iterator<Map.Entry<K, V>> elements) {
    trie = OrderedTrie.of(elements);
  }
}
