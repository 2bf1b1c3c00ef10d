package dev.milonga.tests.history;

import java.util.List;

/**
 * One thing that a transaction did to one key: to a list that is only appended to, or to a
 * register. What was read is part of it. No element is appended to a list twice, and no value
 * written to a register twice, by whomever; which is what lets a checker tell who has written what
 * was read.
 */
public sealed interface Action {

  /** The list or register. */
  String key();

  /** It appended an element to a list. */
  record Append(String key, Object element) implements Action {
    @Override
    public String toString() {
      return "append " + element + " to " + key;
    }
  }

  /** It read a whole list: that is what it held, its own appends included. */
  record ListRead(String key, List<?> elements) implements Action {

    /** Copies the elements. */
    public ListRead {
      elements = List.copyOf(elements);
    }

    @Override
    public String toString() {
      int size = elements.size();
      return size <= 6
          ? "read " + key + " = " + elements
          : "read " + key + " = " + size + " elements up to " + elements.get(size - 1);
    }
  }

  /** It read how many elements a list holds, its own appends included: a predicate over it all. */
  record SizeRead(String key, int size) implements Action {
    @Override
    public String toString() {
      return "read size of " + key + " = " + size;
    }
  }

  /** It wrote a value, which is not null, to a register. */
  record Write(String key, Object value) implements Action {
    @Override
    public String toString() {
      return "write " + key + " = " + value;
    }
  }

  /** It read a register: that is what it held; null if nothing. */
  record Read(String key, Object value) implements Action {
    @Override
    public String toString() {
      return "read " + key + " = " + value;
    }
  }
}
