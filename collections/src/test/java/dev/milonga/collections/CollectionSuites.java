package dev.milonga.collections;

import com.google.common.collect.testing.ConcurrentMapTestSuiteBuilder;
import com.google.common.collect.testing.ConcurrentNavigableMapTestSuiteBuilder;
import com.google.common.collect.testing.FeatureSpecificTestSuiteBuilder;
import com.google.common.collect.testing.ListTestSuiteBuilder;
import com.google.common.collect.testing.QueueTestSuiteBuilder;
import com.google.common.collect.testing.SetTestSuiteBuilder;
import com.google.common.collect.testing.TestStringListGenerator;
import com.google.common.collect.testing.TestStringMapGenerator;
import com.google.common.collect.testing.TestStringQueueGenerator;
import com.google.common.collect.testing.TestStringSetGenerator;
import com.google.common.collect.testing.TestStringSortedMapGenerator;
import com.google.common.collect.testing.features.CollectionFeature;
import com.google.common.collect.testing.features.CollectionSize;
import com.google.common.collect.testing.features.ListFeature;
import com.google.common.collect.testing.features.MapFeature;
import com.google.common.collect.testing.features.SetFeature;
import com.google.common.collect.testing.testers.ListListIteratorTester;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.SortedMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.ConcurrentNavigableMap;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import junit.framework.Test;
import junit.framework.TestCase;
import junit.framework.TestSuite;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;

/**
 * Guava's suites for the provided collections, wherever these come from: each takes a supplier of
 * new and empty ones, and gives the tests to return from a {@code @TestFactory} method.
 *
 * <p>All features are claimed but for these, which no replicated collection has:
 *
 * <ul>
 *   <li>{@code ALLOWS_NULL_VALUES, ALLOWS_NULL_KEYS, ALLOWS_NULL_QUERIES} and so on: {@code null}
 *       stands for "no such entry" in the results of mutators, and is refused as in {@code
 *       ConcurrentHashMap}.
 *   <li>{@code SERIALIZABLE, SERIALIZABLE_INCLUDING_VIEWS}: an object is opened by name, never
 *       sent.
 *   <li>{@code FAILS_FAST_ON_CONCURRENT_MODIFICATION}: an iterator runs over one moment, and
 *       nothing that happens later fails it.
 *   <li>{@code RESTRICTS_ELEMENTS, RESTRICTS_KEYS, RESTRICTS_VALUES,
 *       REJECTS_DUPLICATES_AT_CREATION, NON_STANDARD_TOSTRING, REMOVE_OPERATIONS, DESCENDING_VIEW,
 *       SUBSET_VIEW}: they say that less is done, or are for the suites' own use.
 *   <li>{@code SUPPORTS_ITERATOR_REMOVE} of the list and the queue: the iterator runs over one
 *       moment, and knows an element only by its index then; removing at that index, or the first
 *       equal element, could remove another one. {@code CopyOnWriteArrayList} leaves it out
 *       likewise.
 * </ul>
 */
public final class CollectionSuites {

  private CollectionSuites() {}

  /** The suite of a {@link ReplicatedMap}. */
  public static Stream<DynamicNode> map(Supplier<? extends ConcurrentMap<String, String>> empty) {
    return nodes(
        ConcurrentMapTestSuiteBuilder.using(
                new TestStringMapGenerator() {
                  @Override
                  protected Map<String, String> create(Map.Entry<String, String>[] entries) {
                    return fill(empty.get(), entries);
                  }
                })
            .named("map")
            .withFeatures(
                MapFeature.GENERAL_PURPOSE,
                CollectionFeature.KNOWN_ORDER,
                CollectionFeature.SUPPORTS_ITERATOR_REMOVE,
                CollectionSize.ANY));
  }

  /** The suite of a {@link ReplicatedSortedMap}, which includes those of its views. */
  public static Stream<DynamicNode> sortedMap(
      Supplier<? extends ConcurrentNavigableMap<String, String>> empty) {
    return nodes(
        ConcurrentNavigableMapTestSuiteBuilder.using(
                new TestStringSortedMapGenerator() {
                  @Override
                  protected SortedMap<String, String> create(Map.Entry<String, String>[] entries) {
                    return fill(empty.get(), entries);
                  }
                })
            .named("sortedMap")
            .withFeatures(
                MapFeature.GENERAL_PURPOSE,
                CollectionFeature.KNOWN_ORDER,
                CollectionFeature.SUPPORTS_ITERATOR_REMOVE,
                CollectionSize.ANY));
  }

  /** The suite of a {@link ReplicatedSet}. */
  public static Stream<DynamicNode> set(Supplier<? extends Set<String>> empty) {
    return nodes(
        SetTestSuiteBuilder.using(
                new TestStringSetGenerator() {
                  @Override
                  protected Set<String> create(String[] elements) {
                    Set<String> set = empty.get();
                    set.addAll(Arrays.asList(elements));
                    return set;
                  }
                })
            .named("set")
            .withFeatures(
                SetFeature.GENERAL_PURPOSE,
                CollectionFeature.KNOWN_ORDER,
                CollectionFeature.SUPPORTS_ITERATOR_REMOVE,
                CollectionSize.ANY));
  }

  /** The suite of a {@link ReplicatedList}. */
  public static Stream<DynamicNode> list(Supplier<? extends List<String>> empty) {
    return nodes(
        ListTestSuiteBuilder.using(
                new TestStringListGenerator() {
                  @Override
                  protected List<String> create(String[] elements) {
                    List<String> list = empty.get();
                    list.addAll(Arrays.asList(elements));
                    return list;
                  }
                })
            .named("list")
            .withFeatures(
                ListFeature.SUPPORTS_SET,
                ListFeature.SUPPORTS_ADD_WITH_INDEX,
                ListFeature.SUPPORTS_REMOVE_WITH_INDEX,
                CollectionFeature.SUPPORTS_ADD,
                CollectionFeature.SUPPORTS_REMOVE,
                CollectionSize.ANY)
            // It needs an iterator that removes, whatever features are claimed.
            .suppressing(ListListIteratorTester.getListIteratorFullyModifiableMethod()));
  }

  /** The suite of a {@link ReplicatedQueue}. */
  public static Stream<DynamicNode> queue(Supplier<? extends Queue<String>> empty) {
    return nodes(
        QueueTestSuiteBuilder.using(
                new TestStringQueueGenerator() {
                  @Override
                  protected Queue<String> create(String[] elements) {
                    Queue<String> queue = empty.get();
                    queue.addAll(Arrays.asList(elements));
                    return queue;
                  }
                })
            .named("queue")
            .withFeatures(
                CollectionFeature.SUPPORTS_ADD,
                CollectionFeature.SUPPORTS_REMOVE,
                CollectionFeature.KNOWN_ORDER,
                CollectionSize.ANY));
  }

  private static <M extends Map<String, String>> M fill(
      M map, Map.Entry<String, String>[] entries) {
    for (Map.Entry<String, String> entry : entries) {
      map.put(entry.getKey(), entry.getValue());
    }
    return map;
  }

  private static Stream<DynamicNode> nodes(FeatureSpecificTestSuiteBuilder<?, ?> builder) {
    TestSuite suite = builder.createTestSuite();
    if (suite.countTestCases() == 0) {
      throw new AssertionError("no tests in suite " + suite.getName());
    }
    return children(suite);
  }

  private static Stream<DynamicNode> children(TestSuite suite) {
    return IntStream.range(0, suite.testCount())
        .mapToObj(suite::testAt)
        .map(CollectionSuites::node);
  }

  private static DynamicNode node(Test test) {
    if (test instanceof TestSuite suite) {
      return DynamicContainer.dynamicContainer(suite.getName(), children(suite));
    }
    TestCase testCase = (TestCase) test;
    return DynamicTest.dynamicTest(testCase.getName(), testCase::runBare);
  }
}
