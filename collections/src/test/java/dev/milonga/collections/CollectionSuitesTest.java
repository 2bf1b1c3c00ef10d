package dev.milonga.collections;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.TestFactory;

/** The suites on the classes themselves: an object that nobody has opened is a local collection. */
class CollectionSuitesTest {

  @TestFactory
  Stream<DynamicNode> localMap() {
    return CollectionSuites.map(ReplicatedMap::new);
  }

  @TestFactory
  Stream<DynamicNode> localSortedMap() {
    return CollectionSuites.sortedMap(ReplicatedSortedMap::new);
  }

  @TestFactory
  Stream<DynamicNode> localSet() {
    return CollectionSuites.set(ReplicatedSet::new);
  }

  @TestFactory
  Stream<DynamicNode> localList() {
    return CollectionSuites.list(ReplicatedList::new);
  }

  @TestFactory
  Stream<DynamicNode> localQueue() {
    return CollectionSuites.queue(ReplicatedQueue::new);
  }
}
