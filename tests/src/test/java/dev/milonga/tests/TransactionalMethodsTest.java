package dev.milonga.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.milonga.Milonga;
import dev.milonga.log.LogPosition;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Methods annotated with {@code @Transactional}. */
class TransactionalMethodsTest {

  private final Milonga store = Milonga.inMemory();
  private final Accounts accounts = store.object(Accounts.class, "accounts");

  @BeforeEach
  void fund() {
    accounts.set("a", 100);
    accounts.set("b", 0);
  }

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void method_isOneEntryOfAllItsCalls() throws Exception {
    LogPosition before = tail();

    assertThat(accounts.transfer("a", "b", 30)).isEqualTo(70);

    assertThat(tail()).isEqualTo(before.next());
    assertThat(accounts.balance("b")).isEqualTo(30);
    assertThat(store.history(accounts).skip(2).map(change -> change.position().value()))
        .containsExactly(before.value(), before.value());
  }

  @Test
  void mutatorThatRefuses_leavesTheMethodAndNothingIsDurable() {
    LogPosition before = tail();

    assertThatThrownBy(() -> accounts.transfer("a", "b", 101))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("a holds 100");

    assertThat(tail()).isEqualTo(before);
  }

  @Test
  void checkedException_leavesTheMethodAsItIs() {
    LogPosition before = tail();

    assertThatThrownBy(() -> accounts.setAndFail("a", 1))
        .isInstanceOf(Accounts.NoSuchAccount.class)
        .hasMessage("no such account: a");
    assertThatThrownBy(() -> accounts.sumOf("a", "nobody"))
        .isInstanceOf(Accounts.NoSuchAccount.class);

    assertThat(tail()).isEqualTo(before);
    assertThat(accounts.total()).isEqualTo(100);
  }

  @Test
  void readOnlyMethod_readsAndRefusesMutators() throws Exception {
    LogPosition before = tail();

    assertThat(accounts.sumOf("a", "b")).isEqualTo(100);
    assertThatThrownBy(() -> accounts.setAnyhow("a", 1))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContainingAll("Accounts.set", "\"accounts\"", "only reads");

    assertThat(tail()).isEqualTo(before);
    assertThat(store.transactionStatistics().readOnly()).isEqualTo(1);
  }

  @Test
  void defaultMethodOfAnInterface_isATransaction() {
    assertThat(accounts.audit(100)).isEqualTo("fine");
    assertThat(accounts.audit(90)).isEqualTo("off by 10");

    assertThat(store.transactionStatistics().readOnly()).isEqualTo(2);
  }

  @Test
  void methodWhoseInterfaceIsAnnotated_isATransaction() {
    assertThat(accounts.difference("a", "b")).isEqualTo(100);

    assertThat(store.transactionStatistics().readOnly()).isEqualTo(1);
  }

  @Test
  void defaultMethodOfAnObjectOpenedAsAnInterface_isATransaction() {
    Tray tray = store.object(Tray.class, "tray", Tray.Wooden::new);
    tray.put(2);
    LogPosition before = tail();

    assertThat(tray.putUpTo(5)).isEqualTo(5);

    assertThat(tail()).isEqualTo(before.next());
    assertThat(store.transactionStatistics().commits()).isEqualTo(1);
  }

  @Test
  void methodInsideABlock_joinsIt() {
    LogPosition before = tail();

    store.transact(
        () -> {
          transfer(30);
          transfer(30);
          assertThat(accounts.audit(100)).isEqualTo("fine");
        });

    assertThat(tail()).isEqualTo(before.next());
    assertThat(store.transactionStatistics().commits()).isEqualTo(1);
  }

  @Test
  void methodThatFailsInsideABlock_isUndoneAndTheBlockGoesOn() throws Exception {
    store.transact(
        () -> {
          transfer(30);
          assertThatThrownBy(() -> accounts.setAndFail("a", 1)).hasMessageContaining("a");
          assertThatThrownBy(() -> accounts.setAnyhow("a", 1)).hasMessageContaining("only reads");
          transfer(30);
        });

    assertThat(accounts.balance("a")).isEqualTo(40);
    assertThat(accounts.balance("b")).isEqualTo(60);
  }

  @Test
  void readOnlyMethodInsideABlock_seesWhatTheBlockHasWritten() {
    store.transact(
        () -> {
          accounts.set("c", 11);
          assertThat(accounts.audit(111)).isEqualTo("fine");
        });
  }

  @Test
  void methodInsideASnapshot_readsThere() {
    assertThat(store.<String>snapshot(() -> accounts.audit(100))).isEqualTo("fine");

    assertThatThrownBy(() -> store.snapshot(() -> transferred(1)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("inside a block that only reads; begin it outside");
  }

  @Test
  void methodsOfManyThreads_areSerializable() throws Exception {
    accounts.set("b", 100);
    Callable<Void> transfers =
        () -> {
          for (int i = 0; i < 50; i++) {
            transfer(1);
          }
          return null;
        };

    Together.call(Stream.generate(() -> transfers).limit(2).collect(Collectors.toList()));

    assertThat(List.of(accounts.balance("a"), accounts.balance("b"))).containsExactly(0L, 200L);
  }

  private void transfer(long amount) {
    transferred(amount);
  }

  private long transferred(long amount) {
    try {
      return accounts.transfer("a", "b", amount);
    } catch (Accounts.NoSuchAccount e) {
      throw new AssertionError(e);
    }
  }

  private LogPosition tail() {
    return store.log().tail().join();
  }
}
