package dev.milonga.tests;

import dev.milonga.Milonga;
import dev.milonga.tests.history.Action;
import dev.milonga.tests.history.History;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * One thread that runs random transactions on {@link Cells} and records them: blocks that read and
 * write, that only read, that throw, with blocks inside them that throw, and calls outside of any.
 */
final class RandomTransactions {

  private final Milonga store;
  private final Cells cells;
  private final History.Client client;
  private final Random random;
  private final AtomicLong unique; // shared by all threads of a history

  RandomTransactions(
      Milonga store, Cells cells, History history, Random random, AtomicLong unique) {
    this.store = store;
    this.cells = cells;
    this.client = history.client();
    this.random = random;
    this.unique = unique;
  }

  /** Runs one. */
  void run() {
    switch (random.nextInt(12)) {
      case 0 -> record("call", Runnable::run, this::act);
      case 1, 2 -> record("snapshot", this::snapshot, this::looks);
      case 3 ->
          record(
              "abandoned",
              store::transact,
              noted -> {
                acts(noted);
                throw new History.Abandoned();
              });
      case 4 -> record("nested", store::transact, this::nested);
      default -> record("transact", store::transact, this::acts);
    }
  }

  /** Reads everything at one moment, and records that. */
  void readAll() {
    record("snapshot", this::snapshot, cells::lookAtAll);
  }

  // Attempts of one block differ; what only an earlier one did has not happened, and is not noted.
  private void record(String f, Consumer<Runnable> block, Consumer<Consumer<Action>> body) {
    List<Action> actions = new ArrayList<>();
    client.call(
        f,
        "",
        actions,
        () -> {
          block.accept(
              () -> {
                actions.clear();
                body.accept(actions::add);
              });
          return null;
        });
  }

  private void snapshot(Runnable block) {
    store.snapshot(
        () -> {
          block.run();
          return null;
        });
  }

  private void act(Consumer<Action> noted) {
    cells.act(random, unique.incrementAndGet(), noted);
  }

  private void acts(Consumer<Action> noted) {
    for (int i = random.nextInt(4); i >= 0; i--) {
      act(noted);
    }
  }

  private void looks(Consumer<Action> noted) {
    for (int i = random.nextInt(4); i >= 0; i--) {
      cells.look(random, noted);
    }
  }

  private void nested(Consumer<Action> noted) {
    acts(noted);
    switch (random.nextInt(3)) {
      case 0 -> store.transact(() -> acts(noted));
      case 1 -> snapshot(() -> looks(noted));
      default -> {
        try {
          store.transact(
              () -> {
                looks(noted);
                acts(undone -> {});
                throw new History.Abandoned();
              });
        } catch (History.Abandoned e) {
          looks(noted);
        }
      }
    }
    acts(noted);
  }
}
