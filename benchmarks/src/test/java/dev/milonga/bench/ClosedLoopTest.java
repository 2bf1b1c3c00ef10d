package dev.milonga.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.milonga.bench.Load.Attempts;
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
  void everyThread_runsTheOperationOfItsNumber() throws Exception {
    CyclicBarrier allThree = new CyclicBarrier(3);
    Set<Integer> numbers = ConcurrentHashMap.newKeySet();
    Load load =
        new Load(
            3,
            number ->
                random -> {
                  if (numbers.add(number)) {
                    allThree.await(10, TimeUnit.SECONDS); // none returns until all have begun
                  }
                  return 1;
                },
            1,
            null,
            () -> Attempts.NONE);

    ClosedLoop.measure(load, MOMENT, MOMENT, 1);

    assertThat(numbers).containsExactlyInAnyOrder(0, 1, 2);
  }

  @Test
  void rate_countsWhatTheOperationsSayTheyDid_butNotTheWarmUp() throws Exception {
    AtomicLong done = new AtomicLong();
    Load load =
        Load.untimed(
            1,
            random -> {
              TimeUnit.MILLISECONDS.sleep(1);
              done.addAndGet(1_000);
              return 1_000;
            });

    long start = System.nanoTime();
    Measurement measured =
        ClosedLoop.measure(load, Duration.ofMillis(300), Duration.ofMillis(100), 1);
    double seconds = (System.nanoTime() - start) / 1e9;

    assertThat(measured.perSecond() * 0.1).isLessThan(0.75 * done.get()); // a quarter is expected
    assertThat(measured.perSecond()).isGreaterThan(done.get() / seconds / 10);
    assertThat(measured.figure().latency()).isEmpty();
  }

  @Test
  void latency_isThatOfTheOperation() throws Exception {
    Load load =
        Load.timed(
            1,
            random -> {
              TimeUnit.MILLISECONDS.sleep(2);
              return 1;
            });

    Measurement measured = ClosedLoop.measure(load, Duration.ZERO, Duration.ofMillis(200), 1);

    Figure.Latency latency = measured.figure().latency().orElseThrow();
    assertThat(latency.p50Micros()).isBetween(2_000.0, 100_000.0);
    assertThat(latency.p99Micros()).isGreaterThanOrEqualTo(latency.p50Micros());
  }

  @Test
  void ofShortOperations_oneInSixtyFourIsTimed() throws Exception {
    AtomicLong calls = new AtomicLong();
    Load load =
        Load.sampled(
            1,
            random -> {
              calls.incrementAndGet();
              return 1;
            });

    Measurement measured = ClosedLoop.measure(load, Duration.ZERO, MOMENT, 1);

    assertThat(measured.latencies().getTotalCount()).isBetween(1L, calls.get() / 64);
  }

  @Test
  void whatIsDoneBeside_runsAndDoesNotCount() throws Exception {
    AtomicLong beside = new AtomicLong();
    Load load =
        Load.untimed(
                1,
                random -> {
                  TimeUnit.MILLISECONDS.sleep(1);
                  return 1;
                })
            .beside(random -> (int) beside.incrementAndGet());

    Measurement measured = ClosedLoop.measure(load, Duration.ZERO, Duration.ofMillis(100), 1);

    assertThat(measured.perSecond()).isBetween(1.0, 1_000.0);
    assertThat(beside.get()).isPositive();
  }

  @Test
  void attempts_areThoseOfThisRun() throws Exception {
    AtomicLong attempts = new AtomicLong(1_000);
    Load load =
        Load.untimed(1, random -> (int) (attempts.incrementAndGet() - attempts.get() + 1))
            .counting(() -> new Attempts(attempts.get(), 500 + attempts.get() / 2));

    Measurement measured = ClosedLoop.measure(load, Duration.ZERO, MOMENT, 1);

    assertThat(measured.attempts().all()).isEqualTo(attempts.get() - 1_000);
    assertThat(measured.abortedPercent()).isBetween(49.0, 51.0);
  }

  @Test
  void failure_endsTheRunAndIsReported() {
    long start = System.nanoTime();
    Load load =
        Load.timed(
            2,
            random -> {
              throw new IllegalStateException("disk on fire");
            });

    assertThatThrownBy(
            () -> ClosedLoop.measure(load, Duration.ofMinutes(10), Duration.ofMinutes(10), 1))
        .isInstanceOf(ExecutionException.class)
        .hasRootCauseMessage("disk on fire");

    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofMinutes(1));
  }
}
