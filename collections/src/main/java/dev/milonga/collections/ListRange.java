package dev.milonga.collections;

import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.ListIterator;
import java.util.Objects;
import java.util.RandomAccess;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** The elements of a list with indices in {@code [from, from + size)}. For one thread. */
final class ListRange<E> extends AbstractList<E> implements RandomAccess {

  private final ReplicatedList<E> list;
  private final @Nullable ListRange<E> enclosing; // grows and shrinks with this one
  private final int from;
  private int size;

  ListRange(ReplicatedList<E> list, @Nullable ListRange<E> enclosing, int from, int size) {
    this.list = list;
    this.enclosing = enclosing;
    this.from = from;
    this.size = size;
  }

  @Override
  public int size() {
    return size;
  }

  @Override
  public E get(int index) {
    return list.get(from + Objects.checkIndex(index, size));
  }

  @Override
  public E set(int index, E element) {
    return list.set(from + Objects.checkIndex(index, size), element);
  }

  @Override
  public void add(int index, E element) {
    list.add(from + Objects.checkIndex(index, size + 1), element);
    grow(1);
  }

  @Override
  public boolean addAll(Collection<? extends E> elements) {
    return addAll(size, elements);
  }

  @Override
  public boolean addAll(int index, Collection<? extends E> elements) {
    List<E> copy = Refused.elements(elements);
    boolean added = list.addAll(from + Objects.checkIndex(index, size + 1), copy);
    grow(copy.size());
    return added;
  }

  @Override
  public E remove(int index) {
    E removed = list.remove(from + Objects.checkIndex(index, size));
    grow(-1);
    return removed;
  }

  @Override
  public boolean remove(Object element) {
    Refused.element(element);
    return rewrite(range -> range.remove(element));
  }

  @Override
  public boolean removeAll(Collection<?> elements) {
    return removeIf(Refused.in(elements));
  }

  @Override
  public boolean retainAll(Collection<?> elements) {
    return removeIf(Refused.in(elements).negate());
  }

  @Override
  public boolean removeIf(Predicate<? super E> filter) {
    Objects.requireNonNull(filter, "filter");
    return rewrite(range -> range.removeIf(filter));
  }

  @Override
  public void replaceAll(UnaryOperator<E> operator) {
    Objects.requireNonNull(operator, "operator");
    rewrite(range -> range.replaceAll(element -> Refused.element(operator.apply(element))));
  }

  @Override
  public void sort(@Nullable Comparator<? super E> comparator) {
    rewrite(range -> range.sort(comparator));
  }

  @Override
  public void clear() {
    rewrite(List::clear);
  }

  /** Changes what stands in this range, all at once; whether there was anything to change. */
  private boolean rewrite(Consumer<List<E>> change) {
    while (true) {
      List<E> before = copy();
      List<E> after = new ArrayList<>(before);
      change.accept(after);
      if (after.equals(before)) {
        return false;
      }
      before.forEach(Refused::expected);
      if (list.applyReplaceRange(from, before, after)) {
        grow(after.size() - before.size());
        return true;
      }
    }
  }

  private void grow(int elements) {
    size += elements;
    if (enclosing != null) {
      enclosing.grow(elements);
    }
  }

  @Override
  public Iterator<E> iterator() {
    return list.range(from, from + size);
  }

  @Override
  public ListIterator<E> listIterator() {
    return listIterator(0);
  }

  @Override
  public ListIterator<E> listIterator(int index) {
    return Collections.unmodifiableList(copy()).listIterator(index);
  }

  @Override
  public Spliterator<E> spliterator() {
    return Spliterators.spliteratorUnknownSize(
        iterator(), Spliterator.ORDERED | Spliterator.NONNULL);
  }

  @Override
  public List<E> subList(int first, int end) {
    Objects.checkFromToIndex(first, end, size);
    return new ListRange<>(list, this, from + first, end - first);
  }

  private List<E> copy() {
    List<E> copy = new ArrayList<>(size);
    iterator().forEachRemaining(copy::add);
    return copy;
  }
}
