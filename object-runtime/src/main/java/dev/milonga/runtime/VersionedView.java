package dev.milonga.runtime;

import dev.milonga.annotations.Versioned;
import dev.milonga.log.SharedLog;
import dev.milonga.log.StreamId;
import org.jspecify.annotations.Nullable;

/**
 * The view of a class that makes versions of itself. Each call is applied to a fork, which takes
 * the place of the version before when the mutator has returned; a mutator that throws leaves no
 * trace. A version, once published, is never changed again, so readers need no lock.
 *
 * <p>While blocks are open that work on a snapshot, each entry makes a version of its own, and
 * every version that one of the blocks may ask for is kept, in a chain from the current one
 * backwards.
 */
final class VersionedView<T> extends View<T> {

  private final OpenSnapshots snapshots;

  // Written by the thread that holds the lock of View, read by anyone. The volatile write publishes
  // everything that the mutators wrote to the state before it.
  private volatile Version<T> current;

  // Guarded by the lock of View.
  private T working; // with the calls of the entry that is being applied
  private T whole; // with whole entries only: what is published
  private long firstWritten; // of the entries applied since publication; -1 if there are none
  private long writtenUpTo; // position after the last entry applied
  private long oldestSnapshot; // as of the beginning of this run of applications
  private long droppedFor; // the oldest snapshot for which the chain was last walked

  VersionedView(
      String name,
      StreamId stream,
      BoundType<T> type,
      SharedLog log,
      Waiting waiting,
      OpenSnapshots snapshots) {
    super(name, stream, type, log, waiting);
    this.snapshots = snapshots;
    this.whole = type.freshState();
    this.working = whole;
    this.current = new Version<>(0, whole, 0, 0, null);
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

  /**
   * The state after every entry below {@code snapshot} and none at or above it; null if the view
   * does not have it, because it has not come as far or because the version is gone.
   */
  @Nullable T versionAt(long snapshot) {
    Version<T> version = current;
    if (version.upTo < snapshot) {
      return null;
    }
    while (version != null && snapshot < version.writtenUpTo) {
      // The version was made from its predecessor by entries that begin at firstWritten; a snapshot
      // between them has no version of its own.
      version = snapshot <= version.firstWritten ? version.previous : null;
    }
    return version == null ? null : version.state;
  }

  @Override
  T state() {
    return current.state;
  }

  @Override
  void beginApplying(Deadline deadline) {
    whole = current.state;
    working = whole;
    firstWritten = -1;
    writtenUpTo = current.writtenUpTo;
    oldestSnapshot = snapshots.oldest();
  }

  @Override
  @Nullable Object apply(BoundMutator mutator, @Nullable Object[] arguments) throws Throwable {
    T fork = fork(working);
    Object returned = mutator.invoke(fork, arguments);
    working = fork;
    return returned;
  }

  @Override
  void entryApplied(long position) {
    whole = working;
    if (firstWritten < 0) {
      firstWritten = position;
    }
    writtenUpTo = position + 1;
    if (oldestSnapshot != OpenSnapshots.NONE) {
      publish(position + 1);
    }
  }

  @Override
  void publish(long upTo) {
    Version<T> before = current;
    if (upTo < before.upTo) {
      throw new AssertionError(
          "view of \"" + name() + "\" went from " + before.upTo + " back to " + upTo);
    }
    if (firstWritten < 0) {
      current =
          new Version<>(
              upTo, before.state, before.firstWritten, before.writtenUpTo, kept(before.previous));
    } else {
      current = new Version<>(upTo, whole, firstWritten, writtenUpTo, kept(before));
    }
    firstWritten = -1;
    dropOlderVersions();
  }

  private @Nullable Version<T> kept(@Nullable Version<T> version) {
    return oldestSnapshot == OpenSnapshots.NONE ? null : version;
  }

  // A version that stands for the oldest open snapshot is needed; those before it are not. The
  // chain is walked only when that snapshot is another than before: while a long block holds on to
  // one, nothing can be dropped but what a view that is behind it has just made obsolete.
  private void dropOlderVersions() {
    if (current.writtenUpTo <= oldestSnapshot) {
      current.previous = null;
      return;
    }
    if (droppedFor == oldestSnapshot) {
      return;
    }
    droppedFor = oldestSnapshot;
    for (Version<T> version = current; version != null; version = version.previous) {
      if (version.writtenUpTo <= oldestSnapshot) {
        version.previous = null;
      }
    }
  }

  /** How many versions the view holds, the current one included. */
  int versions() {
    int count = 0;
    for (Version<T> version = current; version != null; version = version.previous) {
      count++;
    }
    return count;
  }

  @Override
  @Nullable Object read(BoundAccessor accessor, @Nullable Object[] arguments) throws Throwable {
    return accessor.detach(accessor.invoke(current.state, arguments));
  }

  @Override
  @Nullable Object readAt(long snapshot, BoundAccessor accessor, @Nullable Object[] arguments)
      throws Throwable {
    return accessor.detach(accessor.invoke(stateAt(snapshot), arguments));
  }

  @Override
  T forkAt(long snapshot) {
    return fork(stateAt(snapshot));
  }

  @Override
  T forkForCall(T fork) {
    return fork(fork);
  }

  private T stateAt(long snapshot) {
    T state = versionAt(snapshot);
    if (state == null) {
      throw StaleSnapshotException.INSTANCE;
    }
    return state;
  }

  @SuppressWarnings(
      "unchecked") // Versioned<T> forks its own class; the class check has seen to it.
  private T fork(T state) {
    return ((Versioned<T>) state).fork();
  }

  /** A state after every entry below {@code upTo}. */
  private static final class Version<T> {

    final long upTo;
    final T state;
    final long firstWritten; // of the entries that made this version from the one before
    final long writtenUpTo; // position after the last entry of the stream; <= upTo

    // Null if no version before this one is kept. Cleared by the thread that holds the lock of
    // View;
    // a reader that still sees the old value sees an older version that is as immutable as any.
    volatile @Nullable Version<T> previous;

    Version(
        long upTo, T state, long firstWritten, long writtenUpTo, @Nullable Version<T> previous) {
      this.upTo = upTo;
      this.state = state;
      this.firstWritten = firstWritten;
      this.writtenUpTo = writtenUpTo;
      this.previous = previous;
    }
  }
}
