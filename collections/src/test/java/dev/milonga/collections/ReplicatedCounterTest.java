package dev.milonga.collections;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ReplicatedCounterTest {

  private final ReplicatedCounter counter = new ReplicatedCounter();

  @Test
  void additions_sumUp() {
    counter.add(40);
    counter.increment();
    counter.decrement();
    counter.add(-10);

    assertThat(counter.addAndGet(12)).isEqualTo(42);
    assertThat(counter.get()).isEqualTo(42);
    assertThat(counter).hasToString("42");
  }

  @Test
  void overflow_wrapsAround() {
    counter.add(Long.MAX_VALUE);

    assertThat(counter.addAndGet(1)).isEqualTo(Long.MIN_VALUE);
  }

  @Test
  void aFork_isIndependent() {
    counter.add(1);
    ReplicatedCounter fork = counter.fork();

    fork.add(1);

    assertThat(counter.get()).isEqualTo(1);
    assertThat(fork.get()).isEqualTo(2);
  }

  @Test
  void aRestoredCounter_goesOn() {
    counter.add(7);
    ReplicatedCounter restored = new ReplicatedCounter();
    restored.restore(counter.snapshot());

    assertThat(restored.addAndGet(1)).isEqualTo(8);
  }
}
