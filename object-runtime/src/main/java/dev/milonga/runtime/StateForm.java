package dev.milonga.runtime;

import java.util.Collection;
import java.util.List;
import java.util.function.Supplier;

/** One way to take the state of an object: by its fields, or by what the class itself streams. */
interface StateForm<T> {

  /** What the stream begins with; never changes. */
  int id();

  /** Why states cannot be taken; empty if they can. */
  List<String> problems();

  /** The same for objects that another supplier makes, whose class is that of the sample. */
  StateForm<T> with(Supplier<? extends T> supplier, T sample);

  /** A new object. */
  T fresh();

  T copy(T state);

  void write(StateWriter out, T state);

  T read(StateReader in);

  /**
   * Whether a state holds one of those very objects and could change it. False where that cannot be
   * told.
   */
  default boolean holdsAny(T state, Collection<Object> objects) {
    return false;
  }
}
