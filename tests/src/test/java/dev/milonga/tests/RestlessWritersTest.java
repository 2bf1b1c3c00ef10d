package dev.milonga.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milonga.Milonga;
import dev.milonga.log.InMemoryLog;
import dev.milonga.txn.TransactionOptions;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Blocks on a plain object that is written so fast, by calls outside of transactions, that its view
 * is past each snapshot before the block can look at it.
 */
class RestlessWritersTest {

  private static final TransactionOptions ONCE = TransactionOptions.DEFAULT.withRetriesMax(0);

  private final InMemoryLog log = InMemoryLog.create();
  private final RestlessLog restless = new RestlessLog(log);
  private final Milonga here = Milonga.over(restless);
  private final Milonga there = Milonga.over(log);
  private final Inventory mine = here.object(Inventory.class, "plain");
  private final Inventory theirs = there.object(Inventory.class, "plain");
  private final AtomicInteger moves = new AtomicInteger();

  @BeforeEach
  void beRestless() {
    mine.restock("a", 1);
    restless.afterEachTail(this::moveTheViewOn);
  }

  @AfterEach
  void close() {
    restless.afterEachTail(() -> {});
    here.close();
    there.close();
    log.close();
  }

  // Somebody writes, and a reader of this client has the view apply it. Where the view stands still
  // it cannot, which is what the block relies on.
  private void moveTheViewOn() {
    if (moves.incrementAndGet() > 100) {
      throw new AssertionError("the block runs after the writers for ever");
    }
    CompletableFuture.runAsync(() -> theirs.restock("other", 1)).join();
    CompletableFuture<Integer> reader = CompletableFuture.supplyAsync(() -> mine.inStock("other"));
    try {
      reader.get(100, TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      assertThat(reader).isNotDone();
    } catch (InterruptedException | ExecutionException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void readOfWhatNobodyWrites_getsThroughAtTheFirstAttempt() {
    int before = here.transact(ONCE, () -> mine.inStock("a") + mine.restock("a", 1));

    assertThat(before).isEqualTo(1 + 2);
    assertThat(theirs.inStock("a")).isEqualTo(2);
  }

  @Test
  void mutatorThatReturnsSomething_getsThroughAtTheFirstAttempt() {
    int stock = here.transact(ONCE, () -> mine.restock("a", 1));

    assertThat(stock).isEqualTo(2);
  }

  @Test
  void blockThatOnlyReads_getsThrough() {
    int seen = here.snapshot(() -> mine.inStock("a"));

    assertThat(seen).isEqualTo(1);
  }
}
