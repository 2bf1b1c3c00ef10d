package dev.milonga.collections;

import dev.milonga.annotations.Accessor;
import dev.milonga.annotations.LogicalName;
import dev.milonga.annotations.Mutator;
import dev.milonga.annotations.Snapshots;
import dev.milonga.annotations.Versioned;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.ListIterator;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.RandomAccess;
import java.util.Set;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.pcollections.PVector;
import org.pcollections.TreePVector;

/**
 * A replicated list: a balanced tree, in which reading, replacing, inserting and removing an
 * element takes logarithmic time wherever it is.
 *
 * <p><b>Atomicity.</b> Every call is atomic, and its result exact, but for {@link #removeIf}, which
 * removes what is equal to something that matched at one moment. {@link #sort} and {@link
 * #replaceAll} are atomic; where another writer comes between, their function is called again on
 * the newer list, and should have no effects of its own. An iterator, a stream, {@code toArray},
 * {@code equals} and so on run over the list as it was at one moment; iterators cannot change the
 * list, since the index of an element may be another one by then. For the same reason a sequence of
 * calls with indices, also on a {@link #subList}, is only as good as the agreement that nobody else
 * inserts or removes meanwhile, or the transaction it is in.
 *
 * <p><b>Conflicts.</b> In a transaction every call touches the whole list. {@link #add(Object)},
 * {@link #addAll(Collection)} and {@link #clear} are blind: they do not read the list, so that
 * transactions which only make such calls never abort.
 *
 * <p><b>Elements</b> are compared by {@code equals}, and never {@code null}. An element that is not
 * of the declared type is never found by {@code contains}, {@code indexOf} and {@code remove}, and
 * is refused by all other methods when it is encoded.
 *
 * <p>A {@link NullPointerException} or {@link IllegalArgumentException} leaves nothing in the log.
 * An {@link IndexOutOfBoundsException} of a call that changes the list may leave an entry in the
 * log that changes nothing. What else is durable if a call throws is what the store says about
 * calls of replicated objects in general. A bulk change is one log entry, and must fit into one.
 *
 * @param <E> the element, with {@code equals} by content where elements are compared
 */
@LogicalName("list")
public class ReplicatedList<E>
    implements List<E>, RandomAccess, Versioned<ReplicatedList<E>>, Snapshots<E> {

  /**
   * Of its methods only those that are its own are used: what it inherits, such as {@code indexOf}
   * and {@code equals}, looks up one index after the other, and {@code subList} takes linear time.
   */
  private PVector<E> vector = TreePVector.empty();

  /** An empty list. Used by itself it is a local object, not thread-safe. */
  public ReplicatedList() {}

  // Reads.

  /** The number of elements. Takes constant time. */
  @Accessor
  @Override
  public int size() {
    return vector.size();
  }

  /** Whether there is no element. */
  @Accessor
  @Override
  public boolean isEmpty() {
    return vector.isEmpty();
  }

  /** The element at that index. */
  @Accessor
  @Override
  public E get(int index) {
    return vector.get(Objects.checkIndex(index, vector.size()));
  }

  /**
   * The first element.
   *
   * @throws NoSuchElementException if there is none
   */
  public E getFirst() {
    return present(first());
  }

  /**
   * The last element.
   *
   * @throws NoSuchElementException if there is none
   */
  public E getLast() {
    return present(last());
  }

  @Override
  public boolean contains(Object element) {
    return indexOf(element) >= 0;
  }

  @Override
  @SuppressWarnings("unchecked") // whatever it is, it is only compared
  public int indexOf(Object element) {
    return firstIndex((E) Refused.element(element));
  }

  @Override
  @SuppressWarnings("unchecked") // whatever it is, it is only compared
  public int lastIndexOf(Object element) {
    return lastIndex((E) Refused.element(element));
  }

  /** Whether all of those are elements, at one moment. */
  @Override
  public boolean containsAll(Collection<?> elements) {
    List<E> shared = Refused.shared(elements);
    return shared.size() == elements.size() && holdsAll(shared);
  }

  /** The elements of this moment, in order. Taking it takes no time; it cannot change the list. */
  @Override
  public Iterator<E> iterator() {
    return elements();
  }

  /** The elements of this moment, which are copied first. It cannot change the list. */
  @Override
  public ListIterator<E> listIterator() {
    return listIterator(0);
  }

  /** The elements of this moment, which are copied first. It cannot change the list. */
  @Override
  public ListIterator<E> listIterator(int index) {
    return Collections.unmodifiableList(copy()).listIterator(index);
  }

  @Override
  public Spliterator<E> spliterator() {
    return Spliterators.spliteratorUnknownSize(
        elements(), Spliterator.ORDERED | Spliterator.NONNULL);
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

  /**
   * The elements with indices in {@code [from, to)}, as a view that translates indices: its {@code
   * i}-th element is at any time the list's element {@code from + i}. Bulk changes through it are
   * atomic. Each view is for one thread.
   */
  @Override
  public List<E> subList(int from, int to) {
    Objects.checkFromToIndex(from, to, size());
    return new ListRange<>(this, null, from, to - from);
  }

  // Changes.

  /** Adds that element at the end: a blind write. Returns {@code true}. */
  @Override
  public boolean add(E element) {
    applyAdd(Refused.element(element));
    return true;
  }

  /** Inserts that element so that it has that index. */
  @Override
  public void add(int index, E element) {
    applyInsert(index, Refused.element(element));
  }

  /** Adds all of those at the end: a blind write. */
  @Override
  public boolean addAll(Collection<? extends E> elements) {
    List<E> copy = Refused.elements(elements);
    if (!copy.isEmpty()) {
      applyAddAll(copy);
    }
    return !copy.isEmpty();
  }

  /** Inserts all of those so that the first of them has that index. */
  @Override
  public boolean addAll(int index, Collection<? extends E> elements) {
    List<E> copy = Refused.elements(elements);
    if (copy.isEmpty()) {
      Objects.checkIndex(index, size() + 1);
      return false;
    }
    applyInsertAll(index, copy);
    return true;
  }

  /** Replaces the element at that index, and returns the one before. */
  @Override
  public E set(int index, E element) {
    return applySet(index, Refused.element(element));
  }

  /** Removes the element at that index, and returns it. */
  @Override
  public E remove(int index) {
    return applyRemoveAt(index);
  }

  /**
   * Removes and returns the first element. Of several callers each gets another element.
   *
   * @throws NoSuchElementException if there is none
   */
  public E removeFirst() {
    return present(applyRemoveFirst());
  }

  /**
   * Removes and returns the last element. Of several callers each gets another element.
   *
   * @throws NoSuchElementException if there is none
   */
  public E removeLast() {
    return present(applyRemoveLast());
  }

  /**
   * Removes the first element that equals that one, and says whether there was any. Where there is
   * nothing to remove, nothing is written to the log.
   */
  @Override
  @SuppressWarnings("unchecked") // what is there equals something of type E
  public boolean remove(Object element) {
    return contains(element) && applyRemove((E) Refused.expected(element));
  }

  /**
   * Removes every element that equals one of those, and says whether there was any. Where there is
   * nothing to remove, nothing is written to the log.
   */
  @Override
  public boolean removeAll(Collection<?> elements) {
    List<E> shared = Refused.shared(elements);
    return holdsAny(shared) && applyRemoveAll(shared);
  }

  /**
   * Removes every element that equals none of those, and says whether there was any. Where there is
   * nothing to remove, nothing is written to the log.
   */
  @Override
  public boolean retainAll(Collection<?> elements) {
    List<E> shared = Refused.shared(elements);
    return !holdsOnly(shared) && applyRetainAll(shared);
  }

  /**
   * Removes the elements for which {@code filter} says so, in one log entry, and says whether it
   * removed any. It looks at the elements of one moment, and removes all that equal one that
   * matched: what others add meanwhile may be missed.
   */
  @Override
  public boolean removeIf(Predicate<? super E> filter) {
    Objects.requireNonNull(filter, "filter");
    Set<E> matching = new LinkedHashSet<>();
    elements()
        .forEachRemaining(
            element -> {
              if (filter.test(element)) {
                matching.add(Refused.expected(element));
              }
            });
    return !matching.isEmpty() && applyRemoveAll(new ArrayList<>(matching));
  }

  /** Replaces each element by what {@code operator} makes of it, in one log entry. */
  @Override
  public void replaceAll(UnaryOperator<E> operator) {
    Objects.requireNonNull(operator, "operator");
    rewrite(list -> list.replaceAll(element -> Refused.element(operator.apply(element))));
  }

  /** Sorts the list, stably, in one log entry; in none if it is sorted already. */
  @Override
  public void sort(@Nullable Comparator<? super E> comparator) {
    rewrite(list -> list.sort(comparator));
  }

  private void rewrite(Consumer<List<E>> change) {
    while (true) {
      List<E> before = copy();
      List<E> after = new ArrayList<>(before);
      change.accept(after);
      if (after.equals(before)) {
        return;
      }
      before.forEach(Refused::expected);
      if (applyReplaceContents(before, after)) {
        return;
      }
    }
  }

  /** Removes everything: a blind write. */
  @Mutator("clear")
  @Override
  public void clear() {
    vector = TreePVector.empty();
  }

  /** Whether the other is a list of the same elements in the same order. */
  @Override
  public boolean equals(@Nullable Object other) {
    return other == this || other instanceof List && copy().equals(other);
  }

  @Override
  public int hashCode() {
    return copy().hashCode();
  }

  @Override
  public String toString() {
    return copy().toString();
  }

  private List<E> copy() {
    List<E> copy = new ArrayList<>();
    elements().forEachRemaining(copy::add);
    return copy;
  }

  private static <T> T present(@Nullable T element) {
    if (element == null) {
      throw new NoSuchElementException("the list is empty");
    }
    return element;
  }

  // What runs on the state.

  @Accessor
  @Nullable E first() {
    return vector.isEmpty() ? null : vector.get(0);
  }

  @Accessor
  @Nullable E last() {
    return vector.isEmpty() ? null : vector.get(vector.size() - 1);
  }

  @Accessor
  int firstIndex(E element) {
    int index = 0;
    for (E present : vector) {
      if (element.equals(present)) {
        return index;
      }
      index++;
    }
    return -1;
  }

  @Accessor
  int lastIndex(E element) {
    int last = -1;
    int index = 0;
    for (E present : vector) {
      if (element.equals(present)) {
        last = index;
      }
      index++;
    }
    return last;
  }

  @Accessor
  boolean holdsAll(List<E> elements) {
    Set<E> missing = new HashSet<>(elements);
    for (E element : vector) {
      if (missing.isEmpty()) {
        break;
      }
      missing.remove(element);
    }
    return missing.isEmpty();
  }

  @Accessor
  boolean holdsAny(List<E> elements) {
    Set<E> wanted = new HashSet<>(elements);
    for (E element : vector) {
      if (wanted.contains(element)) {
        return true;
      }
    }
    return false;
  }

  @Accessor
  boolean holdsOnly(List<E> elements) {
    Set<E> known = new HashSet<>(elements);
    for (E element : vector) {
      if (!known.contains(element)) {
        return false;
      }
    }
    return true;
  }

  @Accessor
  Iterator<E> elements() {
    return vector.iterator();
  }

  /** The elements with indices in {@code [from, to)}. */
  @Accessor
  Iterator<E> range(int from, int to) {
    Objects.checkFromToIndex(from, to, vector.size());
    PVector<E> version = vector;
    return new Iterator<>() {
      private int next = from;

      @Override
      public boolean hasNext() {
        return next < to;
      }

      @Override
      public E next() {
        if (next == to) {
          throw new NoSuchElementException();
        }
        return version.get(next++);
      }
    };
  }

  @Mutator("add")
  void applyAdd(E element) {
    vector = vector.plus(element);
  }

  @Mutator("addAll")
  void applyAddAll(List<E> elements) {
    vector = vector.plusAll(elements);
  }

  /**
   * Returns the new size: were it {@code void}, a transaction would count it as blind, although
   * whether the index is in range depends on what others have written.
   */
  @Mutator("insert")
  int applyInsert(int index, E element) {
    vector = vector.plus(Objects.checkIndex(index, vector.size() + 1), element);
    return vector.size();
  }

  /** Returns the new size, for the same reason. */
  @Mutator("insertAll")
  int applyInsertAll(int index, List<E> elements) {
    vector = vector.plusAll(Objects.checkIndex(index, vector.size() + 1), elements);
    return vector.size();
  }

  @Mutator("set")
  E applySet(int index, E element) {
    E before = get(index);
    vector = vector.with(index, element);
    return before;
  }

  @Mutator("removeAt")
  E applyRemoveAt(int index) {
    E before = get(index);
    vector = vector.minus(index);
    return before;
  }

  @Mutator("removeFirst")
  @Nullable E applyRemoveFirst() {
    return vector.isEmpty() ? null : applyRemoveAt(0);
  }

  @Mutator("removeLast")
  @Nullable E applyRemoveLast() {
    return vector.isEmpty() ? null : applyRemoveAt(vector.size() - 1);
  }

  @Mutator("remove")
  boolean applyRemove(E element) {
    int index = firstIndex(element);
    if (index < 0) {
      return false;
    }
    vector = vector.minus(index);
    return true;
  }

  @Mutator("removeAll")
  boolean applyRemoveAll(List<E> elements) {
    return removeMatching(new HashSet<>(elements)::contains);
  }

  @Mutator("retainAll")
  boolean applyRetainAll(List<E> elements) {
    Set<E> retained = new HashSet<>(elements);
    return removeMatching(element -> !retained.contains(element));
  }

  private boolean removeMatching(Predicate<E> filter) {
    PVector<E> changed = vector;
    int index = 0;
    for (E element : vector) {
      if (filter.test(element)) {
        changed = changed.minus(index);
      } else {
        index++;
      }
    }
    boolean removed = changed.size() < vector.size();
    vector = changed;
    return removed;
  }

  /** Does nothing and returns {@code false} unless the list then equals {@code expected}. */
  @Mutator("replaceContents")
  boolean applyReplaceContents(List<E> expected, List<E> replacement) {
    if (!stands(expected, vector.size(), vector.iterator())) {
      return false;
    }
    vector = TreePVector.from(replacement);
    return true;
  }

  /** Does nothing and returns {@code false} unless {@code expected} then stands at that index. */
  @Mutator("replaceRange")
  boolean applyReplaceRange(int index, List<E> expected, List<E> replacement) {
    int end = Math.addExact(index, expected.size());
    if (end > vector.size() || !stands(expected, end - index, range(index, end))) {
      return false;
    }
    PVector<E> changed = vector;
    for (int i = end; i > index; i--) {
      changed = changed.minus(i - 1);
    }
    vector = changed.plusAll(index, replacement);
    return true;
  }

  private boolean stands(List<E> expected, int size, Iterator<E> elements) {
    if (expected.size() != size) {
      return false;
    }
    for (E element : expected) {
      if (!element.equals(elements.next())) {
        return false;
      }
    }
    return true;
  }

  @Override
  public ReplicatedList<E> fork() {
    ReplicatedList<E> fork = new ReplicatedList<>();
    fork.vector = vector;
    return fork;
  }

  @Override
  public Iterator<E> snapshot() {
    return vector.iterator();
  }

  @Override
  public void restore(Iterator<E> elements) {
    PVector<E> restored = TreePVector.empty();
    while (elements.hasNext()) {
      restored = restored.plus(elements.next());
    }
    vector = restored;
  }
}
