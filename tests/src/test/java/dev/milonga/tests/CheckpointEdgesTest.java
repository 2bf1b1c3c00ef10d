package dev.milonga.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.milonga.Milonga;
import dev.milonga.checkpoint.CheckpointReport;
import dev.milonga.checkpoint.Lease;
import dev.milonga.collections.ReplicatedCounter;
import dev.milonga.collections.ReplicatedMap;
import dev.milonga.log.AppendRequest;
import dev.milonga.log.LogPosition;
import dev.milonga.log.RequestId;
import dev.milonga.log.SharedLog;
import dev.milonga.runtime.ViewHaltedException;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.DisplayName;

/** Checkpoints, trim and the past where something else gets in their way. */
class CheckpointEdgesTest {

  /** A log that tells under which number it was written to last. */
  private static final class NumberingLog extends DelegatingLog {
    private volatile Optional<RequestId> last = Optional.empty();

    NumberingLog(SharedLog behind) {
      super(behind);
    }

    RequestId last() {
      return last.orElseThrow();
    }

    @Override
    public CompletableFuture<LogPosition> append(AppendRequest request) {
      last = request.requestId().or(() -> last);
      return super.append(request);
    }

    @Override
    public CompletableFuture<LogPosition> appendBlocking(AppendRequest request) {
      last = request.requestId().or(() -> last);
      return super.appendBlocking(request);
    }
  }

  @EveryLog
  @DisplayName("calls on an object whose checkpoint cannot be loaded take up no request number")
  void callsOnAnObjectThatCannotBeLoaded_leaveNoRequestOpen(LogKind kind) {
    try (Logs logs = Logs.openWithoutSync(kind)) {
      Milonga store = logs.client();
      CheckpointsOfStoresTest.NewCart cart =
          store.object(CheckpointsOfStoresTest.NewCart.class, "cart");
      cart.redeem("xyz");
      store.checkpointer().checkpoint();
      store.checkpointer().trim();
      NumberingLog log = new NumberingLog(logs.log());

      try (Milonga behind = Milonga.over(log)) {
        CheckpointsOfStoresTest.OldCart old =
            behind.object(CheckpointsOfStoresTest.OldCart.class, "cart");
        ReplicatedCounter counter = behind.counter("c");
        counter.add(1);
        assertThatThrownBy(() -> old.add("b")).isInstanceOf(ViewHaltedException.class);
        assertThat(catchThrowable(() -> behind.async(() -> old.add("b")))).isNotNull();
        assertThat(catchThrowable(() -> behind.transact(() -> old.add("b")))).isNotNull();
        counter.add(1);

        // What is open for ever counts against what a session may have open.
        assertThat(log.last().learntBelow()).isEqualTo(log.last().sequence());
      }
    }
  }

  @EveryLog
  @DisplayName("a trim inside a block is refused: a block can be undone")
  void trimInsideABlock_isRefused(LogKind kind) {
    try (Logs logs = Logs.openWithoutSync(kind)) {
      Milonga store = logs.client();
      ReplicatedCounter counter = store.counter("c");
      counter.add(1);
      store.checkpointer().checkpoint();

      Throwable thrown =
          catchThrowable(
              () ->
                  store.transact(
                      () -> {
                        counter.add(1);
                        store.checkpointer().trim();
                      }));

      assertThat(thrown).isInstanceOf(IllegalStateException.class).hasMessageContaining("trim");
      assertThat(logs.log().trimMark().join()).isEqualTo(LogPosition.FIRST);
      assertThat(counter.get()).isEqualTo(1);
    }
  }

  @EveryLog
  @DisplayName("what is to be kept for ever")
  void retentionForEver_keepsEverything(LogKind kind) {
    try (Logs logs = Logs.openWithoutSync(kind)) {
      Milonga store = logs.client();
      store.counter("c").add(1);
      store.checkpointer().retain(1, ChronoUnit.FOREVER.getDuration());
      store.checkpointer().checkpoint();

      assertThat(store.checkpointer().trim().mark()).isEqualTo(LogPosition.FIRST);
      store.checkpointer().retain(1, Duration.ZERO);
      assertThat(store.checkpointer().trim().mark()).isGreaterThan(LogPosition.FIRST);
    }
  }

  @EveryLog
  @DisplayName("numbers that differ by less than a double can tell")
  void differenceOfDecimals_isExact(LogKind kind) {
    try (Logs logs = Logs.openWithoutSync(kind)) {
      Milonga store = logs.client();
      ReplicatedMap<BigDecimal, BigDecimal> map =
          store.map("map", BigDecimal.class, BigDecimal.class);
      BigDecimal key = new BigDecimal("0.10000000000000000001");
      map.put(key, new BigDecimal("1.00000000000000000001"));
      map.put(new BigDecimal("0.1"), BigDecimal.ONE);
      LogPosition from = store.position().orElseThrow();
      map.put(key, new BigDecimal("1.00000000000000000002"));
      map.put(new BigDecimal("0.1"), new BigDecimal("1.0"));
      LogPosition to = store.position().orElseThrow();

      assertThat(store.diff(map, from, to).parts().stream().map(String::valueOf))
          .containsExactlyInAnyOrder(
              "{0.10000000000000000001}: 1.00000000000000000001 -> 1.00000000000000000002",
              "{0.1}: 1 -> 1.0");
    }
  }

  @EveryLog
  @DisplayName("lengths that no lease can have")
  void leaseOfAnAbsurdLength_isRefused(LogKind kind) {
    try (Logs logs = Logs.openWithoutSync(kind)) {
      Milonga store = logs.client();
      store.counter("c").add(1);
      LogPosition tail = logs.tail();

      for (Duration absurd :
          List.of(Duration.ZERO, Duration.ofSeconds(-1), ChronoUnit.FOREVER.getDuration())) {
        assertThatThrownBy(() -> store.checkpointer().lease(LogPosition.FIRST, absurd))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContainingAll("at most 36500 days", absurd.toString());
      }
      assertThat(logs.tail()).isEqualTo(tail);
      Lease lease = store.checkpointer().lease(LogPosition.FIRST, Duration.ofDays(36_500));
      assertThatThrownBy(() -> lease.renew(ChronoUnit.FOREVER.getDuration()))
          .isInstanceOf(IllegalArgumentException.class);
      assertThat(lease.renew(Duration.ofMillis(1))).isTrue();
    }
  }

  @EveryLog
  @DisplayName("a cursor that is not there")
  void cursorThatIsNotThere_cannotBeForgotten(LogKind kind) {
    try (Logs logs = Logs.openWithoutSync(kind)) {
      Milonga store = logs.client();
      assertThatThrownBy(() -> store.checkpointer().forgetCursor("coping"))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("there is no cursor \"coping\"; this log has none");
      store.onChange(store.counter("c"), "copying", change -> {}).close();

      assertThatThrownBy(() -> store.checkpointer().forgetCursor("coping"))
          .hasMessage("there is no cursor \"coping\"; there are \"copying\"");
      store.checkpointer().forgetCursor("copying");
      assertThatThrownBy(() -> store.checkpointer().forgetCursor("copying"))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @EveryLog
  @DisplayName("a state of many chunks, which is decoded ahead")
  void stateOfManyChunks_isTheSameFromItsCheckpoint(LogKind kind) {
    try (Logs logs = Logs.openWithoutSync(kind)) {
      Milonga store = logs.client();
      ReplicatedMap<Integer, String> map = store.map("map", Integer.class, String.class);
      for (int from = 0; from < 20_000; from += 2_000) {
        Map<Integer, String> block = new LinkedHashMap<>();
        for (int key = from; key < from + 2_000; key++) {
          block.put(key, key + "-" + "x".repeat(key % 200));
        }
        map.putAll(block);
      }
      map.remove(7);
      CheckpointReport report = store.checkpointer().checkpoint();
      assertThat(report.bytes()).isGreaterThan(2 << 20);
      assertThat(store.checkpointer().trim().mark()).isEqualTo(report.position());

      ReplicatedMap<Integer, String> restored =
          logs.client().map("map", Integer.class, String.class);

      assertThat(List.copyOf(restored.entrySet())).isEqualTo(List.copyOf(map.entrySet()));
    }
  }
}
