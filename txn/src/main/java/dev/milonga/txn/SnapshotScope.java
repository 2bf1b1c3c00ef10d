package dev.milonga.txn;

import dev.milonga.log.LogPosition;
import dev.milonga.runtime.CallScope;
import dev.milonga.runtime.HeldSnapshot;
import dev.milonga.runtime.ObjectHandle;
import dev.milonga.runtime.ObjectRuntime;
import dev.milonga.runtime.StaleSnapshotException;
import dev.milonga.runtime.StateFork;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One attempt of a block that only reads: every object as of one position, nothing to validate, and
 * nothing to commit. Confined to the block's thread.
 *
 * <p>An object that makes versions keeps those that the block may ask for. A plain object may have
 * moved past the snapshot; as long as nothing was read the snapshot then moves forward, a few
 * times, and otherwise the attempt is given up, and the next one works on private copies of all
 * objects that this one has touched, made at one position while their views stand still. Each
 * attempt touches at least one object more than the one before, or is the last.
 */
final class SnapshotScope implements CallScope {

  private final ObjectRuntime runtime;
  private final HeldSnapshot held;
  private final Map<ObjectHandle<?>, StateFork<?>> copies; // as of the snapshot; mostly empty
  private final Set<ObjectHandle<?>> touched = new LinkedHashSet<>();
  private @Nullable LogPosition snapshot; // null until something is read
  private boolean hasRead;
  private @Nullable StaleSnapshotException stale; // set once the attempt is given up

  /** An attempt at the snapshot that the log's tail is when it first reads. */
  SnapshotScope(ObjectRuntime runtime, HeldSnapshot held) {
    this(runtime, held, null, Map.of());
  }

  /** An attempt at that snapshot, with copies of some objects as of it. */
  SnapshotScope(
      ObjectRuntime runtime,
      HeldSnapshot held,
      @Nullable LogPosition snapshot,
      Map<ObjectHandle<?>, StateFork<?>> copies) {
    this.runtime = runtime;
    this.held = held;
    this.snapshot = snapshot;
    this.copies = copies;
  }

  /** The objects that this attempt has looked at. */
  Set<ObjectHandle<?>> touched() {
    return touched;
  }

  @Override
  public @Nullable Object stateToRead(ObjectHandle<?> object) {
    LogPosition at = snapshot;
    if (at == null || stale != null || object.runtime() != runtime || copies.containsKey(object)) {
      return null; // the general way fixes the snapshot, or says what is wrong
    }
    Object version = object.versionAt(at);
    hasRead |= version != null;
    return version;
  }

  @Override
  public @Nullable Object access(
      ObjectHandle<?> object, int accessor, @Nullable Object[] arguments) {
    ensureOurs(object);
    ensureNotStale();
    touched.add(object);
    StateFork<?> copy = copies.get(object);
    for (int moves = 0; ; moves++) {
      LogPosition at = snapshot();
      try {
        Object result;
        if (copy != null) {
          result = copy.read(accessor, arguments);
        } else {
          object.syncTo(at);
          result = object.readAt(at, accessor, arguments);
        }
        hasRead = true;
        return result;
      } catch (StaleSnapshotException e) {
        if (hasRead || !copies.isEmpty() || moves == TransactionScope.MOVES_MAX) {
          stale = e;
          throw e;
        }
        snapshot = null;
      } catch (Throwable e) {
        hasRead = true; // it says something as well
        throw Unchecked.of(e);
      }
    }
  }

  @Override
  public @Nullable Object mutate(
      ObjectHandle<?> object, int mutator, @Nullable Object[] arguments) {
    throw new IllegalStateException(
        object.mutatorLabel(mutator)
            + " was called on \""
            + object.name()
            + "\" inside a block that only reads. Use transact(...) instead of snapshot(...)");
  }

  private LogPosition snapshot() {
    LogPosition at = snapshot;
    if (at == null) {
      at = held.moveToTail();
      snapshot = at;
    }
    return at;
  }

  /** Whether the attempt is given up, whatever the block has made of that. */
  boolean isStale() {
    return stale != null;
  }

  private void ensureNotStale() {
    if (stale != null) {
      throw stale;
    }
  }

  private void ensureOurs(ObjectHandle<?> object) {
    if (object.runtime() != runtime) {
      throw new IllegalStateException(
          "a snapshot of one store called " + object + ", which another store has open");
    }
  }
}
