package dev.milonga.tests.history;

import dev.milonga.tests.history.DependencyGraph.Edge;
import dev.milonga.tests.history.DependencyGraph.Kind;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Finds out whether a history of transactions can be strictly serializable, after Elle (Kingsbury
 * and Alvaro 2020):
 *
 * <ol>
 *   <li>What was read is checked by itself: written by somebody, by one that has not failed, by the
 *       last of its writes to that key; an append that had returned is there; no two reads of one
 *       list contradict each other.
 *   <li>What was read tells the order of the versions of each key, and so which transaction has to
 *       come before which: the writer of a version before its reader and before the writer of the
 *       next, a reader before the writer of what it did not see. One that was over comes before
 *       those that began later.
 *   <li>These dependencies have no cycle iff there is an order of all transactions, one at a time,
 *       that explains what was seen and respects real time, as far as the order of versions is
 *       known. Lists tell all of theirs.
 * </ol>
 *
 * <p>A transaction of unknown outcome counts if one that counts has read what it wrote.
 */
public final class SerializabilityChecker {

  // Without real time first, since that says more about what is wrong.
  private static final List<Set<Kind>> CYCLES =
      List.of(
          EnumSet.of(Kind.WRITE_WRITE),
          EnumSet.of(Kind.WRITE_WRITE, Kind.WRITE_READ),
          EnumSet.complementOf(EnumSet.of(Kind.REAL_TIME)),
          EnumSet.allOf(Kind.class));

  private final List<Transaction> all;
  private final Writers writers;
  private final Findings findings = new Findings();
  private final Map<String, ListKey> lists = new LinkedHashMap<>();
  private final Map<String, RegisterKey> registers = new LinkedHashMap<>();

  private SerializabilityChecker(List<Operation> history) {
    this.all = Transaction.of(history);
    this.writers = new Writers(all);
  }

  /**
   * What is wrong with that history; nothing, if the list is empty.
   *
   * @param history operations whose argument is a list of {@link Action}s
   * @throws IllegalArgumentException if an element was appended, or a value written, twice
   */
  public static List<Anomaly> check(List<Operation> history) {
    return new SerializabilityChecker(history).check();
  }

  private List<Anomaly> check() {
    Set<Transaction> effective = effective();
    effective.forEach(this::distribute);
    DependencyGraph graph = new DependencyGraph(all.size());
    lists.values().forEach(list -> list.check(writers, graph));
    registers.values().forEach(register -> register.check(writers, graph));
    if (findings.isEmpty()) {
      RealTime.pairs(
          effective,
          (earlier, later) ->
              graph.add(earlier, later, Kind.REAL_TIME, "", earlier + " was over before " + later));
      findCycle(graph);
    }
    return findings.all();
  }

  // Those that have committed, and those of unknown outcome whose writes they have seen.
  private Set<Transaction> effective() {
    Set<Transaction> effective = new LinkedHashSet<>();
    Deque<Transaction> next = new ArrayDeque<>();
    all.stream().filter(Transaction::hasCommitted).forEach(next::add);
    while (!next.isEmpty()) {
      Transaction reader = next.remove();
      if (effective.add(reader)) {
        for (Action action : reader.actions()) {
          if (action instanceof Action.ListRead read) {
            read.elements().forEach(element -> addUnknown(read.key(), element, next));
          } else if (action instanceof Action.Read read && read.value() != null) {
            addUnknown(read.key(), read.value(), next);
          }
        }
      }
    }
    return effective;
  }

  private void addUnknown(String key, Object read, Deque<Transaction> next) {
    writers
        .of(key, read)
        .filter(writer -> !writer.hasCommitted() && !writer.hasFailed())
        .ifPresent(next::add);
  }

  private void distribute(Transaction transaction) {
    for (Action action : transaction.actions()) {
      if (action instanceof Action.Append append) {
        list(append).append(transaction, append.element());
      } else if (action instanceof Action.ListRead read) {
        list(read).read(transaction, read.elements());
      } else if (action instanceof Action.SizeRead read) {
        list(read).readSize(transaction, read.size());
      } else if (action instanceof Action.Write write) {
        register(write).write(transaction, write.value());
      } else if (action instanceof Action.Read read) {
        register(read).read(transaction, read.value());
      }
    }
  }

  private ListKey list(Action action) {
    return lists.computeIfAbsent(action.key(), key -> new ListKey(key, findings));
  }

  private RegisterKey register(Action action) {
    return registers.computeIfAbsent(action.key(), key -> new RegisterKey(key, findings));
  }

  private void findCycle(DependencyGraph graph) {
    for (Set<Kind> kinds : CYCLES) {
      List<Edge> cycle = graph.cycle(kinds).orElse(List.of());
      if (!cycle.isEmpty()) {
        findings.add(
            name(cycle),
            cycle.stream().map(Edge::reason).collect(Collectors.joining(";\n", "", ". Where")),
            cycle.stream().map(edge -> all.get(edge.from())).toArray(Transaction[]::new));
        return;
      }
    }
  }

  private static Anomaly.Kind name(List<Edge> cycle) {
    List<Kind> kinds = cycle.stream().map(Edge::kind).toList();
    long antiDependencies = kinds.stream().filter(kind -> kind == Kind.READ_WRITE).count();
    if (kinds.contains(Kind.REAL_TIME)) {
      return Anomaly.Kind.REAL_TIME;
    }
    if (antiDependencies == 0) {
      return kinds.contains(Kind.WRITE_READ)
          ? Anomaly.Kind.CIRCULAR_INFORMATION_FLOW
          : Anomaly.Kind.DIRTY_WRITE;
    }
    boolean oneKey = new HashSet<>(cycle.stream().map(Edge::key).toList()).size() == 1;
    if (cycle.size() == 2 && oneKey && !kinds.contains(Kind.WRITE_READ)) {
      return Anomaly.Kind.LOST_UPDATE;
    }
    if (antiDependencies == 1) {
      return Anomaly.Kind.READ_SKEW;
    }
    return haveNeighbours(kinds) ? Anomaly.Kind.WRITE_SKEW : Anomaly.Kind.LONG_FORK;
  }

  // Whether two anti-dependencies follow each other, which no snapshot prevents.
  private static boolean haveNeighbours(List<Kind> kinds) {
    for (int i = 0; i < kinds.size(); i++) {
      if (kinds.get(i) == Kind.READ_WRITE && kinds.get((i + 1) % kinds.size()) == Kind.READ_WRITE) {
        return true;
      }
    }
    return false;
  }
}
