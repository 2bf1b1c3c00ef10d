package dev.milonga.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.milonga.log.InMemoryLog;
import dev.milonga.log.LogPosition;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** When a view takes over what a block has made of its object, instead of applying its calls. */
class StateForkTest {

  private static final long TIME = 1_000_000;
  private static final long SEED = 7;

  private final InMemoryLog log = InMemoryLog.create();
  private final ObjectRuntime here = ObjectRuntime.builder(log).build();
  private final ObjectRuntime there = ObjectRuntime.builder(log).build();
  private final Tally tally = here.open(TypeToken.of(Tally.class), "tally");
  private final Tally others = there.open(TypeToken.of(Tally.class), "tally");
  private final ObjectHandle<?> handle = ((Proxied) tally).milongaHandle();

  @AfterEach
  void close() {
    here.close();
    there.close();
    log.close();
  }

  @Test
  void nobodyWroteMeanwhile_theViewTakesOverWhatEveryReplicaComesTo() throws Throwable {
    tally.add(1);
    StateFork<?> fork = fork();
    List<EncodedCall> calls = List.of(call(2), call(3));
    assertThat(fork.apply(calls.get(0), 0)).isEqualTo(3L);
    assertThat(fork.apply(calls.get(1), 1)).isEqualTo(6L);

    here.commit(calls, List.of(fork), Optional.empty(), TIME, SEED);

    assertThat(handle.view().state()).isSameAs(fork.state());
    assertThat(tally.total()).isEqualTo(6);
    assertEqualEverywhere();
  }

  @Test
  void somebodyWroteMeanwhile_theCallsAreApplied() throws Throwable {
    tally.add(1);
    StateFork<?> fork = fork();
    EncodedCall call = call(2);
    fork.apply(call, 0);
    others.add(10);

    here.commit(List.of(call), List.of(fork), Optional.empty(), TIME, SEED);

    assertThat(handle.view().state()).isNotSameAs(fork.state());
    assertThat(tally.total()).isEqualTo(13);
    assertEqualEverywhere();
  }

  @Test
  void callOfTheBlockHasThrown_theStateIsNotTakenOver() {
    tally.add(1);
    StateFork<?> fork = fork();
    EncodedCall call = call(-1);

    assertThatThrownBy(() -> fork.apply(call, 0)).isInstanceOf(IllegalArgumentException.class);
    here.commit(List.of(call), List.of(fork), Optional.empty(), TIME, SEED);

    assertThat(handle.view().state()).isNotSameAs(fork.state());
    assertThat(tally.total()).isEqualTo(1);
    assertEqualEverywhere();
  }

  private StateFork<?> fork() {
    LogPosition tail = log.tail().join();
    handle.syncTo(tail);
    return handle.forkAt(tail, TIME, SEED);
  }

  private EncodedCall call(long n) {
    return handle.encode(0, new Object[] {n});
  }

  private void assertEqualEverywhere() {
    assertThat(others.total()).isEqualTo(tally.total());
    assertThat(others.last()).isEqualTo(tally.last());
    assertThat(others.changed()).isEqualTo(tally.changed());
  }
}
