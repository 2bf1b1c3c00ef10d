package dev.milonga.collections;

import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/**
 * An immutable sequence of elements, numbered in the order in which they were appended. Removing
 * one leaves a gap; numbers are not used again.
 *
 * <p>It is a tree in which each five bits of a number, from the highest, say which child to take.
 * Arrays end at their last element, and subtrees without any are left out. A change copies the
 * arrays on one path.
 */
final class SparseSequence<T> {

  private static final int BITS = 5;
  private static final int MASK = (1 << BITS) - 1;
  private static final SparseSequence<?> EMPTY = new SparseSequence<>(null, 0, 0);

  private final Object @Nullable [] root; // null iff there is no element
  private final int shift; // of the root's children: numbers are less than 1 << shift + BITS
  private final long end; // the number of the next element

  private SparseSequence(Object @Nullable [] root, int shift, long end) {
    this.root = root;
    this.shift = shift;
    this.end = end;
  }

  @SuppressWarnings("unchecked") // it holds no elements
  static <T> SparseSequence<T> empty() {
    return (SparseSequence<T>) EMPTY;
  }

  /** Those elements, numbered from 0. */
  static <T> SparseSequence<T> of(List<T> elements) {
    if (elements.isEmpty()) {
      return empty();
    }
    Object[] level = elements.toArray();
    int shift = 0;
    for (; level.length > MASK + 1; shift += BITS) {
      Object[] parents = new Object[(level.length + MASK) >>> BITS];
      for (int i = 0; i < parents.length; i++) {
        int from = i << BITS;
        parents[i] = Arrays.copyOfRange(level, from, Math.min(level.length, from + MASK + 1));
      }
      level = parents;
    }
    return new SparseSequence<>(level, shift, elements.size());
  }

  /** The number that the next element will have. */
  long end() {
    return end;
  }

  boolean isEmpty() {
    return root == null;
  }

  /** With that element, whose number is {@link #end}. */
  SparseSequence<T> append(T element) {
    Object[] tree = root;
    int top = shift;
    if (end >>> top + BITS != 0) {
      tree = tree == null ? null : new Object[] {tree};
      top += BITS;
    }
    return new SparseSequence<>(with(tree, top, end, element), top, Math.addExact(end, 1));
  }

  private static Object[] with(Object @Nullable [] node, int shift, long number, Object element) {
    int index = (int) (number >>> shift) & MASK;
    Object[] copy =
        node == null
            ? new Object[index + 1]
            : Arrays.copyOf(node, Math.max(node.length, index + 1));
    copy[index] =
        shift == 0 ? element : with((Object[]) copy[index], shift - BITS, number, element);
    return copy;
  }

  /** Without the element of that number, which is there. */
  SparseSequence<T> without(long number) {
    if (root == null || number >= end) {
      throw new AssertionError("no element " + number + " in a sequence that ends at " + end);
    }
    return new SparseSequence<>(without(root, shift, number), shift, end);
  }

  private static Object @Nullable [] without(Object[] node, int shift, long number) {
    int index = (int) (number >>> shift) & MASK;
    if (index >= node.length || node[index] == null) {
      throw new AssertionError("no element " + number);
    }
    Object child = shift == 0 ? null : without((Object[]) node[index], shift - BITS, number);
    int length = node.length;
    if (child == null && index == length - 1) {
      do {
        length--;
      } while (length > 0 && node[length - 1] == null);
      return length == 0 ? null : Arrays.copyOf(node, length);
    }
    Object[] copy = node.clone();
    copy[index] = child;
    return copy;
  }

  /** The elements in ascending order of their numbers. It does not support {@code remove}. */
  Iterator<T> iterator() {
    return new Elements();
  }

  private final class Elements implements Iterator<T> {

    private final Object[][] path = new Object[shift / BITS + 1][]; // from the root
    private final int[] indices = new int[path.length]; // of the next child of each on the path
    private int depth = -1; // of the last node on the path
    private @Nullable T next;

    Elements() {
      if (root != null) {
        path[++depth] = root;
      }
      next = find();
    }

    @SuppressWarnings("unchecked") // the leaves hold elements
    private @Nullable T find() {
      while (depth >= 0) {
        Object[] node = path[depth];
        if (indices[depth] == node.length) {
          depth--;
          continue;
        }
        Object child = node[indices[depth]++];
        if (child != null) {
          if (depth == path.length - 1) {
            return (T) child;
          }
          path[++depth] = (Object[]) child;
          indices[depth] = 0;
        }
      }
      return null;
    }

    @Override
    public boolean hasNext() {
      return next != null;
    }

    @Override
    public T next() {
      T element = next;
      if (element == null) {
        throw new NoSuchElementException();
      }
      next = find();
      return element;
    }
  }
}
