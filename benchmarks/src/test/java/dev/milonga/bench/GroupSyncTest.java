package dev.milonga.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class GroupSyncTest {

  @Test
  void callDuringASync_waitsForTheNextOne() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    AtomicInteger syncs = new AtomicInteger();
    GroupSync sync =
        new GroupSync(
            () -> {
              begun.countDown();
              awaitUninterruptibly(go);
              syncs.incrementAndGet();
            });
    ExecutorService executor = Executors.newCachedThreadPool();
    try {
      Future<Integer> first = executor.submit(() -> syncsAfter(sync, syncs));
      assertThat(begun.await(10, TimeUnit.SECONDS)).isTrue();
      Future<Integer> second = executor.submit(() -> syncsAfter(sync, syncs));

      go.countDown();

      assertThat(first.get(10, TimeUnit.SECONDS)).isPositive();
      assertThat(second.get(10, TimeUnit.SECONDS)).isEqualTo(2);
    } finally {
      executor.shutdownNow();
    }
  }

  @Test
  void failedSync_failsItsCaller_andTheNextOneTriesAgain() throws Exception {
    AtomicInteger calls = new AtomicInteger();
    GroupSync sync =
        new GroupSync(
            () -> {
              if (calls.incrementAndGet() == 1) {
                throw new IllegalStateException("disk on fire");
              }
            });

    assertThatThrownBy(sync::await).hasMessage("disk on fire");
    sync.await();

    assertThat(calls.get()).isEqualTo(2);
  }

  private static int syncsAfter(GroupSync sync, AtomicInteger syncs) throws InterruptedException {
    sync.await();
    return syncs.get();
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
