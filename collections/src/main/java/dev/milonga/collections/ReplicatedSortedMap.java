package dev.milonga.collections;

import dev.milonga.annotations.Accessor;
import dev.milonga.annotations.ConflictKey;
import dev.milonga.annotations.LogicalName;
import dev.milonga.annotations.Mutator;
import dev.milonga.annotations.Snapshots;
import dev.milonga.annotations.Versioned;
import java.util.Collection;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import org.pcollections.TreePMap;

/**
 * A replicated map in the natural order of its keys.
 *
 * <p><b>Atomicity.</b> Every call is atomic, and its result exact, but for the bulk changes that
 * take a function: {@link #replaceAll}, and {@code removeIf}, {@code removeAll} and {@code
 * retainAll} of the views, work on the entries of one moment and change each entry atomically, as
 * long as it is then still the entry that the function saw. The methods that compute a value for
 * one key ({@code compute}, {@code computeIfAbsent}, {@code computeIfPresent}, {@code merge}) are
 * atomic; where another writer comes between, their function is called again with the newer value,
 * and should have no effects of its own. An iterator, a stream, {@code equals}, {@code toString}
 * and so on run over the map, or the part of it that a view shows, as it was at one moment.
 *
 * <p><b>Conflicts.</b> In a transaction a call with a key touches that key alone; every other call,
 * also one that looks for the nearest key, touches the whole map. {@link #set}, {@link #delete},
 * {@link #putAll} and {@link #clear}, also of views, are blind: they do not read the map, so that
 * transactions which only make such calls never abort.
 *
 * <p><b>Keys</b> are compared by {@code compareTo}, always: a comparator is code, which no log can
 * hold. For another order, write a record that implements {@code Comparable} around the key. Keys
 * that compare as equal must be encoded alike, or transactions miss conflicts between them: this is
 * not so for {@code BigDecimal}, say, unless it is stripped of trailing zeros. Neither keys nor
 * values are ever {@code null}. A key that cannot be compared with the others gets a {@link
 * ClassCastException}, with nothing in the log.
 *
 * <p>A {@link NullPointerException} or {@link IllegalArgumentException} leaves nothing in the log.
 * What else is durable if a call throws is what the store says about calls of replicated objects in
 * general. A bulk change is one log entry, and must fit into one.
 *
 * @param <K> the key
 * @param <V> the value, with {@code equals} by content where values are compared
 */
@LogicalName("sortedMap")
public class ReplicatedSortedMap<K extends Comparable<? super K>, V>
    implements ConcurrentNavigableMap<K, V>,
        Versioned<ReplicatedSortedMap<K, V>>,
        Snapshots<Map.Entry<K, V>> {

  private TreePMap<K, V> tree = TreePMap.empty();

  /** An empty map. Used by itself it is a local object, not thread-safe. */
  public ReplicatedSortedMap() {}

  // Reads.

  /** The number of entries. Takes constant time. */
  @Accessor
  @Override
  public int size() {
    return tree.size();
  }

  /** Whether there is no entry. */
  @Accessor
  @Override
  public boolean isEmpty() {
    return tree.isEmpty();
  }

  /**
   * The value for that key, or {@code null} if there is none.
   *
   * @throws ClassCastException if the key cannot be compared with those of the map
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
    return whole().containsValue(value);
  }

  // Changes of one key.

  /**
   * Puts that value for that key, and returns the one before, or {@code null} if there was none.
   */
  @Override
  public @Nullable V put(K key, V value) {
    return applyPut(Refused.key(key), Refused.value(value));
  }

  /** Like {@link #put}, without reading what was there before: a blind write. */
  public void set(K key, V value) {
    applySet(Refused.key(key), Refused.value(value));
  }

  /** Puts that value if there is none for that key; returns the one that was there, if any. */
  @Override
  public @Nullable V putIfAbsent(K key, V value) {
    return applyPutIfAbsent(Refused.key(key), Refused.value(value));
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
    Map<K, V> expected = whole().copy();
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
    tree = TreePMap.empty();
  }

  // Navigation. All of it is done by the view of the whole map.

  private SortedMapView<K, V> whole() {
    return new SortedMapView<>(this, KeyRange.all(), false);
  }

  /** {@code null}: keys are in their natural order. */
  @Override
  public @Nullable Comparator<? super K> comparator() {
    return whole().comparator();
  }

  /** The entry with the least key, or {@code null} if there is none. */
  @Override
  public Map.@Nullable Entry<K, V> firstEntry() {
    return whole().firstEntry();
  }

  /** The entry with the greatest key, or {@code null} if there is none. */
  @Override
  public Map.@Nullable Entry<K, V> lastEntry() {
    return whole().lastEntry();
  }

  /** The entry with the greatest key less than that one, or {@code null} if there is none. */
  @Override
  public Map.@Nullable Entry<K, V> lowerEntry(K key) {
    return whole().lowerEntry(key);
  }

  /** The greatest key less than that one, or {@code null} if there is none. */
  @Override
  public @Nullable K lowerKey(K key) {
    return whole().lowerKey(key);
  }

  /**
   * The entry with the greatest key less than or equal to that one, or {@code null} if there is
   * none.
   */
  @Override
  public Map.@Nullable Entry<K, V> floorEntry(K key) {
    return whole().floorEntry(key);
  }

  /** The greatest key less than or equal to that one, or {@code null} if there is none. */
  @Override
  public @Nullable K floorKey(K key) {
    return whole().floorKey(key);
  }

  /**
   * The entry with the least key greater than or equal to that one, or {@code null} if there is
   * none.
   */
  @Override
  public Map.@Nullable Entry<K, V> ceilingEntry(K key) {
    return whole().ceilingEntry(key);
  }

  /** The least key greater than or equal to that one, or {@code null} if there is none. */
  @Override
  public @Nullable K ceilingKey(K key) {
    return whole().ceilingKey(key);
  }

  /** The entry with the least key greater than that one, or {@code null} if there is none. */
  @Override
  public Map.@Nullable Entry<K, V> higherEntry(K key) {
    return whole().higherEntry(key);
  }

  /** The least key greater than that one, or {@code null} if there is none. */
  @Override
  public @Nullable K higherKey(K key) {
    return whole().higherKey(key);
  }

  /** The least key; throws {@code NoSuchElementException} if there is none. */
  @Override
  public K firstKey() {
    return whole().firstKey();
  }

  /** The greatest key; throws {@code NoSuchElementException} if there is none. */
  @Override
  public K lastKey() {
    return whole().lastKey();
  }

  /**
   * Removes and returns the entry with the least key, or returns {@code null} if there is none. Of
   * several callers each gets another entry.
   */
  @Override
  public Map.@Nullable Entry<K, V> pollFirstEntry() {
    return whole().pollFirstEntry();
  }

  /**
   * Removes and returns the entry with the greatest key, or returns {@code null} if there is none.
   * Of several callers each gets another entry.
   */
  @Override
  public Map.@Nullable Entry<K, V> pollLastEntry() {
    return whole().pollLastEntry();
  }

  // Views.

  /** The keys, ascending. Removing one removes its entry; keys cannot be added. */
  @Override
  public NavigableSet<K> keySet() {
    return whole().keySet();
  }

  /** The keys, ascending. Removing one removes its entry; keys cannot be added. */
  @Override
  public NavigableSet<K> navigableKeySet() {
    return whole().navigableKeySet();
  }

  /** The keys, descending. Removing one removes its entry; keys cannot be added. */
  @Override
  public NavigableSet<K> descendingKeySet() {
    return whole().descendingKeySet();
  }

  /** The values, in the order of their keys. Removing one removes its entry. */
  @Override
  public Collection<V> values() {
    return whole().values();
  }

  /** The entries, in order. {@code setValue} of an entry puts; {@code remove} removes its key. */
  @Override
  public Set<Map.Entry<K, V>> entrySet() {
    return whole().entrySet();
  }

  /** The map in descending order of keys. */
  @Override
  public ConcurrentNavigableMap<K, V> descendingMap() {
    return whole().descendingMap();
  }

  /** The entries with keys between those ends. */
  @Override
  public ConcurrentNavigableMap<K, V> subMap(
      K fromKey, boolean fromInclusive, K toKey, boolean toInclusive) {
    return whole().subMap(fromKey, fromInclusive, toKey, toInclusive);
  }

  /** The entries with keys up to that end. */
  @Override
  public ConcurrentNavigableMap<K, V> headMap(K toKey, boolean inclusive) {
    return whole().headMap(toKey, inclusive);
  }

  /** The entries with keys from that end on. */
  @Override
  public ConcurrentNavigableMap<K, V> tailMap(K fromKey, boolean inclusive) {
    return whole().tailMap(fromKey, inclusive);
  }

  /** The entries with keys in {@code [fromKey, toKey)}. */
  @Override
  public ConcurrentNavigableMap<K, V> subMap(K fromKey, K toKey) {
    return whole().subMap(fromKey, toKey);
  }

  /** The entries with keys less than {@code toKey}. */
  @Override
  public ConcurrentNavigableMap<K, V> headMap(K toKey) {
    return whole().headMap(toKey);
  }

  /** The entries with keys greater than or equal to {@code fromKey}. */
  @Override
  public ConcurrentNavigableMap<K, V> tailMap(K fromKey) {
    return whole().tailMap(fromKey);
  }

  /** Whether the other is a map of the same entries, in whatever order. */
  @Override
  public boolean equals(@Nullable Object other) {
    return other == this || other instanceof Map && whole().copy().equals(other);
  }

  @Override
  public int hashCode() {
    return whole().hashCode();
  }

  @Override
  public String toString() {
    return whole().toString();
  }

  // What runs on the state.

  @Accessor
  @Nullable V find(@ConflictKey K key) {
    return tree.get(key);
  }

  /** How many keys lie between those ends, {@code null} standing for none. */
  @Accessor
  int count(@Nullable K from, boolean fromInclusive, @Nullable K to, boolean toInclusive) {
    return part(from, fromInclusive, to, toInclusive).size();
  }

  @Accessor
  Map.@Nullable Entry<K, V> least(
      @Nullable K from, boolean fromInclusive, @Nullable K to, boolean toInclusive) {
    TreePMap<K, V> part = part(from, fromInclusive, to, toInclusive);
    return part.isEmpty() ? null : part.firstEntry();
  }

  @Accessor
  Map.@Nullable Entry<K, V> greatest(
      @Nullable K from, boolean fromInclusive, @Nullable K to, boolean toInclusive) {
    TreePMap<K, V> part = part(from, fromInclusive, to, toInclusive);
    return part.isEmpty() ? null : part.lastEntry();
  }

  @Accessor
  Iterator<Map.Entry<K, V>> entries(
      @Nullable K from,
      boolean fromInclusive,
      @Nullable K to,
      boolean toInclusive,
      boolean descending) {
    TreePMap<K, V> part = part(from, fromInclusive, to, toInclusive);
    return (descending ? part.descendingMap() : part).entrySet().iterator();
  }

  private TreePMap<K, V> part(
      @Nullable K from, boolean fromInclusive, @Nullable K to, boolean toInclusive) {
    TreePMap<K, V> part = from == null ? tree : tree.tailMap(from, fromInclusive);
    return to == null ? part : part.headMap(to, toInclusive);
  }

  @Mutator("put")
  @Nullable V applyPut(@ConflictKey K key, V value) {
    V before = tree.get(key);
    tree = tree.plus(key, value);
    return before;
  }

  @Mutator("set")
  void applySet(@ConflictKey K key, V value) {
    tree = tree.plus(key, value);
  }

  @Mutator("putIfAbsent")
  @Nullable V applyPutIfAbsent(@ConflictKey K key, V value) {
    V present = tree.get(key);
    if (present == null) {
      tree = tree.plus(key, value);
    }
    return present;
  }

  @Mutator("replace")
  @Nullable V applyReplace(@ConflictKey K key, V value) {
    V before = tree.get(key);
    if (before != null) {
      tree = tree.plus(key, value);
    }
    return before;
  }

  @Mutator("replaceIfEqual")
  boolean applyReplaceIfEqual(@ConflictKey K key, V expected, V value) {
    if (!expected.equals(tree.get(key))) {
      return false;
    }
    tree = tree.plus(key, value);
    return true;
  }

  @Mutator("remove")
  @Nullable V applyRemove(@ConflictKey K key) {
    V before = tree.get(key);
    tree = tree.minus(key);
    return before;
  }

  @Mutator("removeIfEqual")
  boolean applyRemoveIfEqual(@ConflictKey K key, V expected) {
    if (!expected.equals(tree.get(key))) {
      return false;
    }
    tree = tree.minus(key);
    return true;
  }

  @Mutator("delete")
  void applyDelete(@ConflictKey K key) {
    tree = tree.minus(key);
  }

  @Mutator("pollFirst")
  Map.@Nullable Entry<K, V> applyPollFirst(
      @Nullable K from, boolean fromInclusive, @Nullable K to, boolean toInclusive) {
    return polled(least(from, fromInclusive, to, toInclusive));
  }

  @Mutator("pollLast")
  Map.@Nullable Entry<K, V> applyPollLast(
      @Nullable K from, boolean fromInclusive, @Nullable K to, boolean toInclusive) {
    return polled(greatest(from, fromInclusive, to, toInclusive));
  }

  private Map.@Nullable Entry<K, V> polled(Map.@Nullable Entry<K, V> entry) {
    if (entry != null) {
      tree = tree.minus(entry.getKey());
    }
    return entry;
  }

  @Mutator("clearRange")
  void applyClearRange(
      @Nullable K from, boolean fromInclusive, @Nullable K to, boolean toInclusive) {
    tree = tree.minusAll(part(from, fromInclusive, to, toInclusive).keySet());
  }

  @Mutator("putAll")
  void applyPutAll(Map<K, V> entries) {
    TreePMap<K, V> changed = tree;
    for (Map.Entry<K, V> entry : entries.entrySet()) {
      changed = changed.plus(entry.getKey(), entry.getValue());
    }
    tree = changed;
  }

  /** Returns what is there now for those keys that are there with another value. */
  @Mutator("replaceEntries")
  Map<K, V> applyReplaceEntries(Map<K, V> expected, Map<K, V> replacements) {
    Map<K, V> changedSince = new LinkedHashMap<>();
    TreePMap<K, V> changed = tree;
    for (Map.Entry<K, V> replacement : replacements.entrySet()) {
      K key = replacement.getKey();
      V present = tree.get(key);
      if (present == null) {
        continue;
      }
      if (present.equals(expected.get(key))) {
        changed = changed.plus(key, replacement.getValue());
      } else {
        changedSince.put(key, present);
      }
    }
    tree = changed;
    return changedSince;
  }

  @Mutator("removeKeys")
  boolean applyRemoveKeys(List<K> keys) {
    TreePMap<K, V> changed = tree;
    for (K key : keys) {
      changed = changed.minus(key);
    }
    boolean removed = changed.size() < tree.size();
    tree = changed;
    return removed;
  }

  @Mutator("removeEntries")
  boolean applyRemoveEntries(Map<K, V> entries) {
    TreePMap<K, V> changed = tree;
    for (Map.Entry<K, V> entry : entries.entrySet()) {
      if (entry.getValue().equals(changed.get(entry.getKey()))) {
        changed = changed.minus(entry.getKey());
      }
    }
    boolean removed = changed.size() < tree.size();
    tree = changed;
    return removed;
  }

  @Override
  public ReplicatedSortedMap<K, V> fork() {
    ReplicatedSortedMap<K, V> fork = new ReplicatedSortedMap<>();
    fork.tree = tree;
    return fork;
  }

  @Override
  public Iterator<Map.Entry<K, V>> snapshot() {
    return tree.entrySet().iterator();
  }

  @Override
  public void restore(Iterator<Map.Entry<K, V>> elements) {
    TreePMap<K, V> restored = TreePMap.empty();
    while (elements.hasNext()) {
      Map.Entry<K, V> entry = elements.next();
      restored = restored.plus(entry.getKey(), entry.getValue());
    }
    tree = restored;
  }
}
