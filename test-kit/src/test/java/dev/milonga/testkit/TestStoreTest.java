package dev.milonga.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.milonga.Milonga;
import dev.milonga.collections.ReplicatedCounter;
import dev.milonga.log.StoreClosedException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every kind of test store: clients share objects, a restart keeps them, nothing is left. */
@Timeout(120)
class TestStoreTest {

  @ParameterizedTest
  @EnumSource
  void clients_shareTheObjectsOfTheStore(StoreKind kind) {
    try (TestStore test = kind.open()) {
      test.store().counter("c").add(1);
      test.client().counter("c").add(2);
      test.link().store().counter("c").add(3);

      assertThat(test.client().counter("c").get()).isEqualTo(6);
      assertThat(test.store().counter("c").get()).isEqualTo(6);
    }
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "SERVED")
  void restart_keepsWhatWasAcknowledged_andEndsTheFormerClients(StoreKind kind) {
    try (TestStore test = kind.open()) {
      Milonga former = test.store();
      ReplicatedCounter client = test.client().counter("c");
      ReplicatedCounter linked = test.link().store().counter("c");
      former.counter("c").add(1);

      Milonga store = test.restart();

      assertThat(store).isSameAs(test.store()).isNotSameAs(former);
      assertThat(store.counter("c").get()).isEqualTo(1);
      assertThatThrownBy(() -> client.add(1)).isInstanceOf(StoreClosedException.class);
      assertThatThrownBy(() -> linked.add(1)).isInstanceOf(StoreClosedException.class);
      assertThatThrownBy(() -> former.counter("c")).isInstanceOf(StoreClosedException.class);
    }
  }

  @Test
  void restartOfAServer_keepsItsClients() {
    try (TestStore test = TestStore.served()) {
      Milonga store = test.store();
      ReplicatedCounter client = test.client().counter("c");
      ReplicatedCounter linked = test.link().store().counter("c");
      client.add(1);

      assertThat(test.restart()).isSameAs(store);

      client.add(1);
      linked.add(1);
      assertThat(store.counter("c").get()).isEqualTo(3);
    }
  }

  @ParameterizedTest
  @EnumSource
  void closedTestStore_hasNoStore(StoreKind kind) {
    TestStore test = kind.open();
    Milonga store = test.store();

    test.close();
    test.close();

    assertThatThrownBy(test::store).hasMessage("the test store is closed");
    assertThatThrownBy(() -> store.counter("c")).isInstanceOf(StoreClosedException.class);
  }
}
