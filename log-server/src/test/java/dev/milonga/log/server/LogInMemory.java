package dev.milonga.log.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.function.UnaryOperator;

/** A log whose store is in memory, and can be made to fail, for tests of other packages. */
public final class LogInMemory {

  private final MemoryStorage storage = new MemoryStorage();
  private final EmbeddedLog log;

  /** A new log with those options. */
  public LogInMemory(UnaryOperator<EmbeddedLog.Builder> options) {
    MemorySlots slots = new MemorySlots();
    try {
      new HighWaterMark(slots).write(LogStore.create(storage, 1, 2, EngineParameters.DEFAULT));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    LogStore store = LogStore.open("memory", storage, new HighWaterMark(slots));
    log =
        options.apply(EmbeddedLog.builder(Path.of("unused"))).over("a log in memory", store, store);
  }

  /** The log itself. */
  public EmbeddedLog log() {
    return log;
  }

  /** Makes every write fail from now on. */
  public void failWrites() {
    storage.failWrites(false);
  }

  /** Makes every write wait until the latch is down. */
  public CountDownLatch holdWrites() {
    return storage.holdWrites();
  }
}
