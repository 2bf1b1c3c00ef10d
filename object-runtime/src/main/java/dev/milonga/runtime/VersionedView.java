package dev.milonga.runtime;

import dev.milonga.annotations.Versioned;
import dev.milonga.log.SharedLog;
import dev.milonga.log.StreamId;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The view of a class that makes versions of itself. Each call is applied to a fork, which takes
 * the place of the version before when the mutator has returned; a mutator that throws leaves no
 * trace. A version, once published, is never changed again, so readers need no lock.
 *
 * <p>While blocks are open that work on a snapshot, each entry makes a version of its own, and
 * those that one of the blocks may ask for are kept, in a chain from the current one backwards:
 * after each run of applications, as many as there are open snapshots at most. The block for which
 * a version is kept has it released when it ends ({@link OpenSnapshots}).
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
  private boolean keeping; // whether blocks were open at the beginning of this run of applications

  // Held to take versions out of the chain; nothing else happens under it. Versions are added
  // without it, under the lock of View, and whoever adds one releases what is not needed
  // afterwards.
  private final ReentrantLock releasing = new ReentrantLock();

  VersionedView(
      String name,
      StreamId stream,
      BoundType<T> type,
      SharedLog log,
      Waiting waiting,
      StoredCheckpoints checkpoints,
      OpenSnapshots snapshots) {
    super(name, stream, type, log, waiting, checkpoints);
    this.snapshots = snapshots;
    this.whole = type.freshState();
    this.working = whole;
    this.current = new Version<>(0, whole, 0, null);
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
    if (version.writtenUpTo <= snapshot) {
      return version.state;
    }
    do {
      version = version.previous;
    } while (version != null && snapshot < version.writtenUpTo);
    return version != null && snapshot <= version.nextWritten ? version.state : null;
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
    keeping = snapshots.oldest() != OpenSnapshots.NONE;
  }

  @Override
  @Nullable Object apply(BoundMutator mutator, @Nullable Object[] arguments) throws Throwable {
    T fork = fork(working);
    Object returned = mutator.invoke(fork, arguments);
    working = fork;
    return returned;
  }

  @Override
  boolean takeOver(StateFork<T> fork) {
    if (!fork.standsFor(working)) {
      return false;
    }
    working = fork.state();
    return true;
  }

  @Override
  void entryApplied(long position) {
    whole = working;
    if (firstWritten < 0) {
      firstWritten = position;
    }
    writtenUpTo = position + 1;
    if (keeping) {
      makeCurrent(position + 1);
    }
  }

  @Override
  void become(T other, long upTo) {
    working = other;
    whole = other;
    firstWritten = current.upTo; // of the entries in between none is known
    writtenUpTo = upTo;
  }

  @Override
  void publish(long upTo) {
    makeCurrent(upTo);
    if (current.previous != null) {
      releaseVersionsOf(-1);
    }
  }

  private void makeCurrent(long upTo) {
    Version<T> before = current;
    if (upTo < before.upTo) {
      throw new AssertionError(
          "view of \"" + name() + "\" went from " + before.upTo + " back to " + upTo);
    }
    if (firstWritten < 0) {
      Version<T> previous = keeping ? before.previous : null;
      current = new Version<>(upTo, before.state, before.writtenUpTo, previous);
    } else {
      before.nextWritten = firstWritten;
      current = new Version<>(upTo, whole, writtenUpTo, keeping ? before : null);
    }
    firstWritten = -1;
  }

  /**
   * Drops every version but the current one and those that open snapshots need.
   *
   * @param closed the slot of a snapshot that this view is no longer on the list of; -1 if there is
   *     none
   */
  void releaseVersionsOf(int closed) {
    releasing.lock();
    try {
      int[] slots = snapshots.taken();
      Version<T> kept = current;
      for (Version<T> version = kept.previous; version != null; version = version.previous) {
        if (version.keptFor == closed) {
          version.keptFor = -1;
        }
        if (isNeeded(version, slots)) {
          if (kept.previous != version) {
            kept.previous = version;
          }
          kept = version;
        }
      }
      kept.previous = null;
    } finally {
      releasing.unlock();
    }
  }

  private boolean isNeeded(Version<T> version, int[] slots) {
    for (int slot : slots) {
      if (snapshots.needs(slot, version.writtenUpTo, version.nextWritten)) {
        if (version.keptFor == slot) {
          return true;
        }
        version.keptFor = slot;
        snapshots.putOnList(slot, this);
        if (snapshots.needs(slot, version.writtenUpTo, version.nextWritten)) {
          return true; // its block has not ended before this view was on its list
        }
      }
    }
    return false;
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

  /** The version itself that {@link #forkAt} makes a fork of; throws likewise. */
  T stateAt(long snapshot) {
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

  /**
   * A state after every entry below {@code upTo}. As the current version it stands for the
   * snapshots in {@code [writtenUpTo, upTo]}; later, for those in {@code [writtenUpTo,
   * nextWritten]}, whether or not the version that came after it is still kept.
   */
  private static final class Version<T> {

    final long upTo;
    final T state;
    final long writtenUpTo; // position after the last entry of the stream; <= upTo

    // Position of the first entry that is not in it; >= upTo. Set once, before the next version is
    // published; of no meaning until then.
    volatile long nextWritten = Long.MAX_VALUE;

    // Null if no version before this one is kept. A reader that still sees an old value sees a
    // version that is as immutable as any, and says itself for which snapshots it stands.
    volatile @Nullable Version<T> previous;

    int keptFor = -1; // the slot on whose list the view is for it; guarded by releasing

    Version(long upTo, T state, long writtenUpTo, @Nullable Version<T> previous) {
      this.upTo = upTo;
      this.state = state;
      this.writtenUpTo = writtenUpTo;
      this.previous = previous;
    }
  }
}
