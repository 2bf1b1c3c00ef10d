package dev.milonga.runtime;

import dev.milonga.log.SharedLog;
import dev.milonga.log.StreamId;
import java.util.concurrent.locks.StampedLock;
import org.jspecify.annotations.Nullable;

/**
 * The view of a class that has a single instance. Mutators run under the write side of a lock,
 * accessors under the read side. A mutator cannot call a replicated object. An accessor can, where
 * it was handed one; two that come to wait for each other do so behind writers, which give up at
 * their deadline and let them pass.
 */
final class PlainView<T> extends View<T> {

  private final StampedLock access = new StampedLock();
  private T state; // guarded by access, with its contents
  private long writtenUpTo; // position after the last entry applied; guarded by access
  private long stamp; // of the write lock; guarded by the lock of View

  // Written with access held for writing, before it is released: a reader that sees the position
  // and then takes access sees a state that covers it.
  private volatile long upTo;

  PlainView(
      String name,
      StreamId stream,
      BoundType<T> type,
      SharedLog log,
      Waiting waiting,
      StoredCheckpoints checkpoints) {
    super(name, stream, type, log, waiting, checkpoints);
    this.state = type.freshState();
  }

  @Override
  long upTo() {
    return upTo;
  }

  @Override
  T state() {
    return state;
  }

  @Override
  void beginApplying(Deadline deadline) {
    stamp = deadline.lockWrite(access, "\"" + name() + "\", which an accessor is reading,");
  }

  @Override
  @Nullable Object apply(BoundMutator mutator, @Nullable Object[] arguments) throws Throwable {
    return mutator.invoke(state, arguments);
  }

  @Override
  void entryApplied(long position) {
    writtenUpTo = position + 1;
  }

  @Override
  boolean takeOver(StateFork<T> fork) {
    return false; // what was copied cannot be told to be the same
  }

  @Override
  void become(T other, long upTo) {
    state = other;
    writtenUpTo = upTo;
  }

  @Override
  void publish(long upTo) {
    if (upTo < this.upTo) {
      throw new AssertionError(
          "view of \"" + name() + "\" went from " + this.upTo + " back to " + upTo);
    }
    this.upTo = upTo;
    access.unlockWrite(stamp);
  }

  @Override
  @Nullable Object read(BoundAccessor accessor, @Nullable Object[] arguments) throws Throwable {
    long reading = access.readLock();
    try {
      ensureWhole();
      return accessor.detach(accessor.invoke(state, arguments));
    } finally {
      access.unlockRead(reading);
    }
  }

  @Override
  @Nullable Object readAt(long snapshot, BoundAccessor accessor, @Nullable Object[] arguments)
      throws Throwable {
    long reading = access.readLock();
    try {
      ensureAt(snapshot);
      return accessor.detach(accessor.invoke(state, arguments));
    } finally {
      access.unlockRead(reading);
    }
  }

  @Override
  T forkAt(long snapshot) {
    long reading = access.readLock();
    try {
      ensureAt(snapshot);
      return type.image().copy(state);
    } finally {
      access.unlockRead(reading);
    }
  }

  @Override
  T forkForCall(T fork) {
    return fork;
  }

  private void ensureAt(long snapshot) {
    ensureWhole();
    if (upTo < snapshot || writtenUpTo > snapshot) {
      throw StaleSnapshotException.INSTANCE;
    }
  }
}
