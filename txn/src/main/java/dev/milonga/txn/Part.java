package dev.milonga.txn;

import dev.milonga.log.ConflictKeys;
import dev.milonga.runtime.EncodedCall;
import dev.milonga.runtime.ObjectHandle;
import dev.milonga.runtime.StateFork;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** One object's part in an attempt of a block. Confined to the block's thread. */
final class Part {

  private final ObjectHandle<?> object;
  private @Nullable ConflictKeys reads; // null until something is read
  private final List<Read> notes = new ArrayList<>();
  private final List<Buffered> calls = new ArrayList<>(); // in program order
  private @Nullable StateFork<?> fork; // the state at the snapshot with all calls applied, or null

  Part(ObjectHandle<?> object) {
    this.object = object;
  }

  ObjectHandle<?> object() {
    return object;
  }

  boolean hasReads() {
    return reads != null;
  }

  /** Everything that was read so far; {@link #hasReads()}. */
  ConflictKeys reads() {
    if (reads == null) {
      throw new AssertionError("nothing was read of " + object);
    }
    return reads;
  }

  void noteRead(ConflictKeys keys, String method, @Nullable Object[] arguments) {
    reads = reads == null ? keys : reads.union(keys);
    notes.add(new Read(keys, method, arguments));
  }

  /** The first call that read such keys. */
  Optional<String> whatRead(Predicate<ConflictKeys> which) {
    return notes.stream().filter(read -> which.test(read.keys())).findFirst().map(Read::toString);
  }

  boolean hasCalls() {
    return !calls.isEmpty();
  }

  List<Buffered> calls() {
    return calls;
  }

  void add(EncodedCall call, int index) {
    calls.add(new Buffered(call, index));
  }

  /** Forgets every call from that index on. */
  void truncate(int index) {
    if (calls.removeIf(call -> call.index() >= index)) {
      fork = null;
    }
  }

  @Nullable StateFork<?> fork() {
    return fork;
  }

  void fork(@Nullable StateFork<?> changed) {
    fork = changed;
  }

  /** A call that is not in the log yet, with its place among all calls of the block. */
  record Buffered(EncodedCall call, int index) {}

  private record Read(ConflictKeys keys, String method, @Nullable Object[] arguments) {
    @Override
    public String toString() {
      return Arrays.stream(arguments)
          .map(String::valueOf)
          .collect(Collectors.joining(", ", method + "(", ")"));
    }
  }
}
