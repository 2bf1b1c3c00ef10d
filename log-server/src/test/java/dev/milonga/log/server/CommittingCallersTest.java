package dev.milonga.log.server;

import static dev.milonga.log.server.LogEngineTest.payload;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.milonga.log.AppendRequest;
import dev.milonga.log.LogPosition;
import dev.milonga.log.LogUnavailableException;
import dev.milonga.log.StreamId;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the threads of callers that commit must not do to others, whatever state they are in. */
@Timeout(30)
class CommittingCallersTest {

  private static final AppendRequest REQUEST =
      AppendRequest.of(new StreamId(0, 1), payload("an entry"));
  private static final int STACK_BYTES = 256 << 10;

  private final MemoryStorage storage = new MemoryStorage();
  private final MemorySlots slots = new MemorySlots();
  private EmbeddedLog log;

  @BeforeEach
  void open() throws IOException {
    new HighWaterMark(slots).write(LogStore.create(storage, 1, 2, EngineParameters.DEFAULT));
    LogStore store = LogStore.open("memory", storage, new HighWaterMark(slots));
    log = EmbeddedLog.builder(Path.of("unused")).over("a log in memory", store, store);
  }

  @AfterEach
  void close() {
    log.close();
  }

  @Test
  void recursionWithoutEnd_doesNotStopTheLogForOthers() throws Exception {
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    Thread recursing = new Thread(null, this::appendDeeperAndDeeper, "recursing", STACK_BYTES);
    recursing.setUncaughtExceptionHandler((thread, e) -> thrown.set(e));

    recursing.start();
    recursing.join();

    assertThat(thrown.get()).isInstanceOf(StackOverflowError.class);
    LogPosition tail = log.tail().join();
    assertThat(log.append(REQUEST).get(10, TimeUnit.SECONDS)).isEqualTo(tail);
  }

  private void appendDeeperAndDeeper() {
    log.appendBlocking(REQUEST).join();
    appendDeeperAndDeeper();
  }

  @Test
  void callersWhoCouldNotBeTold_areToldByWhoCommitsNext() throws IOException {
    LogWriter writer = writerWithoutMemory();
    Request<Boolean> request = trim();

    assertThatThrownBy(() -> writer.submitAndStep(request)).isInstanceOf(OutOfMemoryError.class);
    assertThat(writer.isNeeded()).isTrue();
    writer.stepUnlessEnded();

    assertThatThrownBy(request::join).hasCauseInstanceOf(LogUnavailableException.class);
    assertThat(writer.isNeeded()).isFalse();
  }

  @Test
  void errorThatTheLogsThreadCannotHandle_leavesNobodyWaiting() throws Exception {
    LogWriter writer = writerWithoutMemory();
    Request<Boolean> request = trim();
    Thread writing = new Thread(writer, "writing");
    writing.start();

    writer.submit(request);
    assertThatThrownBy(() -> request.get(10, TimeUnit.SECONDS))
        .hasCauseInstanceOf(LogUnavailableException.class);

    writer.close();
    writing.join(10_000);
    assertThat(writing.isAlive()).isFalse();
  }

  private LogWriter writerWithoutMemory() {
    LogStore store = LogStore.open("memory", storage, new HighWaterMark(slots));
    LogEngine engine = LogEngine.open(store);
    return new LogWriter(
        "memory",
        engine,
        store,
        true,
        () -> 1,
        1 << 20,
        new OutOfMemory(),
        new LogCounters(() -> 0));
  }

  private static Request<Boolean> trim() {
    return new Request<>(new LogCommand.Trim(LogPosition.FIRST), 1, true, outcome -> true);
  }

  /** Has no memory for a batch, nor at first to say that it has failed. */
  private static final class OutOfMemory implements LogWriter.BatchListener {

    private int failures;

    @Override
    public void committed(
        WriteSet writes, List<Request<?>> requests, List<Outcome> outcomes, boolean byCaller) {
      throw new OutOfMemoryError("injected");
    }

    @Override
    public void failed(List<Request<?>> requests, LogUnavailableException cause, boolean byCaller) {
      if (failures++ == 0) {
        throw new OutOfMemoryError("injected");
      }
      requests.forEach(request -> request.completeExceptionally(cause));
    }

    @Override
    public void reopened() {
      throw new AssertionError("the storage is never full");
    }
  }

  @Test
  void virtualThreadsThatLeaveNoProcessorToOthers_doNotHoldUpTheLog() throws Exception {
    assumeTrue(Runtime.version().feature() >= 21, "there are no virtual threads");
    int processors = Runtime.getRuntime().availableProcessors();
    CountDownLatch held = storage.holdWrites();
    List<CompletableFuture<LogPosition>> before = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      before.add(log.append(REQUEST)); // so that who commits next waits for as many to come
    }
    held.countDown();
    for (CompletableFuture<LogPosition> append : before) {
      append.get(10, TimeUnit.SECONDS);
    }
    CountDownLatch busy = new CountDownLatch(processors - 1);
    CountDownLatch appended = new CountDownLatch(1);

    startVirtual(
        () -> {
          for (int i = 0; i < processors; i++) {
            startVirtual(() -> spinUntil(appended, busy)); // one more than there is room for
          }
          awaitSpinning(busy);
          log.appendBlocking(REQUEST);
        });
    awaitSpinning(busy);

    try {
      for (int i = 0; i < 100; i++) {
        log.append(REQUEST).get(10, TimeUnit.SECONDS);
      }
    } finally {
      appended.countDown();
    }
  }

  private static void awaitSpinning(CountDownLatch latch) {
    while (latch.getCount() > 0) {
      Thread.onSpinWait();
    }
  }

  private static void spinUntil(CountDownLatch end, CountDownLatch begun) {
    begun.countDown();
    awaitSpinning(end);
  }

  private static void startVirtual(Runnable task) {
    try {
      Thread.class.getMethod("startVirtualThread", Runnable.class).invoke(null, task);
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }
}
