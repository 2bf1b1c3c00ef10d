package dev.milonga.runtime;

import java.util.List;

/** One way to take the state of an object: by its fields, or by what the class itself streams. */
interface StateForm<T> {

  /** What the stream begins with; never changes. */
  int id();

  /** Why states cannot be taken; empty if they can. */
  List<String> problems();

  /** A new object. */
  T fresh();

  T copy(T state);

  void write(StateWriter out, T state);

  T read(StateReader in);
}
