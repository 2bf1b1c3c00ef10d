package dev.milonga.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import dev.milonga.Milonga;
import dev.milonga.collections.ReplicatedMap;
import dev.milonga.log.InMemoryLog;
import dev.milonga.log.LogPosition;
import dev.milonga.log.SharedLog;
import dev.milonga.runtime.Change;
import dev.milonga.runtime.LogInspector;
import dev.milonga.runtime.RecordedCall;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What an application says of its calls: version, request, trace. */
@Timeout(60)
class RequestContextTest {

  private static final String TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

  private final SharedLog log = InMemoryLog.create();
  private @Nullable String request; // of the test's thread, which makes all calls
  private @Nullable String trace;
  private final List<Thread> asked = new ArrayList<>();
  private final Milonga store =
      Milonga.builder()
          .log(log)
          .applicationVersion("1.7")
          .requestId(() -> request)
          .traceParent(
              () -> {
                asked.add(Thread.currentThread());
                return trace;
              })
          .open();
  private final ReplicatedMap<String, Integer> map = store.map("map", String.class, Integer.class);

  @AfterEach
  void close() {
    store.close();
    log.close();
  }

  @Test
  void everyCall_carriesWhatTheApplicationSaysWhenItIsMade() {
    request = "r-1";
    trace = TRACE;
    map.put("a", 1);
    request = "r-2";
    trace = null;
    store.async(() -> map.put("b", 2)).toCompletableFuture().join();
    request = "";
    trace = TRACE;
    store.transact(() -> map.put("c", map.get("a")));

    assertThat(store.history(map).map(Change::requestId).toList())
        .containsExactly(Optional.of("r-1"), Optional.of("r-2"), Optional.empty());
    assertThat(store.history(map).map(Change::traceParent).toList())
        .containsExactly(Optional.of(TRACE), Optional.empty(), Optional.of(TRACE));
    assertThat(store.history(map).map(Change::applicationVersion)).containsOnly(Optional.of("1.7"));
    assertThat(LogInspector.of(log).history("map"))
        .extracting(
            RecordedCall::applicationVersion, RecordedCall::requestId, RecordedCall::traceParent)
        .first()
        .isEqualTo(tuple(Optional.of("1.7"), Optional.of("r-1"), Optional.of(TRACE)));
    assertThat(asked).containsOnly(Thread.currentThread());
  }

  @Test
  void whatThrowsOrIsTooLong_isTheCallsFailure_andNothingOfItIsDurable() {
    map.put("a", 1);
    LogPosition tail = log.tail().join();
    request = "x".repeat(257);

    assertThatThrownBy(() -> map.put("b", 2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("the request id has 257 characters, and at most 256 are recorded");
    assertThatThrownBy(() -> store.transact(() -> map.put("b", 2)))
        .isInstanceOf(IllegalArgumentException.class);
    assertThat(log.tail().join()).isEqualTo(tail);

    request = "x".repeat(256);
    map.put("b", 3);
    assertThat(map).containsEntry("b", 3);
    assertThatThrownBy(
            () -> Milonga.builder().inMemory().applicationVersion("v".repeat(257)).open())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("application version");
  }

  @Test
  void checkpoints_carryTheVersionAndNoRequest() {
    map.put("a", 1);
    request = "r-1";

    store.checkpointer().checkpoint();

    List<RecordedCall> notes =
        LogInspector.of(log)
            .calls(LogPosition.FIRST)
            .filter(call -> call.problem().filter(what -> what.contains("checkpoint")).isPresent())
            .toList();
    assertThat(notes)
        .isNotEmpty()
        .allSatisfy(
            call -> {
              assertThat(call.applicationVersion()).contains("1.7");
              assertThat(call.requestId()).isEmpty();
            });
  }
}
