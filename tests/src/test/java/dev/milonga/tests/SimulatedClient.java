package dev.milonga.tests;

import dev.milonga.Milonga;
import dev.milonga.collections.ReplicatedCounter;
import dev.milonga.log.StoreException;
import dev.milonga.runtime.Environment;
import dev.milonga.runtime.ViewProbe;
import dev.milonga.tests.history.History;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What a client of the simulation does: random transactions on {@link Cells}, increments of one hot
 * counter, and pages of lines that are written without waiting in between.
 */
final class SimulatedClient {

  private static final int BURST_MAX = 5;

  private final Milonga store;
  private final Environment environment;
  private final Cells cells;
  private final Scroll pages;
  private final ReplicatedCounter counter;

  SimulatedClient(Milonga store, Environment environment) {
    this.store = store;
    this.environment = environment;
    this.cells = new Cells(store, 0);
    this.pages = store.object(Scroll.class, "pages");
    this.counter = store.counter("counter");
  }

  Milonga store() {
    return store;
  }

  /** The views of everything that it has open. */
  List<ViewProbe> views() {
    List<ViewProbe> views = new ArrayList<>();
    cells.objects().forEach(object -> views.add(ViewProbe.of(object)));
    views.add(ViewProbe.of(pages));
    views.add(ViewProbe.of(counter));
    return views;
  }

  /** What all clients have been told about the counter and the pages. */
  static final class Promises {
    final List<Long> counted = new ArrayList<>(); // what increments have returned
    final List<Long> lines = new ArrayList<>(); // that were acknowledged
    long countedPerhaps;

    private void incremented(ReplicatedCounter counter) {
      countedPerhaps++;
      counted.add(counter.addAndGet(1));
      countedPerhaps--;
    }
  }

  /** One thread of a client. */
  final class Worker {

    private final RandomTransactions transactions;
    private final Random random;
    private final Promises promises;
    private final AtomicLong unique;
    private final String page;

    /**
     * @param page that nobody else writes to
     * @param between is run before each call in a block
     */
    Worker(
        History history,
        Random random,
        AtomicLong unique,
        Promises promises,
        String page,
        Runnable between) {
      this.transactions = new RandomTransactions(store, cells, history, random, unique, between);
      this.random = random;
      this.unique = unique;
      this.promises = promises;
      this.page = page;
    }

    /** Does one thing. What the store refuses, or leaves unknown, is one of its answers. */
    void act() {
      int kind = random.nextInt(8);
      try {
        if (kind == 0) {
          promises.incremented(counter);
        } else if (kind == 1) {
          writeLines();
        } else {
          transactions.run();
        }
      } catch (StoreException e) {
        if (kind == 0 && e.durable() == StoreException.Durable.NOTHING) {
          promises.countedPerhaps--;
        }
      }
    }

    void readAll() {
      transactions.readAll();
    }

    private void writeLines() {
      List<Long> lines = new ArrayList<>();
      List<CompletableFuture<?>> answers = new ArrayList<>();
      for (int i = random.nextInt(BURST_MAX); i >= 0; i--) {
        long line = unique.incrementAndGet();
        answers.add(
            store
                .async(
                    () -> {
                      pages.write(page, line);
                      return null;
                    })
                .toCompletableFuture());
        lines.add(line);
      }
      for (int i = 0; i < answers.size(); i++) {
        if (isAcknowledged(answers.get(i))) {
          promises.lines.add(lines.get(i));
        }
      }
    }

    private boolean isAcknowledged(CompletableFuture<?> answer) {
      try {
        environment.await(answer, Long.MAX_VALUE);
        return true;
      } catch (ExecutionException e) {
        if (e.getCause() instanceof StoreException) {
          return false;
        }
        throw new AssertionError("an asynchronous call failed", e.getCause());
      } catch (InterruptedException | TimeoutException e) {
        throw new AssertionError("nobody interrupts, and the wait has no end", e);
      }
    }
  }

  Scroll pages() {
    return pages;
  }

  ReplicatedCounter counter() {
    return counter;
  }
}
