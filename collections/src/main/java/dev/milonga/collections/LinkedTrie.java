package dev.milonga.collections;

import io.vavr.collection.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * An immutable hash map that remembers the order in which its keys were first put. Every change
 * makes a new one that shares almost all of its structure with the old one.
 *
 * <p>A hash trie holds for each key its value and its two neighbours in that order, by key. The
 * order is thus a function of the operations alone. That of a plain hash trie would depend on hash
 * codes, which for enums, and for all records of enums, differ between two runs of a JVM.
 */
final class LinkedTrie<K, V> {

  private record Link<K, V>(V value, @Nullable K before, @Nullable K after) {}

  private static final LinkedTrie<?, ?> EMPTY = new LinkedTrie<>(HashMap.empty(), null, null);

  private final HashMap<K, Link<K, V>> links;
  private final @Nullable K first; // null iff empty; its link has no key before
  private final @Nullable K last; // null iff empty; its link has no key after

  private LinkedTrie(HashMap<K, Link<K, V>> links, @Nullable K first, @Nullable K last) {
    this.links = links;
    this.first = first;
    this.last = last;
  }

  @SuppressWarnings("unchecked") // it holds neither keys nor values
  static <K, V> LinkedTrie<K, V> empty() {
    return (LinkedTrie<K, V>) EMPTY;
  }

  /** The map of those entries in that order; no two have equal keys. */
  static <K, V> LinkedTrie<K, V> of(Iterator<Map.Entry<K, V>> entries) {
    if (!entries.hasNext()) {
      return empty();
    }
    // One entry is looked ahead, so that each link is put once, when both neighbours are known.
    HashMap<K, Link<K, V>> links = HashMap.empty();
    Map.Entry<K, V> entry = entries.next();
    K first = entry.getKey();
    K before = null;
    while (entries.hasNext()) {
      Map.Entry<K, V> next = entries.next();
      links = links.put(entry.getKey(), new Link<>(entry.getValue(), before, next.getKey()));
      before = entry.getKey();
      entry = next;
    }
    links = links.put(entry.getKey(), new Link<>(entry.getValue(), before, null));
    return new LinkedTrie<>(links, first, entry.getKey());
  }

  int size() {
    return links.size();
  }

  @Nullable V get(K key) {
    Link<K, V> link = links.getOrElse(key, null);
    return link == null ? null : link.value;
  }

  @Nullable K first() {
    return first;
  }

  /** With that value for that key, which keeps its place if it has one, else comes last. */
  LinkedTrie<K, V> with(K key, V value) {
    Link<K, V> link = links.getOrElse(key, null);
    if (link != null) {
      HashMap<K, Link<K, V>> changed = links.put(key, new Link<>(value, link.before, link.after));
      return new LinkedTrie<>(changed, first, last);
    }
    HashMap<K, Link<K, V>> changed = links.put(key, new Link<>(value, last, null));
    if (last == null) {
      return new LinkedTrie<>(changed, key, key);
    }
    Link<K, V> previous = linkOf(last);
    changed = changed.put(last, new Link<>(previous.value, previous.before, key));
    return new LinkedTrie<>(changed, first, key);
  }

  /** Without that key; this map itself if it has no such key. */
  LinkedTrie<K, V> without(K key) {
    Link<K, V> link = links.getOrElse(key, null);
    if (link == null) {
      return this;
    }
    K before = link.before;
    K after = link.after;
    HashMap<K, Link<K, V>> changed = links.remove(key);
    if (before != null) {
      Link<K, V> left = linkOf(before);
      changed = changed.put(before, new Link<>(left.value, left.before, after));
    }
    if (after != null) {
      Link<K, V> right = linkOf(after);
      changed = changed.put(after, new Link<>(right.value, before, right.after));
    }
    return new LinkedTrie<>(changed, before == null ? after : first, after == null ? before : last);
  }

  private Link<K, V> linkOf(K key) {
    Link<K, V> link = links.getOrElse(key, null);
    if (link == null) {
      throw new AssertionError(
          "a neighbour has no link: " + key + ", in a map of " + links.size() + " keys");
    }
    return link;
  }

  /**
   * The entries in order. They do not support {@code setValue}, nor the iterator {@code remove}.
   */
  Iterator<Map.Entry<K, V>> iterator() {
    return new Iterator<>() {
      private @Nullable K next = first;

      @Override
      public boolean hasNext() {
        return next != null;
      }

      @Override
      public Map.Entry<K, V> next() {
        K key = next;
        if (key == null) {
          throw new NoSuchElementException();
        }
        Link<K, V> link = linkOf(key);
        next = link.after;
        return Map.entry(key, link.value);
      }
    };
  }

  /** The keys in order. The iterator does not support {@code remove}. */
  Iterator<K> keys() {
    return new Iterator<>() {
      private @Nullable K next = first;

      @Override
      public boolean hasNext() {
        return next != null;
      }

      @Override
      public K next() {
        K key = next;
        if (key == null) {
          throw new NoSuchElementException();
        }
        next = linkOf(key).after;
        return key;
      }
    };
  }
}
