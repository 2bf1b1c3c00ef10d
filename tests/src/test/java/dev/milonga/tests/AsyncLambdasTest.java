package dev.milonga.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.milonga.Milonga;
import dev.milonga.collections.ReplicatedCounter;
import dev.milonga.collections.ReplicatedMap;
import dev.milonga.collections.ReplicatedQueue;
import dev.milonga.log.LogPosition;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/**
 * What the lambda of an asynchronous call may be: the stage completes with its result, or fails.
 */
class AsyncLambdasTest {

  private static <V> V done(CompletionStage<V> stage) throws Exception {
    return stage.toCompletableFuture().get(60, TimeUnit.SECONDS);
  }

  private static void refusedWithoutTrace(Logs logs, String why, ThrowingCallable call) {
    LogPosition before = logs.tail();

    assertThatThrownBy(call)
        .satisfiesAnyOf(
            e -> assertThat(e).isInstanceOf(IllegalStateException.class).hasMessageContaining(why),
            e ->
                assertThat(e)
                    .isInstanceOf(ExecutionException.class)
                    .cause()
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining(why));

    assertThat(logs.tail()).isEqualTo(before);
  }

  @EveryLog
  void lambdaThatReadsAndThenWrites_isRefusedAndDoesNothing(LogKind kind) throws Exception {
    try (Logs logs = Logs.open(kind)) {
      Milonga store = logs.client();
      ReplicatedQueue<String> queue = store.queue("q", String.class);
      queue.add("a");

      refusedWithoutTrace(
          logs, "on a thread of your own", () -> done(store.async(() -> queue.remove("a"))));
      assertThat(done(store.async(() -> queue.remove("b")))).isFalse();

      assertThat(queue).containsExactly("a");
    }
  }

  @EveryLog
  void lambdaThatMakesSomethingOfAMutatorsResult_isRefusedAndDoesNothing(LogKind kind) {
    try (Logs logs = Logs.open(kind)) {
      Milonga store = logs.client();
      Inventory inventory = store.object(Inventory.class, "i");
      ReplicatedMap<String, Long> map = store.map("m", String.class, Long.class);
      inventory.inStock("a");
      map.size();

      String why = "Let the lambda return the call's result as it is";
      refusedWithoutTrace(logs, why, () -> store.async(() -> (long) inventory.restock("a", 1)));
      refusedWithoutTrace(logs, why, () -> store.async(() -> inventory.restock("a", 1) + 1));
      refusedWithoutTrace(
          logs, why, () -> store.async(() -> Optional.ofNullable(map.put("a", 1L))));
      refusedWithoutTrace(
          logs, "second", () -> store.async(() -> map.put("a", 1L) == null && map.isEmpty()));

      assertThat(map).isEmpty();
    }
  }

  @EveryLog
  void lambdaThatReads_completesWithWhatItMakesOfIt(LogKind kind) throws Exception {
    try (Logs logs = Logs.open(kind)) {
      Milonga store = logs.client();
      ReplicatedMap<String, String> map = store.map("m", String.class, String.class);
      map.put("a", "long");

      assertThat(done(store.async(() -> map.get("a").length()))).isEqualTo(4);
      assertThat(done(store.async(() -> map.size() + map.get("a").length()))).isEqualTo(5);
      assertThatThrownBy(() -> done(store.async(() -> map.get("b").length())))
          .hasCauseInstanceOf(NullPointerException.class);
    }
  }

  @EveryLog
  void lambdaThatEndsInABlindCall_completesWithItsOwnResult(LogKind kind) throws Exception {
    try (Logs logs = Logs.open(kind)) {
      Milonga store = logs.client();
      ReplicatedQueue<String> queue = store.queue("q", String.class);
      ReplicatedCounter counter = store.counter("c");

      assertThat(done(store.async(() -> queue.offer("a")))).isTrue();
      assertThat(done(store.async(() -> counter.add(2)))).isNull();
      assertThat(
              done(
                  store.async(
                      () -> {
                        counter.addAndGet(1);
                      })))
          .isNull();

      assertThat(queue).containsExactly("a");
      assertThat(counter.get()).isEqualTo(3);
    }
  }
}
