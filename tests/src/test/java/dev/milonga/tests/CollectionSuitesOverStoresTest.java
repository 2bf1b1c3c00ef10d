package dev.milonga.tests;

import dev.milonga.Milonga;
import dev.milonga.collections.CollectionSuites;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.TestFactory;

/**
 * Guava's suites on the proxies that a store hands out, each test on an object of its own. Of the
 * 33,280 tests of a sorted map and its views, which all run on the class itself, a sample runs over
 * the in-memory log; with {@code -Dmilonga.suites=true}, all of them run over every log.
 */
class CollectionSuitesOverStoresTest {

  private static final Map<LogKind, Logs> LOGS = new EnumMap<>(LogKind.class);
  private static final Map<LogKind, Milonga> STORES = new EnumMap<>(LogKind.class);
  private static final int SAMPLED = 20;
  private static final AtomicInteger OBJECTS = new AtomicInteger();

  @BeforeAll
  static void open() {
    for (LogKind kind : LogKind.values()) {
      LOGS.put(kind, Logs.openWithoutSync(kind));
      STORES.put(kind, LOGS.get(kind).client());
    }
  }

  @AfterAll
  static void close() {
    LOGS.values().forEach(Logs::close);
  }

  @TestFactory
  Stream<DynamicNode> map() {
    return over(
        Stream.of(LogKind.values()),
        CollectionSuites::map,
        (store, name) -> store.map(name, String.class, String.class));
  }

  @TestFactory
  Stream<DynamicNode> sortedMap() {
    boolean all = Boolean.getBoolean("milonga.suites");
    AtomicInteger count = new AtomicInteger();
    Stream<DynamicNode> suites =
        over(
            all ? Stream.of(LogKind.values()) : Stream.of(LogKind.IN_MEMORY),
            CollectionSuites::sortedMap,
            (store, name) -> store.sortedMap(name, String.class, String.class));
    return all ? suites : suites.flatMap(suite -> sampleOf(suite, count).stream());
  }

  @TestFactory
  Stream<DynamicNode> set() {
    return over(
        Stream.of(LogKind.values()),
        CollectionSuites::set,
        (store, name) -> store.set(name, String.class));
  }

  @TestFactory
  Stream<DynamicNode> list() {
    return over(
        Stream.of(LogKind.values()),
        CollectionSuites::list,
        (store, name) -> store.list(name, String.class));
  }

  @TestFactory
  Stream<DynamicNode> queue() {
    return over(
        Stream.of(LogKind.values()),
        CollectionSuites::queue,
        (store, name) -> store.queue(name, String.class));
  }

  private interface Opener<C> {
    C open(Milonga store, String name);
  }

  private static <C> Stream<DynamicNode> over(
      Stream<LogKind> kinds, Function<Supplier<C>, Stream<DynamicNode>> suite, Opener<C> opener) {
    return kinds.map(
        kind ->
            DynamicContainer.dynamicContainer(
                kind.name(),
                suite.apply(
                    () -> opener.open(STORES.get(kind), "object-" + OBJECTS.incrementAndGet()))));
  }

  /** One test of so many. */
  private static Optional<DynamicNode> sampleOf(DynamicNode node, AtomicInteger count) {
    if (node instanceof DynamicContainer container) {
      List<DynamicNode> taken = new ArrayList<>();
      container.getChildren().forEach(child -> sampleOf(child, count).ifPresent(taken::add));
      return taken.isEmpty()
          ? Optional.empty()
          : Optional.of(DynamicContainer.dynamicContainer(container.getDisplayName(), taken));
    }
    return count.incrementAndGet() % SAMPLED == 0 ? Optional.of(node) : Optional.empty();
  }
}
