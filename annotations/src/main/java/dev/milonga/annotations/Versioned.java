package dev.milonga.annotations;

/**
 * A replicated class whose state is kept in immutable versions.
 *
 * <p>A class implements this if its fields refer to persistent (structurally shared) data, so that
 * {@link #fork()} costs about as much as allocating one object. Mutators are then applied to a
 * fresh fork, which is published when the mutator has returned: accessors read the current version
 * without taking a lock, older versions serve snapshots, and a mutator that throws changes nothing.
 *
 * <p>A class that does not implement this has a single instance under a read-write lock.
 *
 * @param <T> the class itself
 */
public interface Versioned<T> {

  /**
   * A copy of this object, cheap to make, that can be changed without changing this one. It must
   * share nothing mutable with this object.
   */
  T fork();
}
