package dev.milonga.collections;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.NoSuchElementException;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ReplicatedRegisterTest {

  private final ReplicatedRegister<String> register = new ReplicatedRegister<>();

  /** Two of them are never equal. */
  private static final class Identity {}

  @Test
  void startsEmpty_andCanBeEmptiedAgain() {
    assertThat(register.get()).isEmpty();

    register.set("a");
    assertThat(register.get()).contains("a");

    register.clear();
    assertThat(register.get()).isEmpty();
    assertThat(register).hasToString("[]");
  }

  @Test
  void compareAndSet_comparesByEquals() {
    register.set("abc");

    assertThat(register.compareAndSet("x", "y")).isFalse();
    assertThat(register.compareAndSet(String.join("", "a", "bc"), "d")).isTrue();
    assertThat(register.get()).contains("d");
  }

  @Test
  void anEmptyRegister_equalsNothing() {
    assertThat(register.compareAndSet("a", "b")).isFalse();
    assertThat(register.setIfEmpty("a")).isTrue();
    assertThat(register.setIfEmpty("b")).isFalse();
    assertThat(register.getAndSet("c")).contains("a");
    assertThat(register.get()).contains("c");
  }

  @Test
  void update_runsAgainOnTheNewerValue() {
    register.set("a");

    String result =
        register.update(
            value -> {
              if (value.equals("a")) {
                register.set("b"); // another writer comes between
              }
              return value + "!";
            });

    assertThat(result).isEqualTo("b!");
    assertThat(register.get()).contains("b!");
  }

  @Test
  void updateOfAnEmptyRegister_needsAnInitialValue() {
    assertThatThrownBy(() -> register.update(value -> value + "!"))
        .isInstanceOf(NoSuchElementException.class)
        .hasMessageContaining("update(initial, change)");

    assertThat(register.update("a", value -> value + "!")).isEqualTo("a!");
    assertThat(register.update("a", value -> value + "!")).isEqualTo("a!!");
  }

  @Test
  void nulls_areRefusedAndChangeNothing() {
    register.set("a");

    assertThatThrownBy(() -> register.set(null)).hasMessageContaining("null value");
    assertThatThrownBy(() -> register.getAndSet(null)).hasMessageContaining("null value");
    assertThatThrownBy(() -> register.compareAndSet("a", null)).hasMessageContaining("null value");
    assertThatThrownBy(() -> register.compareAndSet(null, "a")).hasMessageContaining("null value");
    assertThatThrownBy(() -> register.update(value -> null)).hasMessageContaining("null value");
    assertThat(register.get()).contains("a");
  }

  @Test
  void aValueThatNeverEqualsItsCopy_isRefusedRatherThanTriedForEver() {
    ReplicatedRegister<Identity> identities = new ReplicatedRegister<>();
    identities.set(new Identity());

    assertThatThrownBy(() -> identities.update(value -> new Identity()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("Override equals and hashCode");
  }

  @Test
  void aFork_isIndependent_andSnapshotsRestore() {
    register.set("a");
    ReplicatedRegister<String> fork = register.fork();
    ReplicatedRegister<String> empty = new ReplicatedRegister<>();
    ReplicatedRegister<String> restored = new ReplicatedRegister<>();

    fork.set("b");
    restored.restore(fork.snapshot());
    fork.restore(empty.snapshot());

    assertThat(register.get()).contains("a");
    assertThat(restored.get()).contains("b");
    assertThat(fork.get()).isEqualTo(Optional.empty());
  }
}
