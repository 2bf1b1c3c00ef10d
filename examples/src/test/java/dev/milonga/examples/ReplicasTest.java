package dev.milonga.examples;

import static org.assertj.core.api.Assertions.assertThatCode;

import dev.milonga.testkit.Determinism;
import dev.milonga.testkit.Trial;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The classes of the examples do the same on every replica. */
class ReplicasTest {

  static Stream<Trial<?>> classes() {
    return Stream.of(
        Determinism.of(Inventory.class),
        Determinism.of(Wallets.class),
        Determinism.of(NetworkPolicies.class),
        Determinism.of(JobBoard.class));
  }

  @ParameterizedTest
  @MethodSource("classes")
  void classOfAnExample_isDeterministic(Trial<?> each) {
    assertThatCode(() -> each.randomCalls(100).check()).doesNotThrowAnyException();
  }
}
