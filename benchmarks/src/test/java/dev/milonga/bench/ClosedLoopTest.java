package dev.milonga.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ClosedLoopTest {

  private static final Duration MOMENT = Duration.ofMillis(50);

  @Test
  void everyThread_runsTheOperation() throws Exception {
    CyclicBarrier allThree = new CyclicBarrier(3);
    Set<Thread> threads = ConcurrentHashMap.newKeySet();

    ClosedLoop.operationsPerSecond(
        3,
        MOMENT,
        MOMENT,
        1,
        random -> {
          if (threads.add(Thread.currentThread())) {
            allThree.await(10, TimeUnit.SECONDS); // none returns until all have begun
          }
          return 1;
        });

    assertThat(threads).hasSize(3);
  }

  @Test
  void figure_countsWhatTheOperationsSayTheyDid_butNotTheWarmUp() throws Exception {
    AtomicLong done = new AtomicLong();

    long start = System.nanoTime();
    double perSecond =
        ClosedLoop.operationsPerSecond(
            1,
            Duration.ofMillis(300),
            Duration.ofMillis(100),
            1,
            random -> {
              TimeUnit.MILLISECONDS.sleep(1);
              done.addAndGet(1_000);
              return 1_000;
            });
    double seconds = (System.nanoTime() - start) / 1e9;

    assertThat(perSecond * 0.1).isLessThan(0.75 * done.get()); // about a quarter of all is expected
    assertThat(perSecond).isGreaterThan(done.get() / seconds / 10);
  }

  @Test
  void failure_endsTheRunAndIsReported() {
    long start = System.nanoTime();

    assertThatThrownBy(
            () ->
                ClosedLoop.operationsPerSecond(
                    2,
                    Duration.ofMinutes(10),
                    Duration.ofMinutes(10),
                    1,
                    random -> {
                      throw new IllegalStateException("disk on fire");
                    }))
        .isInstanceOf(ExecutionException.class)
        .hasRootCauseMessage("disk on fire");

    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofMinutes(1));
  }
}
