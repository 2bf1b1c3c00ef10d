package dev.milonga.testkit;

import static org.assertj.core.api.Assertions.assertThatCode;

import dev.milonga.collections.ReplicatedCounter;
import dev.milonga.collections.ReplicatedList;
import dev.milonga.collections.ReplicatedMap;
import dev.milonga.collections.ReplicatedQueue;
import dev.milonga.collections.ReplicatedRegister;
import dev.milonga.collections.ReplicatedSet;
import dev.milonga.collections.ReplicatedSortedMap;
import dev.milonga.runtime.TypeToken;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every provided collection is the same on every replica, also with values that can change. */
class ProvidedCollectionsTest {

  record Price(String currency, List<Long> cents) {}

  static Stream<Trial<?>> collections() {
    return Stream.of(
        Determinism.of(new TypeToken<ReplicatedMap<String, Integer>>() {}),
        Determinism.of(new TypeToken<ReplicatedMap<String, List<String>>>() {}),
        Determinism.of(new TypeToken<ReplicatedSortedMap<String, Price>>() {}),
        Determinism.of(new TypeToken<ReplicatedList<String>>() {}),
        Determinism.of(new TypeToken<ReplicatedList<Price>>() {}),
        Determinism.of(new TypeToken<ReplicatedSet<Integer>>() {}),
        Determinism.of(new TypeToken<ReplicatedQueue<List<Integer>>>() {}),
        Determinism.of(new TypeToken<ReplicatedRegister<Price>>() {}),
        Determinism.of(ReplicatedCounter.class));
  }

  @ParameterizedTest
  @MethodSource("collections")
  void providedCollection_isDeterministic(Trial<?> collection) {
    assertThatCode(() -> collection.randomCalls(100).check()).doesNotThrowAnyException();
  }
}
