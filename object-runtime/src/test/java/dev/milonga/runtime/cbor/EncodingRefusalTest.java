package dev.milonga.runtime.cbor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.milonga.runtime.EncodingException;
import dev.milonga.runtime.TupleCodec;
import dev.milonga.runtime.TypeToken;
import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.ConcurrentModificationException;
import java.util.Date;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.LinkedList;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** O2: a value that cannot be encoded is refused, and the message says which, where, and why. */
class EncodingRefusalTest {

  private final CborCodec codec = new CborCodec();

  @Test
  void O2_subclassOfDeclaredClass_isRefusedInsteadOfSliced() {
    Type type = new TypeToken<Map<String, List<Animal>>>() {}.type();
    TupleCodec tuple = codec.tuple(List.of(int.class, type));
    Object kennel = Map.of("kennel", List.of(new Animal(), new Dog()));

    assertThatThrownBy(() -> tuple.encode(1, kennel))
        .isInstanceOf(EncodingException.class)
        .hasMessageContainingAll(
            "value 2 of 2",
            "[kennel][1]",
            Animal.class.getTypeName(),
            Dog.class.getTypeName(),
            "sealed");
  }

  @Test
  void O2_subclassesOfScalars_areRefused() {
    refused(BigDecimal.class, new BigDecimal("1") {}, "BigDecimal");
    refused(Date.class, new java.sql.Timestamp(0), "java.sql.Timestamp");
  }

  @Test
  void O2_valueOfAnotherClassThanDeclared_isRefused() {
    List<Object> polluted = new ArrayList<>(List.of("a", 1));

    refused(new TypeToken<List<String>>() {}.type(), polluted, "[1]", "java.lang.Integer");
    refused(String.class, 1, "java.lang.String", "java.lang.Integer");
  }

  @Test
  void O2_nullForAPrimitive_isRefused() {
    refused(int.class, null, "primitive");
  }

  @Test
  void O2_cycle_isRefusedWithoutOverflow() {
    Node node = new Node();
    node.next = node;
    List<Object> list = new ArrayList<>();
    list.add(list);
    Tree[] children = new Tree[1];
    Tree tree = new Tree(children);
    children[0] = tree;

    refused(Node.class, node, "contains itself", ".next");
    refused(Tree.class, tree, "contains itself", "children[0]");
  }

  @Test
  void O2_valueThatUnfoldsWithoutEnd_isRefusedBeforeMemoryRunsOut() {
    Tree tree = new Tree(new Tree[0]);
    for (int i = 0; i < 60; i++) {
      tree = new Tree(new Tree[] {tree, tree});
    }

    refused(Tree.class, tree, "MiB");
  }

  @Test
  void O2_orderByAComparator_isRefusedWhereItWouldBeLost() {
    SortedSet<String> set = new TreeSet<>(Comparator.reverseOrder());
    SortedMap<String, String> map = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);

    refused(new TypeToken<SortedSet<String>>() {}.type(), set, "comparator");
    refused(new TypeToken<SortedMap<String, String>>() {}.type(), map, "comparator");
    refused(
        new TypeToken<PriorityQueue<String>>() {}.type(),
        new PriorityQueue<String>(Comparator.reverseOrder()),
        "comparator");
    refused(
        new TypeToken<Queue<String>>() {}.type(), new PriorityQueue<>(List.of("a")), "priority");
  }

  @Test
  void O2_keysThatAreEqualInOneMap_areRefused() {
    Map<String, String> map = new IdentityHashMap<>();
    map.put(new String("a"), "1");
    map.put(new String("a"), "2");

    refused(new TypeToken<Map<String, String>>() {}.type(), map, "keys that are equal");
  }

  @Test
  void O2_nullInAQueue_isRefused() {
    Queue<@Nullable String> queue = new LinkedList<>(Arrays.asList("a", null));

    refused(new TypeToken<Queue<String>>() {}.type(), queue, "[1]", "null");
  }

  @Test
  void O2_subclassOfADeclaredCollectionClass_isRefused() {
    refused(
        new TypeToken<HashMap<String, String>>() {}.type(),
        new HashMap<String, String>() {},
        "HashMap");
  }

  @Test
  void O2_collectionThatThrows_isReportedWithItsPlace() {
    List<String> hostile =
        new AbstractList<>() {
          @Override
          public String get(int index) {
            if (index == 2) {
              throw new ConcurrentModificationException("changed");
            }
            return "x";
          }

          @Override
          public int size() {
            return 5;
          }
        };

    refused(new TypeToken<List<String>>() {}.type(), hostile, "[2]", "changed");
  }

  @Test
  void unknownCase_isRefusedWithTheNamesOfTheCases() {
    refused(Pet.class, new WildCat(), "WildCat", "Cat");
  }

  @Test
  void wrongNumberOfValues_isAnArgumentError() {
    assertThatThrownBy(() -> codec.tuple(List.of(int.class)).encode(1, 2))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void subclassesOfInterfaces_areCarriedAsTheirElements() {
    Map<String, String> subclass = new LinkedHashMap<>() {};
    subclass.put("a", "b");
    TupleCodec tuple =
        codec.tuple(
            List.of(
                new TypeToken<Map<String, String>>() {}.type(),
                new TypeToken<Set<String>>() {}.type()));

    Object[] arrived = tuple.decode(tuple.encode(subclass, subclass.keySet()));

    assertThat(arrived).containsExactly(subclass, Set.of("a"));
  }

  private void refused(Type type, @Nullable Object value, String... parts) {
    TupleCodec tuple = codec.tuple(List.of(type));

    assertThatThrownBy(() -> tuple.encode(value))
        .isInstanceOf(EncodingException.class)
        .hasMessageContaining("value 1 of 1")
        .hasMessageContainingAll(parts);
  }

  static class Animal {
    int legs = 4;
  }

  static class Dog extends Animal {
    String owner = "o";
  }

  static class Node {
    @Nullable Node next;
  }

  record Tree(Tree[] children) {}

  sealed interface Pet permits Cat {}

  static non-sealed class Cat implements Pet {
    int lives = 9;
  }

  static class WildCat extends Cat {}
}
