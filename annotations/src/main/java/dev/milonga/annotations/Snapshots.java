package dev.milonga.annotations;

import java.util.Iterator;

/**
 * A replicated class that streams its own state into checkpoints, element by element.
 *
 * <p>A class implements this if its state is large or if its fields cannot be encoded as they are.
 * For all other classes the state is taken field by field.
 *
 * @param <E> an element of the state, encodable like the argument of a mutator
 */
public interface Snapshots<E> {

  /**
   * The elements that make up the state, in an order that is a function of the state. The object
   * does not change while the iterator is in use.
   */
  Iterator<E> snapshot();

  /**
   * Makes the state of this object, which was just constructed, the one whose elements are given in
   * the order of {@link #snapshot()}.
   */
  void restore(Iterator<E> elements);
}
