package dev.milonga.collections;

import dev.milonga.annotations.Accessor;
import dev.milonga.annotations.ConflictKey;
import dev.milonga.annotations.LogicalName;
import dev.milonga.annotations.Mutator;
import dev.milonga.annotations.Snapshots;
import dev.milonga.annotations.Versioned;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.function.IntFunction;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A replicated set that iterates in the order in which its elements were first added.
 *
 * <p><b>Atomicity.</b> Every call is atomic, and its result exact, but for {@link #removeIf}, which
 * removes those elements that matched at one moment. An iterator, a stream, {@code toArray}, {@code
 * containsAll} and so on run over the set as it was at one moment.
 *
 * <p><b>Conflicts.</b> In a transaction a call with one element touches that element alone; every
 * other call touches the whole set. {@link #clear} is blind: it does not read the set.
 *
 * <p><b>Elements</b> are compared by {@code equals}, and must be encoded alike if they are equal;
 * they are never {@code null}. An element that is not of the declared type is never found by {@code
 * contains} and {@code remove}, and is refused by all other methods when it is encoded.
 *
 * <p>A {@link NullPointerException} or {@link IllegalArgumentException} leaves nothing in the log.
 * What else is durable if a call throws is what the store says about calls of replicated objects in
 * general. A bulk change is one log entry, and must fit into one.
 *
 * @param <E> the element, with {@code equals} and {@code hashCode} by content
 */
@LogicalName("set")
public class ReplicatedSet<E> implements Set<E>, Versioned<ReplicatedSet<E>>, Snapshots<E> {

  private OrderedTrie<E, Boolean> trie = OrderedTrie.empty();

  /** An empty set. Used by itself it is a local object, not thread-safe. */
  public ReplicatedSet() {}

  // Reads.

  /** The number of elements. Takes constant time. */
  @Accessor
  @Override
  public int size() {
    return trie.size();
  }

  /** Whether there is no element. */
  @Accessor
  @Override
  public boolean isEmpty() {
    return trie.size() == 0;
  }

  /**
   * Whether that is an element. Something that is not of type {@code E} is none; within a
   * transaction it is refused, since it cannot be encoded as an element that was looked for.
   */
  @Override
  @SuppressWarnings("unchecked") // whatever it is, it is only looked up
  public boolean contains(Object element) {
    return holds((E) Refused.element(element));
  }

  /** Whether all of those are elements, at one moment. */
  @Override
  public boolean containsAll(Collection<?> elements) {
    List<E> shared = Refused.shared(elements);
    return shared.size() == elements.size() && holdsAll(shared);
  }

  /** The elements of this moment, in order. {@code remove} removes from the set. */
  @Override
  public Iterator<E> iterator() {
    return new RemovingIterator<>(elements(), this::remove);
  }

  @Override
  public Spliterator<E> spliterator() {
    return Spliterators.spliteratorUnknownSize(
        elements(), Spliterator.ORDERED | Spliterator.DISTINCT | Spliterator.NONNULL);
  }

  @Override
  public Object[] toArray() {
    return copy().toArray();
  }

  @Override
  public <T> T[] toArray(T[] array) {
    return copy().toArray(array);
  }

  @Override
  public <T> T[] toArray(IntFunction<T[]> generator) {
    return copy().toArray(generator);
  }

  // Changes.

  /**
   * Adds that element, and says whether it was not there before.
   *
   * @throws IllegalArgumentException if the class of the element does not override {@code equals};
   *     nothing is durable
   */
  @Override
  public boolean add(E element) {
    return applyAdd(Refused.findable(Refused.element(element)));
  }

  /**
   * Removes that element, and says whether it was there. Where there is nothing to remove, nothing
   * is written to the log.
   */
  @Override
  @SuppressWarnings("unchecked") // what is there equals something of type E
  public boolean remove(Object element) {
    return contains(element) && applyRemove((E) element);
  }

  /** Adds all of those, in their order, and says whether any was not there before. */
  @Override
  public boolean addAll(Collection<? extends E> elements) {
    List<E> copy = Refused.elements(elements);
    copy.forEach(Refused::findable);
    return !copy.isEmpty() && applyAddAll(copy);
  }

  /**
   * Removes all of those, and says whether any was there. Where there is nothing to remove, nothing
   * is written to the log.
   */
  @Override
  public boolean removeAll(Collection<?> elements) {
    List<E> shared = Refused.shared(elements);
    return holdsAny(shared) && applyRemoveAll(shared);
  }

  /**
   * Removes all but those, and says whether there were any others. Where there is nothing to
   * remove, nothing is written to the log.
   */
  @Override
  public boolean retainAll(Collection<?> elements) {
    List<E> shared = Refused.shared(elements);
    return !holdsOnly(shared) && applyRetainAll(shared);
  }

  /**
   * Removes the elements for which {@code filter} says so, in one log entry, and says whether it
   * removed any. It looks at the elements of one moment: what others add meanwhile may be missed.
   */
  @Override
  public boolean removeIf(Predicate<? super E> filter) {
    Objects.requireNonNull(filter, "filter");
    List<E> matching = new ArrayList<>();
    elements()
        .forEachRemaining(
            element -> {
              if (filter.test(element)) {
                matching.add(element);
              }
            });
    return !matching.isEmpty() && applyRemoveAll(matching);
  }

  /** Removes everything: a blind write. */
  @Mutator("clear")
  @Override
  public void clear() {
    trie = OrderedTrie.empty();
  }

  /** Whether the other is a set of the same elements, in whatever order. */
  @Override
  public boolean equals(@Nullable Object other) {
    return other == this || other instanceof Set && copy().equals(other);
  }

  @Override
  public int hashCode() {
    return copy().hashCode();
  }

  @Override
  public String toString() {
    return copy().toString();
  }

  private Set<E> copy() {
    Set<E> copy = new LinkedHashSet<>();
    elements().forEachRemaining(copy::add);
    return copy;
  }

  // What runs on the state.

  @Accessor
  boolean holds(@ConflictKey E element) {
    return trie.get(element) != null;
  }

  @Accessor
  boolean holdsAll(List<E> elements) {
    for (E element : elements) {
      if (trie.get(element) == null) {
        return false;
      }
    }
    return true;
  }

  @Accessor
  boolean holdsAny(List<E> elements) {
    for (E element : elements) {
      if (trie.get(element) != null) {
        return true;
      }
    }
    return false;
  }

  @Accessor
  boolean holdsOnly(List<E> elements) {
    Set<E> known = new HashSet<>(elements);
    for (Iterator<E> keys = trie.keys(); keys.hasNext(); ) {
      if (!known.contains(keys.next())) {
        return false;
      }
    }
    return true;
  }

  @Accessor
  Iterator<E> elements() {
    return trie.keys();
  }

  @Mutator("add")
  boolean applyAdd(@ConflictKey E element) {
    if (trie.get(element) != null) {
      return false;
    }
    trie = trie.with(element, true);
    return true;
  }

  @Mutator("remove")
  boolean applyRemove(@ConflictKey E element) {
    int before = trie.size();
    trie = trie.without(element);
    return trie.size() < before;
  }

  @Mutator("addAll")
  boolean applyAddAll(List<E> elements) {
    OrderedTrie<E, Boolean> changed = trie;
    for (E element : elements) {
      if (changed.get(element) == null) {
        changed = changed.with(element, true);
      }
    }
    boolean added = changed != trie;
    trie = changed;
    return added;
  }

  @Mutator("removeAll")
  boolean applyRemoveAll(List<E> elements) {
    OrderedTrie<E, Boolean> changed = trie;
    for (E element : elements) {
      changed = changed.without(element);
    }
    boolean removed = changed != trie;
    trie = changed;
    return removed;
  }

  @Mutator("retainAll")
  boolean applyRetainAll(List<E> elements) {
    Set<E> retained = new HashSet<>(elements); // only looked up: its order matters to nobody
    OrderedTrie<E, Boolean> changed = trie;
    for (Iterator<E> keys = trie.keys(); keys.hasNext(); ) {
      E element = keys.next();
      if (!retained.contains(element)) {
        changed = changed.without(element);
      }
    }
    boolean removed = changed != trie;
    trie = changed;
    return removed;
  }

  @Override
  public ReplicatedSet<E> fork() {
    ReplicatedSet<E> fork = new ReplicatedSet<>();
    fork.trie = trie;
    return fork;
  }

  @Override
  public Iterator<E> snapshot() {
    return trie.keys();
  }

  @Override
  public void restore(Iterator<E> elements) {
    OrderedTrie<E, Boolean> restored = OrderedTrie.empty();
    while (elements.hasNext()) {
      restored = restored.with(elements.next(), true);
    }
    trie = restored;
  }
}
