package dev.milonga.runtime;

import dev.milonga.annotations.Versioned;
import dev.milonga.log.SharedLog;
import dev.milonga.log.StreamId;
import org.jspecify.annotations.Nullable;

/**
 * The view of a class that makes versions of itself. Each call is applied to a fork, which takes
 * the place of the version before when the mutator has returned; a mutator that throws leaves no
 * trace. A version, once published, is never changed again, so readers need no lock.
 */
final class VersionedView<T> extends View<T> {

  // Written by the thread that holds the lock of View, read by anyone. The volatile write publishes
  // everything that the mutators wrote to the state before it.
  private volatile Version<T> current;
  private T working; // guarded by the lock of View

  VersionedView(String name, StreamId stream, BoundType<T> type, SharedLog log, Waiting waiting) {
    super(name, stream, type, log, waiting);
    this.working = type.freshState();
    this.current = new Version<>(0, working);
  }

  @Override
  long upTo() {
    return current.upTo;
  }

  /** The current version if it covers everything acknowledged before this call; else null. */
  @Nullable T upToDateState() {
    Version<T> version = current;
    return isUpToDate(version.upTo) ? version.state : null;
  }

  @Override
  T state() {
    return current.state;
  }

  @Override
  void beginApplying(Deadline deadline) {
    working = current.state;
  }

  @Override
  @Nullable Object apply(BoundMutator mutator, @Nullable Object[] arguments) throws Throwable {
    T fork = fork(working);
    Object returned = mutator.invoke(fork, arguments);
    working = fork;
    return returned;
  }

  @Override
  void publish(long upTo) {
    if (upTo < current.upTo) {
      throw new AssertionError(
          "view of \"" + name() + "\" went from " + current.upTo + " back to " + upTo);
    }
    current = new Version<>(upTo, working);
  }

  @Override
  @Nullable Object read(BoundAccessor accessor, @Nullable Object[] arguments) throws Throwable {
    return accessor.detach(accessor.invoke(current.state, arguments));
  }

  @SuppressWarnings(
      "unchecked") // Versioned<T> forks its own class; the class check has seen to it.
  private T fork(T state) {
    return ((Versioned<T>) state).fork();
  }

  /** A state, and the position below which every entry is in it. */
  private record Version<T>(long upTo, T state) {}
}
