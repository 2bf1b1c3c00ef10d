package dev.milonga.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milonga.Milonga;
import dev.milonga.collections.CollectionSteps;
import dev.milonga.collections.ReplicatedCounter;
import dev.milonga.collections.ReplicatedRegister;
import dev.milonga.collections.Step;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Function;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.constraints.IntRange;

/**
 * Each collection and a plain class against its model, over two clients in turn, on a log of any
 * kind, with everything closed and opened again in between. A client that comes last and replays
 * all must find the same.
 */
class ReplicatedModelTest {

  private static final int TRIES = 30;

  @Provide
  Arbitrary<List<Step<Map<String, Integer>>>> mapSteps() {
    return CollectionSteps.map();
  }

  @Property(tries = TRIES, shrinking = ShrinkingMode.BOUNDED)
  void mapEqualsItsModel(
      @ForAll("mapSteps") List<Step<Map<String, Integer>>> steps,
      @ForAll LogKind kind,
      @ForAll @IntRange(min = 5, max = 60) int period) {
    check(
        kind,
        steps,
        period,
        (store, name) -> store.map(name, String.class, Integer.class),
        new LinkedHashMap<>(),
        Step::checkContent);
  }

  @Provide
  Arbitrary<List<Step<NavigableMap<String, Integer>>>> sortedMapSteps() {
    return CollectionSteps.sortedMap();
  }

  @Property(tries = TRIES, shrinking = ShrinkingMode.BOUNDED)
  void sortedMapEqualsItsModel(
      @ForAll("sortedMapSteps") List<Step<NavigableMap<String, Integer>>> steps,
      @ForAll LogKind kind,
      @ForAll @IntRange(min = 5, max = 60) int period) {
    check(
        kind,
        steps,
        period,
        (store, name) -> store.sortedMap(name, String.class, Integer.class),
        new TreeMap<>(),
        Step::checkContent);
  }

  @Provide
  Arbitrary<List<Step<Set<String>>>> setSteps() {
    return CollectionSteps.set();
  }

  @Property(tries = TRIES, shrinking = ShrinkingMode.BOUNDED)
  void setEqualsItsModel(
      @ForAll("setSteps") List<Step<Set<String>>> steps,
      @ForAll LogKind kind,
      @ForAll @IntRange(min = 5, max = 60) int period) {
    check(
        kind,
        steps,
        period,
        (store, name) -> store.set(name, String.class),
        new LinkedHashSet<>(),
        ReplicatedModelTest::sameElements);
  }

  @Provide
  Arbitrary<List<Step<List<Integer>>>> listSteps() {
    return CollectionSteps.list();
  }

  @Property(tries = TRIES, shrinking = ShrinkingMode.BOUNDED)
  void listEqualsItsModel(
      @ForAll("listSteps") List<Step<List<Integer>>> steps,
      @ForAll LogKind kind,
      @ForAll @IntRange(min = 5, max = 60) int period) {
    check(
        kind,
        steps,
        period,
        (store, name) -> store.list(name, Integer.class),
        new ArrayList<>(),
        ReplicatedModelTest::sameElements);
  }

  @Provide
  Arbitrary<List<Step<Queue<Integer>>>> queueSteps() {
    return CollectionSteps.queue();
  }

  @Property(tries = TRIES, shrinking = ShrinkingMode.BOUNDED)
  void queueEqualsItsModel(
      @ForAll("queueSteps") List<Step<Queue<Integer>>> steps,
      @ForAll LogKind kind,
      @ForAll @IntRange(min = 5, max = 60) int period) {
    check(
        kind,
        steps,
        period,
        (store, name) -> store.queue(name, Integer.class),
        new ArrayDeque<>(),
        ReplicatedModelTest::sameElements);
  }

  private static void sameElements(Collection<?> subject, Collection<?> model) {
    Step.checkContent(subject, model);
  }

  /** A register's calls, on the register and on what the JDK has that is most like one. */
  private interface Cell {
    Optional<Integer> get();

    void set(int value);

    Optional<Integer> getAndSet(int value);

    boolean compareAndSet(int expected, int replacement);

    boolean setIfEmpty(int value);

    int update(int initial, int plus);

    void clear();
  }

  private record Replicated(ReplicatedRegister<Integer> register) implements Cell {
    @Override
    public Optional<Integer> get() {
      return register.get();
    }

    @Override
    public void set(int value) {
      register.set(value);
    }

    @Override
    public Optional<Integer> getAndSet(int value) {
      return register.getAndSet(value);
    }

    @Override
    public boolean compareAndSet(int expected, int replacement) {
      return register.compareAndSet(expected, replacement);
    }

    @Override
    public boolean setIfEmpty(int value) {
      return register.setIfEmpty(value);
    }

    @Override
    public int update(int initial, int plus) {
      return register.update(initial, value -> value + plus);
    }

    @Override
    public void clear() {
      register.clear();
    }
  }

  private record Local(AtomicReference<Integer> reference) implements Cell {
    @Override
    public Optional<Integer> get() {
      return Optional.ofNullable(reference.get());
    }

    @Override
    public void set(int value) {
      reference.set(value);
    }

    @Override
    public Optional<Integer> getAndSet(int value) {
      return Optional.ofNullable(reference.getAndSet(value));
    }

    @Override
    public boolean compareAndSet(int expected, int replacement) {
      Integer value = reference.get();
      return value != null && value == expected && reference.compareAndSet(value, replacement);
    }

    @Override
    public boolean setIfEmpty(int value) {
      return reference.compareAndSet(null, value);
    }

    @Override
    public int update(int initial, int plus) {
      return reference.updateAndGet(value -> (value == null ? initial : value) + plus);
    }

    @Override
    public void clear() {
      reference.set(null);
    }
  }

  @Provide
  Arbitrary<List<Step<Cell>>> registerSteps() {
    return steps(
        (a, b) -> new Step<Cell>("get()", Cell::get),
        (a, b) -> new Step<>("set(" + a + ")", cell -> done(() -> cell.set(a))),
        (a, b) -> new Step<>("getAndSet(" + a + ")", cell -> cell.getAndSet(a)),
        (a, b) -> new Step<>("cas(" + a + ", " + b + ")", cell -> cell.compareAndSet(a, b)),
        (a, b) -> new Step<>("setIfEmpty(" + a + ")", cell -> cell.setIfEmpty(a)),
        (a, b) -> new Step<>("update(" + a + ", +" + b + ")", cell -> cell.update(a, b)),
        (a, b) -> new Step<>("clear()", cell -> done(cell::clear)));
  }

  @Property(tries = TRIES, shrinking = ShrinkingMode.BOUNDED)
  void registerEqualsItsModel(
      @ForAll("registerSteps") List<Step<Cell>> steps,
      @ForAll LogKind kind,
      @ForAll @IntRange(min = 5, max = 60) int period) {
    check(
        kind,
        steps,
        period,
        (store, name) -> new Replicated(store.register(name, Integer.class)),
        new Local(new AtomicReference<>()),
        (subject, model) -> assertThat(subject.get()).isEqualTo(model.get()));
  }

  /** A counter's calls. */
  private record Sum(LongConsumer add, LongUnary addAndGet, LongSource get) {
    private interface LongConsumer {
      void accept(long n);
    }

    private interface LongUnary {
      long apply(long n);
    }

    private interface LongSource {
      long get();
    }

    static Sum of(ReplicatedCounter counter) {
      return new Sum(counter::add, counter::addAndGet, counter::get);
    }

    static Sum of(AtomicLong counter) {
      return new Sum(counter::addAndGet, counter::addAndGet, counter::get);
    }
  }

  @Provide
  Arbitrary<List<Step<Sum>>> counterSteps() {
    return steps(
        (a, b) -> new Step<Sum>("get()", sum -> sum.get().get()),
        (a, b) -> new Step<>("add(" + a + ")", sum -> done(() -> sum.add().accept(a))),
        (a, b) -> new Step<>("addAndGet(" + a + ")", sum -> sum.addAndGet().apply(a)),
        (a, b) -> new Step<>("add(max)", sum -> done(() -> sum.add().accept(Long.MAX_VALUE))));
  }

  @Property(tries = TRIES, shrinking = ShrinkingMode.BOUNDED)
  void counterEqualsItsModel(
      @ForAll("counterSteps") List<Step<Sum>> steps,
      @ForAll LogKind kind,
      @ForAll @IntRange(min = 5, max = 60) int period) {
    check(
        kind,
        steps,
        period,
        (store, name) -> Sum.of(store.counter(name)),
        Sum.of(new AtomicLong()),
        (subject, model) -> assertThat(subject.get().get()).isEqualTo(model.get().get()));
  }

  @Provide
  Arbitrary<List<Step<Inventory>>> inventorySteps() {
    return steps(
        (a, b) -> new Step<Inventory>("restock", inventory -> inventory.restock("sku-" + a, b)),
        (a, b) -> new Step<>("restock", inventory -> inventory.restock("sku-" + a, b)),
        (a, b) -> new Step<>("take(" + a + ", " + b + ")", inventory -> taken(inventory, a, b)),
        (a, b) -> new Step<>("inStock(" + a + ")", inventory -> inventory.inStock("sku-" + a)),
        (a, b) -> new Step<>("all()", Inventory::all));
  }

  private static Object taken(Inventory inventory, int a, int b) {
    try {
      return inventory.take("sku-" + a, b);
    } catch (Inventory.OutOfStock e) {
      return e.getMessage();
    }
  }

  /** The model of a plain class is the class itself, as a local object. */
  @Property(tries = TRIES, shrinking = ShrinkingMode.BOUNDED)
  void plainClassEqualsItself(
      @ForAll("inventorySteps") List<Step<Inventory>> steps,
      @ForAll LogKind kind,
      @ForAll @IntRange(min = 5, max = 60) int period) {
    check(
        kind,
        steps,
        period,
        (store, name) -> store.object(Inventory.class, name),
        new Inventory(),
        (subject, model) -> Step.checkContent(subject.all(), model.all()));
  }

  @SafeVarargs
  @SuppressWarnings("varargs") // only read
  private static <C> Arbitrary<List<Step<C>>> steps(
      BiFunction<Integer, Integer, Step<C>>... makers) {
    Arbitrary<Integer> small = Arbitraries.integers().between(0, 4);
    Arbitrary<Step<C>> step =
        Combinators.combine(Arbitraries.of(makers), small, small)
            .as((maker, a, b) -> maker.apply(a, b));
    return step.list().ofMaxSize(60);
  }

  private static String done(Runnable call) {
    call.run();
    return "done";
  }

  private static <C> void check(
      LogKind kind,
      List<Step<C>> steps,
      int period,
      BiFunction<Milonga, String, ? extends C> opener,
      C model,
      BiConsumer<C, C> sameContent) {
    try (Logs logs = Logs.openWithoutSync(kind)) {
      Function<Milonga, C> open = store -> opener.apply(store, "object");
      C here = open.apply(logs.client());
      C there = open.apply(logs.client());
      for (int i = 0; i < steps.size(); i++) {
        steps.get(i).check(i % 2 == 0 ? here : there, model);
        sameContent.accept(i % 2 == 0 ? there : here, model);
        if (i % period == period - 1) {
          logs.reopen();
          here = open.apply(logs.client());
          there = open.apply(logs.client());
        }
      }
      sameContent.accept(open.apply(logs.client()), model);
    }
  }
}
