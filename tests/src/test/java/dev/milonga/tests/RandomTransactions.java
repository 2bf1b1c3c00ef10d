package dev.milonga.tests;

import dev.milonga.Milonga;
import dev.milonga.tests.history.Action;
import dev.milonga.tests.history.History;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * One thread that runs random transactions on {@link Cells} and records them: blocks that read and
 * write, that only read, that throw, with blocks inside them that throw, and calls outside of any.
 */
final class RandomTransactions {

  /** Takes down what is done, as {@link History.Client#call} does. */
  @FunctionalInterface
  interface Recorder {

    boolean call(String f, String key, Object argument, Supplier<?> body);

    /** It may take effect from now on that this was done, in the call that is being made. */
    default void intended(List<Action> actions) {}
  }

  private static final int ABANDONED = 1; // of 12

  private final Milonga store;
  private final Cells cells;
  private final Recorder recorder;
  private final Random random;
  private final AtomicLong unique; // shared by all threads of a history
  private final int abandoned; // of 12
  private final Runnable between;

  RandomTransactions(
      Milonga store, Cells cells, History history, Random random, AtomicLong unique) {
    this(store, cells, history, random, unique, () -> {});
  }

  /** One that runs that before each call in a block. */
  RandomTransactions(
      Milonga store,
      Cells cells,
      History history,
      Random random,
      AtomicLong unique,
      Runnable between) {
    this(store, cells, history.client()::call, random, unique, ABANDONED, between);
  }

  /** One that abandons so many of 12 transactions. */
  RandomTransactions(
      Milonga store,
      Cells cells,
      Recorder recorder,
      Random random,
      AtomicLong unique,
      int abandoned) {
    this(store, cells, recorder, random, unique, abandoned, () -> {});
  }

  private RandomTransactions(
      Milonga store,
      Cells cells,
      Recorder recorder,
      Random random,
      AtomicLong unique,
      int abandoned,
      Runnable between) {
    this.store = store;
    this.cells = cells;
    this.recorder = recorder;
    this.random = random;
    this.unique = unique;
    this.abandoned = abandoned;
    this.between = between;
  }

  /** Runs one. */
  void run() {
    int kind = random.nextInt(12);
    if (kind < abandoned) {
      record(
          "abandoned",
          store::transact,
          noted -> {
            acts(noted);
            throw new History.Abandoned();
          });
      return;
    }
    switch (kind) {
      case 8 -> call();
      case 9, 10 -> record("snapshot", this::snapshot, this::looks);
      case 11 -> record("nested", store::transact, this::nested);
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
    recorder.call(
        f,
        "",
        actions,
        () -> {
          block.accept(
              () -> {
                actions.clear();
                body.accept(actions::add);
                recorder.intended(actions);
              });
          return null;
        });
  }

  private void call() {
    List<Action> actions = new ArrayList<>();
    recorder.call(
        "call",
        "",
        actions,
        () -> {
          cells.act(
              random,
              unique.incrementAndGet(),
              intended -> recorder.intended(List.of(intended)),
              actions::add);
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
    between.run();
    cells.act(random, unique.incrementAndGet(), noted);
  }

  private void acts(Consumer<Action> noted) {
    for (int i = random.nextInt(4); i >= 0; i--) {
      act(noted);
    }
  }

  private void looks(Consumer<Action> noted) {
    for (int i = random.nextInt(4); i >= 0; i--) {
      between.run();
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
