package dev.milonga.testkit;

import dev.milonga.Milonga;
import dev.milonga.log.LogPosition;
import dev.milonga.runtime.HistoryReplay;
import dev.milonga.runtime.HistoryReplay.Seen;
import dev.milonga.runtime.HistoryReplay.Signature;
import dev.milonga.runtime.TypeToken;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Calls to be made on a new object in a store in memory, which is then {@linkplain Determinism
 * checked}. The state of the store is looked at after each call, so that a call by which it differs
 * from a replay is found as such.
 *
 * <pre>{@code
 * Determinism.of(Inventory.class)
 *     .call(stock -> stock.restock("tea", 5))
 *     .call(stock -> stock.take("tea", 9))
 *     .randomCalls(500)
 *     .check();
 * }</pre>
 *
 * <p>What a mutator throws is an outcome like any other. Not thread-safe.
 *
 * @param <T> the class
 */
public final class Trial<T> {

  private final TypeToken<T> type;
  private final RandomValues values = new RandomValues();
  private final List<Consumer<? super T>> calls = new ArrayList<>();
  private Optional<Supplier<? extends T>> fresh = Optional.empty();
  private OptionalLong seed = OptionalLong.empty();
  private int randomCalls;
  private boolean refusesKeptArguments;

  Trial(TypeToken<T> type) {
    this.type = type;
  }

  /**
   * What makes the state of a new object, as for {@link Milonga#object(Class, String, Supplier)}.
   */
  public Trial<T> fresh(Supplier<? extends T> fresh) {
    this.fresh = Optional.of(fresh);
    return this;
  }

  /** Calls mutators of the object, as the application does; after those given so far. */
  public Trial<T> call(Consumer<? super T> call) {
    calls.add(call);
    return this;
  }

  /**
   * Calls mutators at random, as many times, after all other calls: each mutator as often as any
   * other, with small arguments, so that calls meet at the same keys. Arguments can be primitives,
   * strings, enums, records, sealed types, arrays, and what the JDK has of numbers, time,
   * collections and maps; for others say how {@linkplain #values they are made}.
   *
   * @param calls at least 1
   */
  public Trial<T> randomCalls(int calls) {
    if (calls < 1) {
      throw new IllegalArgumentException("randomCalls must be >= 1, was " + calls);
    }
    randomCalls = calls;
    return this;
  }

  /**
   * The seed of the random calls. Without it one is drawn, and printed with what is found: this
   * repeats it.
   */
  public Trial<T> seed(long seed) {
    this.seed = OptionalLong.of(seed);
    return this;
  }

  /** How arguments of that class are made at random, wherever they occur in a parameter. */
  public <V> Trial<T> values(Class<V> of, Function<Random, ? extends V> made) {
    values.add(of, made);
    return this;
  }

  /**
   * Refuses a mutator that keeps an argument that can change, such as a list, in place of a copy.
   * In a store that does no harm, since each replica has arguments of its own; it does where the
   * class is used without one as well. Of a class that implements {@link
   * dev.milonga.annotations.Snapshots} it cannot be told.
   */
  public Trial<T> refuseKeptArguments() {
    refusesKeptArguments = true;
    return this;
  }

  /**
   * Makes the calls, and checks the object.
   *
   * @throws NondeterminismError if it is not the same on every replica, with the first call that
   *     shows it
   * @throws dev.milonga.runtime.IncompatibleTypeException if the class cannot be a replicated
   *     object
   * @throws IllegalArgumentException if it is not known how an argument is made at random
   * @throws IllegalStateException if no call was made
   */
  public void check() {
    long drawn = seed.orElseGet(() -> new Random().nextLong());
    try (Milonga store = Milonga.inMemory()) {
      T object =
          fresh.isPresent()
              ? store.object(type, "trial", fresh.get())
              : store.object(type, "trial");
      HistoryReplay<?> history = HistoryReplay.of(object);
      List<Seen> seen = new ArrayList<>();
      Runnable look = () -> Determinism.seen(history).ifPresent(seen::add);
      look.run();
      for (Consumer<? super T> call : calls) {
        make(store, () -> call.accept(object));
        look.run();
      }
      callAtRandom(store, history, new Random(drawn), look);
      String origin = randomCalls == 0 ? "" : "The calls were drawn with seed(" + drawn + "L).";
      ReplayCheck.of(history, seen, refusesKeptArguments)
          .ifPresent(
              finding -> {
                throw new NondeterminismError(finding, origin);
              });
    }
  }

  // What fails without an entry in the log is not an outcome, but a mistake in the trial.
  private static void make(Milonga store, Runnable call) {
    Optional<LogPosition> before = store.position();
    try {
      call.run();
    } catch (RuntimeException | Error e) {
      if (store.position().equals(before)) {
        throw e;
      }
    }
  }

  private void callAtRandom(Milonga store, HistoryReplay<?> history, Random random, Runnable look) {
    List<Signature> mutators = history.mutators();
    if (mutators.isEmpty() || calls.isEmpty() && randomCalls == 0) {
      throw new IllegalStateException(
          "nothing is called on "
              + type
              + (mutators.isEmpty() ? ": it has no mutators" : ": add call(…) or randomCalls(n)"));
    }
    for (int i = 0; i < randomCalls; i++) {
      int index = random.nextInt(mutators.size());
      Signature mutator = mutators.get(index);
      @Nullable Object[] arguments =
          mutator.parameterTypes().stream()
              .map(parameter -> values.draw(parameter, random, mutator.name()))
              .toArray();
      make(store, () -> call(history, index, arguments));
      look.run();
    }
  }

  private static void call(HistoryReplay<?> history, int mutator, @Nullable Object[] arguments) {
    try {
      history.call(mutator, arguments);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new CheckedOutcome(e);
    }
  }

  /** What a mutator has thrown that is a checked exception. */
  private static final class CheckedOutcome extends RuntimeException {

    CheckedOutcome(Throwable thrown) {
      super(thrown);
    }
  }
}
