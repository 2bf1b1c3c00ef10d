package dev.milonga.txn;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milonga.runtime.Environment;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BackoffTest {

  private final Backoff backoff = new Backoff(Environment.system());
  private final ExecutorService other = Executors.newSingleThreadExecutor();

  @AfterEach
  void stop() {
    other.shutdownNow();
  }

  @Test
  void nobodyHasTheRightOfWay_othersDoNotWait() throws Exception {
    assertThat(elsewhere(this::nanosToYield)).isLessThan(TimeUnit.SECONDS.toNanos(1));
  }

  @Test
  void rightOfWayIsKept_othersGoOnAfterAWhile() throws Exception {
    backoff.takeRightOfWay();

    long nanos = elsewhere(this::nanosToYield);

    assertThat(nanos).isGreaterThanOrEqualTo(TimeUnit.MILLISECONDS.toNanos(50));
    assertThat(elsewhere(backoff::takeRightOfWay)).isFalse();
  }

  @Test
  void oneThatHasTheRightOfWay_doesNotWaitForItself() {
    backoff.takeRightOfWay();

    assertThat(nanosToYield()).isLessThan(TimeUnit.SECONDS.toNanos(1));
  }

  @Test
  void oneThatDidNotGetTheRightOfWay_leavesNoTrace() throws Exception {
    backoff.takeRightOfWay();
    assertThat(elsewhere(backoff::takeRightOfWay)).isFalse();

    backoff.returnRightOfWay();

    assertThat(elsewhere(backoff::takeRightOfWay)).isTrue();
  }

  @Test
  void interruptedThread_doesNotWaitAndStaysInterrupted() throws Exception {
    backoff.takeRightOfWay();

    boolean interrupted =
        elsewhere(
            () -> {
              Thread.currentThread().interrupt();
              backoff.yieldToOthers();
              backoff.pause(20);
              return Thread.interrupted();
            });

    assertThat(interrupted).isTrue();
  }

  @Test
  void pauseAfterAnyNumberOfLosses_ends() {
    for (int losses = 0; losses < 200; losses += 10) {
      backoff.pause(losses);
    }
    backoff.pause(Integer.MAX_VALUE);
  }

  private long nanosToYield() {
    long begun = System.nanoTime();
    backoff.yieldToOthers();
    return System.nanoTime() - begun;
  }

  private <V> V elsewhere(Callable<V> action) throws Exception {
    return other.submit(action).get(30, TimeUnit.SECONDS);
  }
}
