package dev.milonga.collections;

import java.util.Iterator;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** An iterator over elements of one moment, whose {@code remove} removes from the collection. */
final class RemovingIterator<E> implements Iterator<E> {

  private final Iterator<E> elements;
  private final Consumer<E> removal;
  private @Nullable E removable; // the last element, unless it was removed

  RemovingIterator(Iterator<E> elements, Consumer<E> removal) {
    this.elements = elements;
    this.removal = removal;
  }

  @Override
  public boolean hasNext() {
    return elements.hasNext();
  }

  @Override
  public E next() {
    E next = elements.next();
    removable = next;
    return next;
  }

  @Override
  public void remove() {
    if (removable == null) {
      throw new IllegalStateException("remove() needs a next() of its own before it");
    }
    removal.accept(removable);
    removable = null;
  }
}
