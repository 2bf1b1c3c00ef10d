package dev.milonga.log.server;

import dev.milonga.log.AppendRequest;
import dev.milonga.log.LogPosition;
import dev.milonga.log.Principal;
import dev.milonga.log.SessionId;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** An engine over rows in memory, that can be stopped and opened again at any point. */
final class EngineUnderTest {

  private final MemoryStorage storage;
  private final MemorySlots slots = new MemorySlots();
  private LogStore store;
  private LogEngine engine;
  private long timeMicros = 1_000_000;

  EngineUnderTest() {
    this(EngineParameters.DEFAULT);
  }

  EngineUnderTest(EngineParameters parameters) {
    storage = new MemoryStorage();
    try {
      new HighWaterMark(slots).write(LogStore.create(storage, 1, 2, parameters));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    restart();
  }

  /** Opens the engine anew from what it has stored. */
  void restart() {
    store = LogStore.open("memory", storage, new HighWaterMark(slots));
    engine = LogEngine.open(store);
  }

  /** Opens the engine anew from what it has written of its memory, as after a log was closed. */
  void restartFromMemory() {
    byte[] memory = EngineMemory.encode(meta(), engine::writeTo);
    store = LogStore.open("memory", storage, new HighWaterMark(slots));
    Optional<ByteBuffer> found = EngineMemory.decode(memory, meta());
    engine = LogEngine.open(store, Optional.of(found.orElseThrow()));
  }

  private StoreMeta meta() {
    return new StoreMeta(1, 2, store.parameters(), store.state());
  }

  void passes(long micros) {
    timeMicros += micros;
  }

  /** Applies a batch and stores it. */
  List<Outcome> apply(List<LogCommand> commands) {
    LogEngine.Applied applied = engine.apply(timeMicros, commands);
    try {
      store.write(applied.writes(), applied.writes().promises());
      if (applied.writes().state().trimMark() > 0) {
        store.drop(applied.writes().state().trimMark());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return applied.outcomes();
  }

  Outcome apply(LogCommand command) {
    return apply(List.of(command)).get(0);
  }

  Outcome append(AppendRequest request) {
    return append(request, null);
  }

  Outcome append(AppendRequest request, @Nullable Principal by) {
    return apply(new LogCommand.Append(request, by));
  }

  Outcome trim(long before) {
    return apply(new LogCommand.Trim(new LogPosition(before)));
  }

  SessionId session() {
    return session(null);
  }

  SessionId session(@Nullable Principal by) {
    return ((Outcome.SessionOpened) apply(new LogCommand.OpenSession(by))).session();
  }

  LogEngine engine() {
    return engine;
  }

  LogStore store() {
    return store;
  }

  MemoryStorage storage() {
    return storage;
  }
}
