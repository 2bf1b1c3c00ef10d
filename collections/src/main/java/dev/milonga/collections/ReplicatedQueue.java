package dev.milonga.collections;

import dev.milonga.annotations.Accessor;
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
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.function.IntFunction;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A replicated, unbounded first-in-first-out queue. What {@link #poll} returns, this caller took,
 * and nobody else takes.
 *
 * <p><b>Atomicity.</b> Every call is atomic, and its result exact, but for {@link #removeIf}, which
 * removes what is equal to something that matched at one moment. An iterator, a stream, {@code
 * toArray} and so on run over the queue as it was at one moment; iterators cannot remove, since of
 * several equal elements they could not say which.
 *
 * <p><b>Conflicts.</b> In a transaction every call touches the whole queue. {@link #offer}, {@link
 * #add}, {@link #addAll} and {@link #clear} are blind: they do not read the queue, so that
 * transactions which only make such calls never abort.
 *
 * <p><b>Elements</b> are never {@code null}. An element that is not of the declared type is never
 * found by {@code contains} and {@code remove}, and is refused by all other methods when it is
 * encoded.
 *
 * <p>A {@link NullPointerException} or {@link IllegalArgumentException} leaves nothing in the log.
 * What else is durable if a call throws is what the store says about calls of replicated objects in
 * general; where the outcome of a {@code poll} is unknown, the element may have been taken. A bulk
 * change is one log entry, and must fit into one.
 *
 * @param <E> the element, with {@code equals} by content where elements are compared
 */
@LogicalName("queue")
public class ReplicatedQueue<E> implements Queue<E>, Versioned<ReplicatedQueue<E>>, Snapshots<E> {

  private io.vavr.collection.Queue<E> queue = io.vavr.collection.Queue.empty();

  /** An empty queue. Used by itself it is a local object, not thread-safe. */
  public ReplicatedQueue() {}

  // Taking and giving.

  /** Adds that element at the tail: a blind write. Returns {@code true}. */
  @Override
  public boolean offer(E element) {
    applyOffer(Refused.element(element));
    return true;
  }

  /** Adds that element at the tail: a blind write. Returns {@code true}. */
  @Override
  public boolean add(E element) {
    return offer(element);
  }

  /** Adds all of those at the tail, in one log entry: a blind write. */
  @Override
  public boolean addAll(Collection<? extends E> elements) {
    if (elements == this) {
      throw new IllegalArgumentException("a queue cannot be added to itself; copy it first");
    }
    List<E> copy = Refused.elements(elements);
    if (!copy.isEmpty()) {
      applyOfferAll(copy);
    }
    return !copy.isEmpty();
  }

  /**
   * Takes the element at the head, or returns {@code null} if there is none. Of several callers
   * each gets another element.
   */
  @Mutator("poll")
  @Override
  public @Nullable E poll() {
    if (queue.isEmpty()) {
      return null;
    }
    E head = queue.head();
    queue = queue.tail();
    return head;
  }

  /**
   * Takes the element at the head.
   *
   * @throws NoSuchElementException if there is none
   */
  @Override
  public E remove() {
    return present(poll());
  }

  /** The element at the head, or {@code null} if there is none. It stays there. */
  @Accessor
  @Override
  public @Nullable E peek() {
    return queue.isEmpty() ? null : queue.head();
  }

  /**
   * The element at the head. It stays there.
   *
   * @throws NoSuchElementException if there is none
   */
  @Override
  public E element() {
    return present(peek());
  }

  // Reads.

  /** The number of elements. Takes constant time. */
  @Accessor
  @Override
  public int size() {
    return queue.size();
  }

  /** Whether there is no element. */
  @Accessor
  @Override
  public boolean isEmpty() {
    return queue.isEmpty();
  }

  @Override
  @SuppressWarnings("unchecked") // whatever it is, it is only compared
  public boolean contains(Object element) {
    return holds((E) Refused.element(element));
  }

  /** Whether all of those are elements, at one moment. */
  @Override
  public boolean containsAll(Collection<?> elements) {
    List<E> shared = Refused.shared(elements);
    return shared.size() == elements.size() && holdsAll(shared);
  }

  /** The elements of this moment, from head to tail. It cannot remove. */
  @Override
  public Iterator<E> iterator() {
    return elements();
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

  // Removals from within.

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

  /** Removes everything: a blind write. */
  @Mutator("clear")
  @Override
  public void clear() {
    queue = io.vavr.collection.Queue.empty();
  }

  /** The elements from head to tail. */
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
      throw new NoSuchElementException("the queue is empty");
    }
    return element;
  }

  // What runs on the state.

  @Accessor
  boolean holds(E element) {
    return queue.contains(element);
  }

  @Accessor
  boolean holdsAll(List<E> elements) {
    return queue.containsAll(elements);
  }

  @Accessor
  boolean holdsAny(List<E> elements) {
    Set<E> wanted = new HashSet<>(elements);
    for (E element : queue) {
      if (wanted.contains(element)) {
        return true;
      }
    }
    return false;
  }

  @Accessor
  boolean holdsOnly(List<E> elements) {
    Set<E> known = new HashSet<>(elements);
    for (E element : queue) {
      if (!known.contains(element)) {
        return false;
      }
    }
    return true;
  }

  @Accessor
  Iterator<E> elements() {
    return queue.iterator();
  }

  @Mutator("offer")
  void applyOffer(E element) {
    queue = queue.enqueue(element);
  }

  @Mutator("offerAll")
  void applyOfferAll(List<E> elements) {
    queue = queue.enqueueAll(elements);
  }

  @Mutator("remove")
  boolean applyRemove(E element) {
    int before = queue.size();
    queue = queue.remove(element);
    return queue.size() < before;
  }

  @Mutator("removeAll")
  boolean applyRemoveAll(List<E> elements) {
    Set<E> removed = new HashSet<>(elements);
    return keep(element -> !removed.contains(element));
  }

  @Mutator("retainAll")
  boolean applyRetainAll(List<E> elements) {
    return keep(new HashSet<>(elements)::contains);
  }

  private boolean keep(Predicate<E> filter) {
    int before = queue.size();
    queue = queue.filter(filter);
    return queue.size() < before;
  }

  @Override
  public ReplicatedQueue<E> fork() {
    ReplicatedQueue<E> fork = new ReplicatedQueue<>();
    fork.queue = queue;
    return fork;
  }

  @Override
  public Iterator<E> snapshot() {
    return queue.iterator();
  }

  @Override
  public void restore(Iterator<E> elements) {
    io.vavr.collection.Queue<E> restored = io.vavr.collection.Queue.empty();
    while (elements.hasNext()) {
      restored = restored.enqueue(elements.next());
    }
    queue = restored;
  }
}
