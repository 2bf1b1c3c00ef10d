package dev.milonga.txn;

import dev.milonga.log.AppendCondition;
import dev.milonga.log.ConflictException;
import dev.milonga.log.ConflictKeys;
import dev.milonga.log.LogEntry;
import dev.milonga.log.LogPosition;
import dev.milonga.log.StreamId;
import dev.milonga.log.StreamKeys;
import dev.milonga.log.TrimmedException;
import dev.milonga.runtime.CallScope;
import dev.milonga.runtime.EncodedCall;
import dev.milonga.runtime.HeldSnapshot;
import dev.milonga.runtime.ObjectHandle;
import dev.milonga.runtime.ObjectRuntime;
import dev.milonga.runtime.StaleSnapshotException;
import dev.milonga.runtime.StateFork;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One attempt of a transactional block (Tango §3.2, vCorfu §4.2). Confined to the block's thread.
 *
 * <p><b>Snapshot.</b> The first call that looks at a state fixes the snapshot S, the tail of the
 * log at that moment. From then on every object is seen as of S: after all entries below it and
 * none at or above it. An object whose local state is past S, and which has kept no version for it,
 * moves the snapshot forward to the present tail, if nothing that the block has read was written in
 * between; otherwise the attempt is lost. So a block never sees two objects at different moments,
 * even if it will abort. Where an object is written so fast that it is past every snapshot that a
 * call comes with, its view is made to stand still while it is copied, and the block goes on with
 * the copy: a call moves the snapshot {@link #MOVES_MAX} times and once more at most.
 *
 * <p><b>Reads.</b> Every accessor reads the keys it names, or the whole object. So does every
 * mutator that tells the caller something, by what it returns or by being able to throw; all others
 * are blind. What was read is only ever added to.
 *
 * <p><b>Writes.</b> Mutators are buffered. What a mutator returns, and what an accessor sees after
 * one, comes from a private fork of the state at S to which the block's own calls are applied.
 *
 * <p><b>Commit.</b> One entry in all streams written, holding all the calls, under the condition
 * that nothing read was written at or after S. A block that has written nothing has nothing to
 * commit: it has taken place at S.
 */
final class TransactionScope implements CallScope {

  /** How often one call moves the snapshot before it has the object stand still. */
  static final int MOVES_MAX = 8;

  private final ObjectRuntime runtime;
  private final HeldSnapshot held;
  private final Isolation isolation;
  private final long timeMicros;
  private final long seed;
  private final Map<ObjectHandle<?>, Part> parts = new LinkedHashMap<>();
  private final List<EncodedCall> calls = new ArrayList<>(); // in program order
  private @Nullable LogPosition snapshot; // null until something is read
  private @Nullable LostAttempt lost; // set once the attempt cannot commit any more
  private int readOnlyDepth; // of nested blocks that may only read

  /**
   * @param held has the views keep what the attempt may ask for
   * @param timeMicros what {@code Deterministic.now()} says in the block's mutators
   * @param seed what {@code Deterministic.random()} draws from in them
   */
  TransactionScope(
      ObjectRuntime runtime, HeldSnapshot held, Isolation isolation, long timeMicros, long seed) {
    this.runtime = runtime;
    this.held = held;
    this.isolation = isolation;
    this.timeMicros = timeMicros;
    this.seed = seed;
  }

  ObjectRuntime runtime() {
    return runtime;
  }

  @Override
  public @Nullable Object access(
      ObjectHandle<?> object, int accessor, @Nullable Object[] arguments) {
    Part part = part(object);
    ConflictKeys keys = object.keysRead(accessor, arguments);
    for (int moves = 0; ; moves++) {
      LogPosition at = snapshot();
      try {
        Object result = read(part, at, accessor, arguments);
        part.noteRead(keys, object.accessorLabel(accessor), arguments);
        return result;
      } catch (StaleSnapshotException e) {
        moveSnapshotFor(part, moves);
      } catch (Throwable e) { // also a checked one: accessors throw what they declare
        part.noteRead(keys, object.accessorLabel(accessor), arguments); // it says something as well
        throw Unchecked.of(e);
      }
    }
  }

  private @Nullable Object read(
      Part part, LogPosition at, int accessor, @Nullable Object[] arguments) {
    try {
      if (part.hasCalls() || part.fork() != null) {
        return fork(part, at).read(accessor, arguments);
      }
      part.object().syncTo(at);
      return part.object().readAt(at, accessor, arguments);
    } catch (Throwable e) {
      throw Unchecked.of(e);
    }
  }

  @Override
  public @Nullable Object mutate(
      ObjectHandle<?> object, int mutator, @Nullable Object[] arguments) {
    if (readOnlyDepth > 0) {
      throw new IllegalStateException(
          object.mutatorLabel(mutator)
              + " was called on \""
              + object.name()
              + "\" inside a block that only reads. Use transact(...) instead of snapshot(...)");
    }
    Part part = part(object);
    EncodedCall call = object.encode(mutator, arguments);
    if (call.blind() && part.fork() == null) {
      buffer(part, call);
      return null;
    }
    for (int moves = 0; ; moves++) {
      LogPosition at = snapshot();
      try {
        return applyToFork(part, at, call, object.mutatorLabel(mutator), arguments);
      } catch (StaleSnapshotException e) {
        moveSnapshotFor(part, moves);
      }
    }
  }

  private @Nullable Object applyToFork(
      Part part, LogPosition at, EncodedCall call, String label, @Nullable Object[] arguments) {
    StateFork<?> fork = fork(part, at);
    int index = calls.size();
    try {
      Object result = fork.apply(call, index);
      buffer(part, call);
      if (!call.blind()) {
        part.noteRead(call.keys(), label, arguments);
      }
      return result;
    } catch (Throwable e) {
      // The block has learnt that it throws here, and so it has read what that depends on. The call
      // has no effect and is not recorded.
      part.noteRead(call.keys(), label, arguments);
      part.fork(null);
      throw Unchecked.of(e);
    }
  }

  private void buffer(Part part, EncodedCall call) {
    part.add(call, calls.size());
    calls.add(call);
  }

  private Part part(ObjectHandle<?> object) {
    ensureNotLost();
    Part known = parts.get(object);
    if (known != null) {
      return known;
    }
    if (object.runtime() != runtime) {
      throw new IllegalStateException(
          "a transaction of one store called "
              + object
              + ", which another store has open. Open the object through the store whose"
              + " transaction it is");
    }
    Part part = new Part(object);
    parts.put(object, part);
    return part;
  }

  private LogPosition snapshot() {
    LogPosition at = snapshot;
    if (at == null) {
      at = held.moveToTail();
      snapshot = at;
    }
    return at;
  }

  // The object's state at the snapshot, with the block's own calls applied.
  private StateFork<?> fork(Part part, LogPosition at) {
    StateFork<?> known = part.fork();
    if (known != null) {
      return known;
    }
    part.object().syncTo(at);
    StateFork<?> fork = part.object().forkAt(at, timeMicros, seed);
    for (Part.Buffered buffered : part.calls()) {
      applyAgain(fork, buffered);
    }
    part.fork(fork);
    return fork;
  }

  private static void applyAgain(StateFork<?> fork, Part.Buffered buffered) {
    try {
      fork.apply(buffered.call(), buffered.index());
    } catch (Throwable e) {
      if (e instanceof VirtualMachineError || !buffered.call().blind()) {
        throw Unchecked.of(e);
      }
      // A blind call that throws has no effect on any replica; commit reports it.
    }
  }

  // Moves the snapshot to where this object can be seen, or loses the attempt.
  private void moveSnapshotFor(Part part, int moves) {
    if (moves < MOVES_MAX) {
      moveSnapshot();
      return;
    }
    part.object()
        .standingStill(
            () -> {
              moveSnapshot();
              return fork(part, snapshot());
            });
  }

  // Extends the snapshot to the present tail, or loses the attempt.
  private void moveSnapshot() {
    LogPosition from = snapshot();
    LogPosition to = held.moveToTail();
    for (Part part : parts.values()) {
      if (part.hasReads()) {
        ensureUnchanged(part, from, to);
      }
    }
    parts.values().forEach(part -> part.fork(null));
    snapshot = to;
  }

  private void ensureUnchanged(Part part, LogPosition from, LogPosition to) {
    StreamId stream = part.object().stream();
    Optional<LogEntry> written;
    try {
      written = runtime.firstWrite(stream, part.reads(), from, to);
    } catch (TrimmedException e) {
      throw lose(Conflict.tooOld(part.object(), from));
    }
    if (written.isPresent()) {
      LogEntry winner = written.get();
      Optional<String> read =
          winner.writes().stream()
              .filter(write -> write.stream().equals(stream))
              .findFirst()
              .flatMap(write -> part.whatRead(write.keys()));
      throw lose(Conflict.read(part.object(), read, from, winner.position()));
    }
  }

  /** Throws again what has ended the attempt, if anything has. */
  void ensureNotLost() {
    if (lost != null) {
      throw lost;
    }
  }

  private LostAttempt lose(Conflict conflict) {
    LostAttempt attempt = new LostAttempt(conflict);
    lost = attempt;
    return attempt;
  }

  /**
   * Makes the attempt durable. Returns the position of its entry; empty if it has written nothing.
   */
  Optional<LogPosition> commit() {
    ensureNotLost();
    if (calls.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(runtime.commit(calls, forks(), condition(), timeMicros, seed));
    } catch (ConflictException e) {
      throw lose(conflict(e));
    }
  }

  private List<StateFork<?>> forks() {
    List<StateFork<?>> forks = new ArrayList<>();
    for (Part part : parts.values()) {
      StateFork<?> fork = part.fork();
      if (fork != null && part.hasCalls()) {
        forks.add(fork);
      }
    }
    return forks;
  }

  private Optional<AppendCondition> condition() {
    LogPosition at = snapshot;
    if (at == null) {
      return Optional.empty(); // every call is blind
    }
    List<StreamKeys> checked = new ArrayList<>();
    for (Part part : parts.values()) {
      if (isolation == Isolation.SNAPSHOT) {
        part.calls().forEach(each -> checked.add(keys(part, each.call().keys())));
      } else if (part.hasReads()) {
        checked.add(keys(part, part.reads()));
      }
    }
    return Optional.of(new AppendCondition(at, checked));
  }

  private static StreamKeys keys(Part part, ConflictKeys keys) {
    return new StreamKeys(part.object().stream(), keys);
  }

  private Conflict conflict(ConflictException e) {
    Part part =
        parts.values().stream()
            .filter(each -> each.object().stream().equals(e.stream()))
            .findFirst()
            .orElseThrow(() -> new AssertionError("a stream that was not read lost: " + e));
    LogPosition at = snapshot();
    if (e.winner().isEmpty()) {
      return Conflict.tooOld(part.object(), at);
    }
    LogPosition winner = e.winner().get();
    ConflictKeys lost =
        e.keyHash().isPresent()
            ? ConflictKeys.of(e.keyHash().getAsLong())
            : ConflictKeys.WHOLE_OBJECT;
    return isolation == Isolation.SNAPSHOT
        ? Conflict.written(part.object(), part.whatWrites(lost), at, winner)
        : Conflict.read(part.object(), part.whatRead(lost), at, winner);
  }

  /** How many calls are buffered: a point to go back to. */
  int savepoint() {
    return calls.size();
  }

  /** Forgets every call since that point. What was read meanwhile stays read. */
  void rollBackTo(int savepoint) {
    calls.subList(savepoint, calls.size()).clear();
    parts.values().forEach(part -> part.truncate(savepoint));
  }

  void enterReadOnly() {
    readOnlyDepth++;
  }

  void leaveReadOnly() {
    readOnlyDepth--;
  }
}
