package dev.milonga.txn;

import dev.milonga.log.ConflictKeys;
import dev.milonga.runtime.EncodedCall;
import dev.milonga.runtime.ObjectHandle;
import dev.milonga.runtime.StateFork;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** One object's part in an attempt of a block. Confined to the block's thread. */
final class Part {

  // Calls that are kept, with their arguments, to name one of them in a conflict report.
  private static final int NAMED_READS_MAX = 1_000;

  private final ObjectHandle<?> object;

  // Each key read, by hash, with the call that read it first; empty once the whole object was read.
  // Only ever grows until then.
  private final Map<Long, Optional<Read>> keysRead = new LinkedHashMap<>();
  private @Nullable Read wholeRead; // the first call that read the whole object
  private @Nullable ConflictKeys united; // of all reads; null if it has to be made again

  private final List<Buffered> calls = new ArrayList<>(); // in program order
  private @Nullable StateFork<?> fork; // the state at the snapshot with all calls applied, or null

  Part(ObjectHandle<?> object) {
    this.object = object;
  }

  ObjectHandle<?> object() {
    return object;
  }

  boolean hasReads() {
    return wholeRead != null || !keysRead.isEmpty();
  }

  /** Everything that was read so far; {@link #hasReads()}. */
  ConflictKeys reads() {
    ConflictKeys known = united;
    if (known == null) {
      known =
          wholeRead != null
              ? ConflictKeys.WHOLE_OBJECT
              : ConflictKeys.of(keysRead.keySet().stream().mapToLong(Long::longValue).toArray());
      united = known;
    }
    return known;
  }

  void noteRead(ConflictKeys keys, String method, @Nullable Object[] arguments) {
    if (wholeRead != null) {
      return; // it covers whatever is read after it
    }
    if (keys.isWholeObject()) {
      wholeRead = new Read(method, arguments);
      keysRead.clear();
      united = null;
      return;
    }
    Optional<Read> read =
        keysRead.size() < NAMED_READS_MAX
            ? Optional.of(new Read(method, arguments))
            : Optional.empty();
    for (int i = 0; i < keys.size(); i++) {
      if (keysRead.putIfAbsent(keys.hashAt(i), read) == null) {
        united = null;
      }
    }
  }

  /** The first call that read any of those keys, as one would write it, if it is known. */
  Optional<String> whatRead(ConflictKeys keys) {
    if (wholeRead != null) {
      return Optional.of(wholeRead.toString());
    }
    return keysRead.entrySet().stream()
        .filter(read -> keys.overlaps(ConflictKeys.of(read.getKey())))
        .findFirst()
        .flatMap(Map.Entry::getValue)
        .map(Read::toString);
  }

  /** The first call that is to write any of those keys, as one would write it. */
  Optional<String> whatWrites(ConflictKeys keys) {
    return calls.stream()
        .map(Buffered::call)
        .filter(call -> call.keys().overlaps(keys))
        .findFirst()
        .map(EncodedCall::toString);
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

  private record Read(String method, @Nullable Object[] arguments) {
    @Override
    public String toString() {
      return Arrays.stream(arguments)
          .map(String::valueOf)
          .collect(Collectors.joining(", ", method + "(", ")"));
    }
  }
}
