package dev.milonga.tests;

import dev.milonga.Milonga;
import dev.milonga.collections.CollectionSuites;
import java.util.EnumMap;
import java.util.Map;
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
 * Guava's suites on the proxies that a store hands out, each test on an object of its own: all of
 * them over the in-memory log; over the others a sample, or all with {@code -Dmilonga.suites=true}.
 */
class CollectionSuitesOverStoresTest {

  private static final Map<LogKind, Logs> LOGS = new EnumMap<>(LogKind.class);
  private static final Map<LogKind, Milonga> STORES = new EnumMap<>(LogKind.class);
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
    return overEveryLog(
        CollectionSuites::map, (store, name) -> store.map(name, String.class, String.class));
  }

  @TestFactory
  Stream<DynamicNode> sortedMap() {
    return overEveryLog(
        CollectionSuites::sortedMap,
        (store, name) -> store.sortedMap(name, String.class, String.class));
  }

  @TestFactory
  Stream<DynamicNode> set() {
    return overEveryLog(CollectionSuites::set, (store, name) -> store.set(name, String.class));
  }

  @TestFactory
  Stream<DynamicNode> list() {
    return overEveryLog(CollectionSuites::list, (store, name) -> store.list(name, String.class));
  }

  @TestFactory
  Stream<DynamicNode> queue() {
    return overEveryLog(CollectionSuites::queue, (store, name) -> store.queue(name, String.class));
  }

  private interface Opener<C> {
    C open(Milonga store, String name);
  }

  private static <C> Stream<DynamicNode> overEveryLog(
      Function<Supplier<C>, Stream<DynamicNode>> suite, Opener<C> opener) {
    return Stream.of(LogKind.values())
        .map(
            kind ->
                DynamicContainer.dynamicContainer(
                    kind.name(),
                    suite.apply(
                        () ->
                            opener.open(STORES.get(kind), "object-" + OBJECTS.incrementAndGet()))));
  }
}
