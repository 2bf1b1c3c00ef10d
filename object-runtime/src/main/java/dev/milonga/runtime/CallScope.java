package dev.milonga.runtime;

import org.jspecify.annotations.Nullable;

/**
 * What a call on a replicated object means in the current context. Without a scope a mutator
 * appends and an accessor brings its view up to the tail; a scope, bound to a thread for the time
 * of a block, can do something else, such as buffer writes and note reads.
 */
public interface CallScope {

  /**
   * Takes a call of a mutator.
   *
   * @param object the object it was called on
   * @param mutator the index of the mutator in the object's type
   * @param arguments as the caller passed them
   * @return what the caller gets; {@code null} stands for zero if the mutator returns a primitive
   */
  @Nullable Object mutate(ObjectHandle<?> object, int mutator, @Nullable Object[] arguments);

  /**
   * The state of a class that makes versions, to run an accessor on directly, where that is all
   * that the scope would do; else null, and the accessor goes through {@link #access}.
   */
  default @Nullable Object stateToRead(ObjectHandle<?> object) {
    return null;
  }

  /** Takes a call of an accessor, like {@link #mutate}. */
  @Nullable Object access(ObjectHandle<?> object, int accessor, @Nullable Object[] arguments);
}
