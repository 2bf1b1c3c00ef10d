package dev.milonga.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;

class StateImagePropertyTest {

  @Property(tries = 100)
  void copiedAndRestoredStates_goOnLikeTheOriginal(
      @ForAll @Size(max = 60) List<Integer> before, @ForAll @Size(max = 60) List<Integer> after) {
    StateImage<Warehouse> image = StateImageTest.image(Warehouse.class, Warehouse::new);
    Warehouse original = image.fresh();
    before.forEach(original::step);

    Warehouse copy = image.copy(original);
    Warehouse restored = image.restore(StateImageTest.written(image, original).iterator());
    Warehouse restoredCopy = image.restore(StateImageTest.written(image, copy).iterator());

    assertThat(image.digest(copy)).isEqualTo(image.digest(original));
    assertThat(image.digest(restored)).isEqualTo(image.digest(original));
    for (int n : after) {
      String expected = original.step(n);
      assertThat(copy.step(n)).isEqualTo(expected);
      assertThat(restored.step(n)).isEqualTo(expected);
      assertThat(restoredCopy.step(n)).isEqualTo(expected);
    }
    assertThat(image.digest(restoredCopy)).isEqualTo(image.digest(original));
  }

  /** A graph without circles: nodes that refer to nodes that were made before them. */
  static class Graph {
    static final class Node {
      private String name = "";
      private List<Node> before = new ArrayList<>();
      private Optional<Node> first = Optional.empty();
      private Node[] all = {};
    }

    private final Map<Integer, Node> nodes = new LinkedHashMap<>();

    void add(String name, List<Integer> edges) {
      Node node = new Node();
      node.name = name;
      for (int edge : edges) {
        if (!nodes.isEmpty()) {
          node.before.add(nodes.get(Math.floorMod(edge, nodes.size())));
        }
      }
      node.first = node.before.stream().findFirst();
      node.all = node.before.toArray(new Node[0]);
      nodes.put(nodes.size(), node);
    }

    /** Which node each reference leads to, by its number. */
    List<String> shape() {
      List<Node> numbered = List.copyOf(nodes.values());
      List<String> shape = new ArrayList<>();
      for (Node node : numbered) {
        StringBuilder line = new StringBuilder(node.name);
        node.before.forEach(each -> line.append(' ').append(indexOf(numbered, each)));
        node.first.ifPresent(each -> line.append(" first ").append(indexOf(numbered, each)));
        for (Node each : node.all) {
          line.append(" of ").append(indexOf(numbered, each));
        }
        shape.add(line.toString());
      }
      return shape;
    }

    private static int indexOf(List<Node> nodes, Node node) {
      for (int i = 0; i < nodes.size(); i++) {
        if (nodes.get(i) == node) {
          return i;
        }
      }
      return -1;
    }
  }

  @Provide
  Arbitrary<List<Map.Entry<String, List<Integer>>>> nodes() {
    Arbitrary<List<Integer>> edges = Arbitraries.integers().list().ofMaxSize(4);
    return Arbitraries.entries(Arbitraries.strings().ofMaxLength(5), edges).list().ofMaxSize(40);
  }

  @Property(tries = 200)
  void whateverIsShared_isSharedInTheSameWay(
      @ForAll("nodes") List<Map.Entry<String, List<Integer>>> nodes) {
    StateImage<Graph> image = StateImageTest.image(Graph.class, Graph::new);
    Graph original = image.fresh();
    nodes.forEach(each -> original.add(each.getKey(), each.getValue()));

    Graph copy = image.copy(original);
    Graph restored = image.restore(StateImageTest.written(image, original).iterator());

    assertThat(copy.shape()).isEqualTo(original.shape());
    assertThat(restored.shape()).isEqualTo(original.shape());
    assertThat(image.digest(restored)).isEqualTo(image.digest(original));
  }
}
