package dev.milonga.tests;

import dev.milonga.Milonga;
import dev.milonga.collections.ReplicatedCounter;
import dev.milonga.collections.ReplicatedMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;

/** Three numbers in objects, each raised by one thread for ever: a call, and a block of calls. */
final class Tallies {

  private static final String N = "n";

  private final Milonga store;
  private final ReplicatedCounter counter;
  private final ReplicatedMap<String, Long> map;
  private final ReplicatedMap<String, Long> left;
  private final ReplicatedMap<String, Long> right; // always as the left one

  Tallies(Milonga store) {
    this.store = store;
    this.counter = store.counter("counter");
    this.map = store.map("map", String.class, Long.class);
    this.left = store.map("left", String.class, Long.class);
    this.right = store.map("right", String.class, Long.class);
  }

  /** How far they have come. */
  Map<String, Long> values() {
    return store.snapshot(
        () ->
            Map.of(
                "counter", counter.get(),
                "map", map.getOrDefault(N, 0L),
                "left", left.getOrDefault(N, 0L),
                "right", right.getOrDefault(N, 0L)));
  }

  /** What raises them, and tells of each: {@code tally NAME VALUE}. */
  List<Callable<Void>> work(ChildPipe pipe) {
    return List.of(
        () -> forEver(pipe, "counter", () -> counter.addAndGet(1)),
        () -> forEver(pipe, "map", () -> map.merge(N, 1L, Long::sum)),
        () -> forEver(pipe, "left", () -> store.transact(this::raiseBoth)));
  }

  private long raiseBoth() {
    long next = left.getOrDefault(N, 0L) + 1;
    left.put(N, next);
    right.put(N, next);
    return next;
  }

  private static Void forEver(ChildPipe pipe, String name, Callable<Long> call) throws Exception {
    while (true) {
      pipe.tell("tally " + name + " " + call.call());
    }
  }
}
