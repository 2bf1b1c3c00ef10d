package dev.milonga.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.milonga.collections.ReplicatedCounter;
import dev.milonga.log.LogUnavailableException;
import dev.milonga.log.StoreException;
import dev.milonga.log.Subscription;
import dev.milonga.runtime.Consistency;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each fault of a link does what it says, to the client behind it and to nobody else. */
@Timeout(120)
class LinkTest {

  // A durable log in this process has the same links as one in memory.
  static Stream<StoreKind> kinds() {
    return Stream.of(StoreKind.IN_MEMORY, StoreKind.SERVED);
  }

  // The first call of a client opens its session, and waits for that.
  private static ReplicatedCounter opened(Link link) {
    ReplicatedCounter counter = link.store().counter("counter");
    counter.add(0);
    return counter;
  }

  private static CompletableFuture<Long> adding(Link link) {
    ReplicatedCounter counter = link.store().counter("counter");
    return link.store().async(() -> counter.addAndGet(1)).toCompletableFuture();
  }

  private static void assertOpen(CompletableFuture<?> future) {
    assertThatThrownBy(() -> future.get(50, TimeUnit.MILLISECONDS))
        .isInstanceOf(TimeoutException.class);
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void linkWithoutFaults_isAClientLikeOthers(StoreKind kind) {
    try (TestStore test = kind.open()) {
      ReplicatedCounter here = test.store().counter("counter");
      ReplicatedCounter there = test.link().store().counter("counter");

      here.add(1);
      there.add(2);

      assertThat(there.get()).isEqualTo(3);
      assertThat(here.get()).isEqualTo(3);
    }
  }

  @Test
  void lostAcknowledgement_callHasTakenEffect_andItsCallerDoesNotKnow() {
    try (TestStore test = TestStore.inMemory()) {
      ReplicatedCounter here = test.store().counter("counter");
      Link link = test.link();
      ReplicatedCounter there = opened(link);
      link.loseNextAcknowledgement();

      assertThatThrownBy(() -> there.add(1))
          .isInstanceOfSatisfying(
              LogUnavailableException.class,
              e -> assertThat(e.durable()).isEqualTo(StoreException.Durable.UNKNOWN));

      assertThat(here.get()).isEqualTo(1);
      there.add(1);
      assertThat(there.get()).isEqualTo(2);
    }
  }

  @Test
  void lostAcknowledgementOfAServer_clientAsksAgain_andTheCallHasTakenEffectOnce() {
    try (TestStore test = TestStore.served()) {
      Link link = test.link();
      ReplicatedCounter there = opened(link);
      for (int i = 1; i <= 5; i++) {
        link.loseNextAcknowledgement();

        assertThat(there.addAndGet(1)).isEqualTo(i);
      }
      assertThat(test.store().counter("counter").get()).isEqualTo(5);
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void heldRequests_takeEffectWhenTheLinkHeals(StoreKind kind) {
    try (TestStore test = kind.open()) {
      ReplicatedCounter here = test.store().counter("counter");
      Link link = test.link();
      opened(link);
      link.holdRequests();

      CompletableFuture<Long> first = adding(link);
      CompletableFuture<Long> second = adding(link);
      assertOpen(first);
      assertThat(here.get()).isZero();
      link.heal();

      assertThat(first.join()).isEqualTo(1);
      assertThat(second.join()).isEqualTo(2);
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void heldAnswers_callsTakeEffect_andAreAnsweredWhenTheLinkHeals(StoreKind kind)
      throws InterruptedException {
    try (TestStore test = kind.open()) {
      ReplicatedCounter here = test.store().counter("counter");
      BlockingQueue<String> changes = new LinkedBlockingQueue<>();
      Link link = test.link();
      ReplicatedCounter there = opened(link);
      try (Subscription all = test.store().onChange(here, change -> changes.add(change.call()));
          Subscription feed =
              link.store().onChange(there, change -> changes.add("over the link"))) {
        assertThat(all).isNotSameAs(feed);
        link.holdAnswers();

        CompletableFuture<Long> added = adding(link);
        assertThat(changes.take()).isEqualTo("addAndGet(delta: 1)");
        assertThat(here.get()).isEqualTo(1);
        assertOpen(added);
        assertThat(changes).isEmpty();
        link.heal();

        assertThat(added.join()).isEqualTo(1);
        assertThat(changes.take()).isEqualTo("over the link");
      }
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void subscriptionOverHeldLink_canBeClosed(StoreKind kind) {
    try (TestStore test = kind.open()) {
      ReplicatedCounter here = test.store().counter("counter");
      Link link = test.link();
      ReplicatedCounter there = opened(link);
      Subscription feed = link.store().onChange(there, change -> {});
      link.holdAnswers();
      here.add(1);

      feed.close();

      link.heal();
      assertThat(there.get()).isEqualTo(1);
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void cutLink_stopsItsClientOnly_untilItHeals(StoreKind kind) {
    try (TestStore test = kind.open()) {
      ReplicatedCounter here = test.store().counter("counter");
      Link link = test.link();
      ReplicatedCounter there = opened(link);
      link.cut();

      CompletableFuture<Long> read = link.store().async(there::get).toCompletableFuture();
      here.add(1);
      assertThat(here.get()).isEqualTo(1);
      assertOpen(read);
      assertThat(link.store().read(Consistency.local(), there::get)).isZero();
      link.heal();

      assertThat(read.join()).isEqualTo(1);
    }
  }

  @Test
  void callTimeout_isThatOfTheLink() {
    try (TestStore test = TestStore.inMemory()) {
      Link link = test.link(Duration.ofMillis(1));
      link.cut();

      assertThatThrownBy(() -> link.store().counter("counter"))
          .isInstanceOf(LogUnavailableException.class)
          .hasMessage("the log has not answered within PT0.001S");
    }
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void delay_isAddedToEachRequestAndEachAnswer(StoreKind kind)
      throws ExecutionException, InterruptedException {
    try (TestStore test = kind.open()) {
      Link link = test.link();
      ReplicatedCounter there = opened(link);
      link.delay(Duration.ofMillis(100));

      long begun = System.nanoTime();
      there.get();
      assertThat(System.nanoTime() - begun).isGreaterThanOrEqualTo(200_000_000L);

      link.delay(Duration.ofHours(1));
      CompletableFuture<Long> added = adding(link);
      assertOpen(added);
      link.heal();
      assertThat(added.get()).isEqualTo(1);
    }
  }

  @Test
  void negativeDelay_isRefused() {
    try (TestStore test = TestStore.inMemory()) {
      Link link = test.link();

      assertThatThrownBy(() -> link.delay(Duration.ofMillis(-1)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("a delay must be >= 0, was PT-0.001S");
    }
  }

  @Test
  void cutLink_canBeClosedWithCallsUnderWay() {
    TestStore test = TestStore.inMemory();
    Link link = test.link();
    opened(link);
    link.cut();
    CompletableFuture<Long> added = adding(link);

    test.close();

    assertThat(added).failsWithin(Duration.ofMinutes(1));
  }
}
