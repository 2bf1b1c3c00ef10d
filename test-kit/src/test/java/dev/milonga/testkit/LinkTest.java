package dev.milonga.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.milonga.Milonga;
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
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Each fault of a link does what it says, to the client behind it and to nobody else. */
@ExtendWith(StoreExtension.class)
@Timeout(120)
class LinkTest {

  private ReplicatedCounter here;

  @BeforeEach
  void openCounter(Milonga store) {
    here = store.counter("counter");
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

  @Test
  void linkWithoutFaults_isAClientLikeOthers(TestStore test) {
    ReplicatedCounter there = test.link().store().counter("counter");

    here.add(1);
    there.add(2);

    assertThat(there.get()).isEqualTo(3);
    assertThat(here.get()).isEqualTo(3);
  }

  @Test
  void lostAcknowledgement_callHasTakenEffectOnce_andItsCallerDoesNotKnow(TestStore test) {
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

  @Test
  void heldRequests_takeEffectWhenTheLinkHeals(TestStore test) {
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

  @Test
  void heldAnswers_callsTakeEffect_andAreAnsweredWhenTheLinkHeals(TestStore test)
      throws InterruptedException {
    BlockingQueue<String> changes = new LinkedBlockingQueue<>();
    Link link = test.link();
    ReplicatedCounter there = opened(link);
    try (Subscription all = test.store().onChange(here, change -> changes.add(change.call()));
        Subscription feed = link.store().onChange(there, change -> changes.add("over the link"))) {
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

  @Test
  void subscriptionOverHeldLink_canBeClosed(TestStore test) {
    Link link = test.link();
    ReplicatedCounter there = opened(link);
    Subscription feed = link.store().onChange(there, change -> {});
    link.holdAnswers();
    here.add(1);

    feed.close();

    link.heal();
    assertThat(there.get()).isEqualTo(1);
  }

  @Test
  void cutLink_stopsItsClientOnly_untilItHeals(TestStore test) {
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

  @Test
  void callTimeout_isThatOfTheLink(TestStore test) {
    Link link = test.link(Duration.ofMillis(1));
    link.cut();

    assertThatThrownBy(() -> link.store().counter("counter"))
        .isInstanceOf(LogUnavailableException.class)
        .hasMessage("the log has not answered within PT0.001S");
  }

  @Test
  void delay_isAddedToEachRequestAndEachAnswer(TestStore test)
      throws ExecutionException, InterruptedException {
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

  @Test
  void negativeDelay_isRefused(TestStore test) {
    Link link = test.link();

    assertThatThrownBy(() -> link.delay(Duration.ofMillis(-1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a delay must be >= 0, was PT-0.001S");
  }

  @Test
  void cutLink_canBeClosedWithCallsUnderWay(TestStore test) {
    Link link = test.link();
    opened(link);
    link.cut();
    CompletableFuture<Long> added = adding(link);

    test.close();

    assertThat(added).failsWithin(Duration.ofMinutes(1));
  }
}
