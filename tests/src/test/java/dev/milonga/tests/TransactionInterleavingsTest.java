package dev.milonga.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.milonga.Milonga;
import dev.milonga.collections.ReplicatedMap;
import dev.milonga.log.InMemoryLog;
import dev.milonga.log.SharedLog;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.From;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.lifecycle.AfterProperty;

/**
 * Any interleaving of any transactions is as good as some order of them, one at a time, in which
 * each comes after those that were over before it began. Two or three scripts, over a map and a
 * plain object, at two clients, take turns as drawn; what they saw, and what is left, must be what
 * a model shows for one of those orders.
 */
class TransactionInterleavingsTest {

  /** How a script is run. */
  enum Mode {
    TRANSACTION,
    TRANSACTION_WITH_NESTED_BLOCK,
    /** Its writes are left out. */
    SNAPSHOT,
    /** Its first step alone, outside of any block. */
    CALL
  }

  enum Act {
    READ,
    /** Blind. */
    WRITE,
    /** Writes, and returns what was there. */
    SWAP,
    /** Reads, and writes the sum. */
    ADD,
    /** Reads the sum of all. */
    SUM
  }

  /** One step: of the map if {@code plain} is false, else of the plain object. */
  record Step(Act act, boolean plain, String key, int value) {

    long on(Target target) {
      switch (act) {
        case READ -> {
          return target.read(key);
        }
        case WRITE -> {
          target.write(key, value);
          return 0;
        }
        case SWAP -> {
          return target.swap(key, value);
        }
        case ADD -> {
          long before = target.read(key);
          target.write(key, before + value);
          return before;
        }
        default -> {
          return target.sum();
        }
      }
    }

    boolean writes() {
      return act != Act.READ && act != Act.SUM;
    }
  }

  /** Steps, and how they are run. */
  record Script(Mode mode, List<Step> steps) {

    List<Step> taken() {
      return switch (mode) {
        case SNAPSHOT -> steps.stream().filter(step -> !step.writes()).toList();
        case CALL -> steps.stream().filter(step -> step.act != Act.ADD).limit(1).toList();
        default -> steps;
      };
    }
  }

  /** Numbers by name; 0 if there is none. */
  interface Target {
    long read(String key);

    void write(String key, long value);

    long swap(String key, long value);

    long sum();
  }

  record MapTarget(ReplicatedMap<String, Long> map) implements Target {
    @Override
    public long read(String key) {
      return map.getOrDefault(key, 0L);
    }

    @Override
    public void write(String key, long value) {
      map.set(key, value);
    }

    @Override
    public long swap(String key, long value) {
      Long before = map.put(key, value);
      return before == null ? 0 : before;
    }

    @Override
    public long sum() {
      return map.values().stream().mapToLong(Long::longValue).sum();
    }
  }

  record PlainTarget(Scroll scroll) implements Target {
    @Override
    public long read(String key) {
      return Math.max(0, scroll.mark(key));
    }

    @Override
    public void write(String key, long value) {
      scroll.mark(key, value);
    }

    @Override
    public long swap(String key, long value) {
      return Math.max(0, scroll.remark(key, value));
    }

    @Override
    public long sum() {
      return scroll.sum();
    }
  }

  record Model(Map<String, Long> numbers) implements Target {
    @Override
    public long read(String key) {
      return numbers.getOrDefault(key, 0L);
    }

    @Override
    public void write(String key, long value) {
      numbers.put(key, value);
    }

    @Override
    public long swap(String key, long value) {
      long before = read(key);
      write(key, value);
      return before;
    }

    @Override
    public long sum() {
      return numbers.values().stream().mapToLong(Long::longValue).sum();
    }
  }

  /** A map and a plain object. */
  record Both(Target map, Target plain) {
    static Both of(Milonga store, int tryNumber) {
      return new Both(
          new MapTarget(store.map("map-" + tryNumber, String.class, Long.class)),
          new PlainTarget(store.object(Scroll.class, "plain-" + tryNumber)));
    }

    static Both model() {
      return new Both(new Model(new HashMap<>()), new Model(new HashMap<>()));
    }

    long take(Step step) {
      return step.on(step.plain ? plain : map);
    }

    List<Long> contents() {
      return List.of(
          map.read("a"), map.read("b"), map.sum(), plain.read("a"), plain.read("b"), plain.sum());
    }
  }

  /** What a script has seen, and from when to when it ran, in turns. */
  record Run(Script script, List<Long> seen, int begun, int ended) {}

  // One log for all tries, each of which has objects of its own.
  private final SharedLog log = InMemoryLog.create();
  private final List<Milonga> stores = List.of(Milonga.over(log), Milonga.over(log));
  private int tries;

  @AfterProperty
  void close() {
    stores.forEach(Milonga::close);
    log.close();
  }

  @Provide
  Arbitrary<Script> scripts() {
    Arbitrary<Step> step =
        Combinators.combine(
                Arbitraries.of(Act.class),
                Arbitraries.of(true, false),
                Arbitraries.of("a", "b"),
                Arbitraries.integers().between(1, 1_000))
            .as(Step::new);
    return Combinators.combine(
            Arbitraries.frequencyOf(
                Tuple.of(5, Arbitraries.just(Mode.TRANSACTION)),
                Tuple.of(2, Arbitraries.of(Mode.class))),
            step.list().ofMinSize(1).ofMaxSize(4))
        .as(Script::new);
  }

  @Property(tries = 400)
  void anyInterleaving_equalsSomeOrderThatRespectsRealTime(
      @ForAll @Size(min = 2, max = 3) List<@From("scripts") Script> scripts,
      @ForAll @Size(max = 16) List<@IntRange(max = 2) Integer> turns)
      throws Exception {
    tries++;
    List<Run> runs = interleave(scripts, turns);

    List<Long> left = Both.of(stores.get(0), tries).contents();
    assertThat(Both.of(stores.get(1), tries).contents()).isEqualTo(left);
    assertThat(isExplained(runs, new ArrayList<>(), left))
        .as("there is an order that explains %s, which left %s", runs, left)
        .isTrue();
  }

  private List<Run> interleave(List<Script> scripts, List<Integer> drawn) throws Exception {
    try (Turns turns = new Turns()) {
      List<Future<List<Long>>> seen = new ArrayList<>();
      for (int i = 0; i < scripts.size(); i++) {
        int thread = i;
        Milonga store = stores.get(i % stores.size());
        Both both = Both.of(store, tries);
        seen.add(turns.add(() -> run(scripts.get(thread), store, both, () -> turns.next(thread))));
      }
      int[] begun = new int[scripts.size()];
      int[] ended = new int[scripts.size()];
      int turn = 0;
      for (int last = 0; last < scripts.size(); ) {
        // As drawn, as long as that lasts; then one after the other.
        int thread = turn < drawn.size() ? drawn.get(turn) % scripts.size() : last;
        turn++;
        if (turns.hasEnded(thread)) {
          last += turn > drawn.size() ? 1 : 0;
          continue;
        }
        begun[thread] = begun[thread] == 0 ? turn : begun[thread];
        turns.grant(thread);
        ended[thread] = turn;
      }
      List<Run> runs = new ArrayList<>();
      for (int i = 0; i < scripts.size(); i++) {
        runs.add(new Run(scripts.get(i), seen.get(i).get(), begun[i], ended[i]));
      }
      return runs;
    }
  }

  private static List<Long> run(Script script, Milonga store, Both both, Runnable nextTurn) {
    List<Long> seen = new ArrayList<>();
    Runnable block =
        () -> {
          seen.clear();
          for (Step step : script.taken()) {
            seen.add(both.take(step));
            nextTurn.run();
          }
        };
    switch (script.mode()) {
      case TRANSACTION -> store.transact(block);
      case TRANSACTION_WITH_NESTED_BLOCK ->
          store.transact(
              () -> {
                seen.clear();
                for (Step step : script.taken()) {
                  store.transact(() -> seen.add(both.take(step)));
                  nextTurn.run();
                }
              });
      case SNAPSHOT ->
          store.snapshot(
              () -> {
                block.run();
                return null;
              });
      default -> script.taken().forEach(step -> seen.add(both.take(step)));
    }
    return seen;
  }

  // Tries every order in which each comes after those that were over before it began.
  private static boolean isExplained(List<Run> runs, List<Run> order, List<Long> left) {
    if (order.size() == runs.size()) {
      return explains(order, left);
    }
    for (Run next : runs) {
      boolean mayFollow =
          runs.stream().noneMatch(other -> !order.contains(other) && other.ended() < next.begun());
      if (!order.contains(next) && mayFollow) {
        order.add(next);
        boolean explained = isExplained(runs, order, left);
        order.remove(next);
        if (explained) {
          return true;
        }
      }
    }
    return false;
  }

  private static boolean explains(List<Run> order, List<Long> left) {
    Both model = Both.model();
    for (Run run : order) {
      List<Long> seen = run.script().taken().stream().map(model::take).toList();
      if (!seen.equals(run.seen())) {
        return false;
      }
    }
    return model.contents().equals(left);
  }
}
