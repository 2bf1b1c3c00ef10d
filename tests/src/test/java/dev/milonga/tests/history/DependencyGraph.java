package dev.milonga.tests.history;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Which transaction has to come before which, and why. */
final class DependencyGraph {

  /** Why one comes before another. */
  enum Kind {
    /** The other has written over, or behind, what the one wrote. */
    WRITE_WRITE,
    /** The other has read what the one wrote. */
    WRITE_READ,
    /** The other has written what the one did not see: an anti-dependency. */
    READ_WRITE,
    /** The one was over before the other began. */
    REAL_TIME
  }

  /** An edge, and the reason in words. */
  record Edge(int from, int to, Kind kind, String key, String reason) {}

  private final List<List<Edge>> edges = new ArrayList<>();

  DependencyGraph(int nodes) {
    for (int i = 0; i < nodes; i++) {
      edges.add(new ArrayList<>());
    }
  }

  void add(Transaction from, Transaction to, Kind kind, String key, String reason) {
    if (from.number() != to.number()) {
      edges.get(from.number()).add(new Edge(from.number(), to.number(), kind, key, reason));
    }
  }

  /** A shortest cycle of some component that has one, by edges of these kinds alone. */
  Optional<List<Edge>> cycle(Set<Kind> kinds) {
    int[] components = new Tarjan(kinds).components();
    int[] sizes = new int[edges.size()];
    Arrays.stream(components).forEach(component -> sizes[component]++);
    List<Edge> best = null;
    for (int node = 0; node < edges.size() && (best == null || best.size() > 2); node++) {
      if (sizes[components[node]] > 1) {
        List<Edge> cycle = shortestFrom(node, kinds, components);
        best = best == null || cycle.size() < best.size() ? cycle : best;
      }
    }
    return Optional.ofNullable(best);
  }

  // In a component with more than one node there is a way from each back to itself.
  private List<Edge> shortestFrom(int start, Set<Kind> kinds, int[] components) {
    Edge[] reachedBy = new Edge[edges.size()];
    Deque<Integer> queue = new ArrayDeque<>(List.of(start));
    while (reachedBy[start] == null) {
      for (Edge edge : edges.get(queue.remove())) {
        if (kinds.contains(edge.kind)
            && components[edge.to] == components[start]
            && reachedBy[edge.to] == null) {
          reachedBy[edge.to] = edge;
          queue.add(edge.to);
        }
      }
    }
    List<Edge> path = new ArrayList<>();
    int at = start;
    do {
      path.add(reachedBy[at]);
      at = reachedBy[at].from;
    } while (at != start);
    Collections.reverse(path);
    return path;
  }

  /**
   * Strongly connected components (Tarjan 1972), with a stack of its own: a history is a long
   * chain.
   */
  private final class Tarjan {

    private final Set<Kind> kinds;
    private final int[] index = new int[edges.size()]; // order of discovery, from 1; 0: not yet
    private final int[] low = new int[edges.size()];
    private final int[] component = new int[edges.size()];
    private final int[] nextEdge = new int[edges.size()];
    private final boolean[] onStack = new boolean[edges.size()];
    private final Deque<Integer> stack = new ArrayDeque<>();
    private final Deque<Integer> path = new ArrayDeque<>();
    private int discovered;
    private int found;

    Tarjan(Set<Kind> kinds) {
      this.kinds = kinds;
    }

    int[] components() {
      for (int node = 0; node < edges.size(); node++) {
        if (index[node] == 0) {
          explore(node);
        }
      }
      return component;
    }

    private void explore(int root) {
      enter(root);
      while (!path.isEmpty()) {
        int node = path.peek();
        if (nextEdge[node] < edges.get(node).size()) {
          Edge edge = edges.get(node).get(nextEdge[node]++);
          if (!kinds.contains(edge.kind)) {
            continue;
          }
          if (index[edge.to] == 0) {
            enter(edge.to);
          } else if (onStack[edge.to]) {
            low[node] = Math.min(low[node], index[edge.to]);
          }
        } else {
          leave(path.pop());
        }
      }
    }

    private void enter(int node) {
      index[node] = ++discovered;
      low[node] = discovered;
      stack.push(node);
      onStack[node] = true;
      path.push(node);
    }

    private void leave(int node) {
      if (!path.isEmpty()) {
        low[path.peek()] = Math.min(low[path.peek()], low[node]);
      }
      if (low[node] == index[node]) {
        int member;
        do {
          member = stack.pop();
          onStack[member] = false;
          component[member] = found;
        } while (member != node);
        found++;
      }
    }
  }
}
