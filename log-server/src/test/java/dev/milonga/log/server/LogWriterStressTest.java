package dev.milonga.log.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milonga.log.LogPosition;
import dev.milonga.log.LogUnavailableException;
import java.io.IOException;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * One caller in front of the writing thread, which comes back just when the thread is about to go
 * to sleep. A request for which nobody wakes it is never answered.
 */
class LogWriterStressTest {

  private static final int ROUNDS = 20_000;

  // About as long as the thread looks at the line before it goes to sleep.
  private static final int NANOS_BETWEEN_MAX = 30_000;

  @Test
  void requestsThatComeWhenTheThreadGoesToSleep_areAnswered() throws Exception {
    LogWriter writer = writer();
    Thread writing = new Thread(writer, "writing");
    writing.start();
    Random random = new Random(1);

    for (int i = 0; i < ROUNDS; i++) {
      long until = System.nanoTime() + random.nextInt(NANOS_BETWEEN_MAX);
      while (System.nanoTime() < until) {
        Thread.onSpinWait();
      }
      Request<LogPosition> request = trim();
      writer.submit(request);
      assertThat(request.get(60, TimeUnit.SECONDS)).isEqualTo(LogPosition.FIRST);
    }

    writer.close();
    writing.join(60_000);
    assertThat(writing.isAlive()).isFalse();
  }

  private static LogWriter writer() throws IOException {
    MemoryStorage storage = new MemoryStorage();
    HighWaterMark mark = new HighWaterMark(new MemorySlots());
    mark.write(LogStore.create(storage, 1, 2, EngineParameters.DEFAULT));
    LogStore store = LogStore.open("memory", storage, mark);
    return new LogWriter(
        "memory",
        LogEngine.open(store),
        store,
        false,
        () -> 1_000_000,
        1 << 20,
        new LogWriter.BatchListener() {
          @Override
          public void committed(
              WriteSet writes,
              List<Request<?>> requests,
              List<Outcome> outcomes,
              boolean byCaller) {
            for (int i = 0; i < requests.size(); i++) {
              requests.get(i).settle(outcomes.get(i));
            }
          }

          @Override
          public void failed(
              List<Request<?>> requests, LogUnavailableException cause, boolean byCaller) {
            requests.forEach(request -> request.completeExceptionally(cause));
          }

          @Override
          public void reopened() {
            throw new AssertionError("the storage is never full");
          }
        },
        new LogCounters(() -> 0));
  }

  private static Request<LogPosition> trim() {
    return new Request<>(
        new LogCommand.Trim(LogPosition.FIRST),
        1,
        false,
        outcome -> ((Outcome.Trimmed) outcome).mark());
  }
}
