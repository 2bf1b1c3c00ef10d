package dev.milonga.tests.history;

import dev.milonga.tests.history.DependencyGraph.Kind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One list, as the transactions that have taken effect saw and changed it. The longest read tells
 * the order of all appends that it shows; those that nobody has read came later, in an order that
 * nobody knows.
 */
final class ListKey {

  private final String key;
  private final Findings findings;
  private final Map<Transaction, Access> accesses = new LinkedHashMap<>();

  ListKey(String key, Findings findings) {
    this.key = key;
    this.findings = findings;
  }

  /** What one transaction did, its own appends taken out of what it read. */
  private static final class Access {
    final List<Object> appended = new ArrayList<>();
    List<?> seen; // null if it has not read the list
    int sizeSeen = -1; // -1 if it has seen neither the list nor its size
  }

  void append(Transaction by, Object element) {
    access(by).appended.add(element);
  }

  void read(Transaction by, List<?> elements) {
    Access access = access(by);
    int outside = elements.size() - access.appended.size();
    if (outside < 0 || !elements.subList(outside, elements.size()).equals(access.appended)) {
      findings.add(
          Anomaly.Kind.INTERNAL,
          "of " + key + " its read does not end with its own appends " + access.appended,
          by);
      return;
    }
    List<?> seen = elements.subList(0, outside);
    if (access.seen != null && !access.seen.equals(seen)) {
      findings.add(Anomaly.Kind.INTERNAL, "it has seen two states of " + key, by);
    }
    sizeSeen(by, access, outside);
    access.seen = seen;
  }

  void readSize(Transaction by, int size) {
    Access access = access(by);
    sizeSeen(by, access, size - access.appended.size());
  }

  private void sizeSeen(Transaction by, Access access, int size) {
    if (size < 0 || access.sizeSeen >= 0 && access.sizeSeen != size) {
      findings.add(Anomaly.Kind.INTERNAL, "it has seen two sizes of " + key, by);
      return;
    }
    access.sizeSeen = size;
  }

  private Access access(Transaction by) {
    return accesses.computeIfAbsent(by, any -> new Access());
  }

  /** Checks what was read, and adds what it says about the order of transactions. */
  void check(Writers writers, DependencyGraph graph) {
    accesses.forEach((reader, access) -> checkRead(reader, access, writers));
    List<?> order = order();
    if (!findings.isEmpty()) {
      return; // there is no one order to go by
    }
    Set<Transaction> unread = unread(order);
    List<Transaction> writtenBy =
        order.stream().map(element -> writers.of(key, element).orElseThrow()).toList();
    for (int i = 0; i < order.size(); i++) {
      Transaction writer = writtenBy.get(i);
      String earlier = " appended " + order.get(i) + " to " + key;
      if (i + 1 < order.size()) {
        String reason = writer + earlier + ", and then came " + order.get(i + 1);
        graph.add(writer, writtenBy.get(i + 1), Kind.WRITE_WRITE, key, reason);
      } else {
        for (Transaction later : unread) {
          graph.add(
              writer,
              later,
              Kind.WRITE_WRITE,
              key,
              writer + earlier + " before anything that nobody has read");
        }
      }
    }
    accesses.forEach(
        (reader, access) -> addReads(reader, access.sizeSeen, order, writtenBy, unread, graph));
  }

  private void checkRead(Transaction reader, Access access, Writers writers) {
    if (access.seen == null) {
      return;
    }
    Set<Object> distinct = new HashSet<>();
    for (Object element : access.seen) {
      if (!distinct.add(element)) {
        findings.add(Anomaly.Kind.DUPLICATE_APPEND, element + " is in " + key + " twice", reader);
      }
      writers.check(reader, key, element, findings);
    }
    if (access.seen.isEmpty() || !findings.isEmpty()) {
      return;
    }
    Object last = access.seen.get(access.seen.size() - 1);
    Transaction writer = writers.of(key, last).orElseThrow();
    Access written = accesses.get(writer);
    if (written != null && !last.equals(written.appended.get(written.appended.size() - 1))) {
      findings.add(
          Anomaly.Kind.INTERMEDIATE_READ,
          "the one has seen " + key + " up to " + last + ", in the middle of the other",
          reader,
          writer);
    }
  }

  private List<?> order() {
    List<?> longest = List.of();
    Transaction longestBy = null;
    for (Map.Entry<Transaction, Access> each : accesses.entrySet()) {
      List<?> seen = each.getValue().seen;
      if (seen == null) {
        continue;
      }
      boolean longer = seen.size() > longest.size();
      List<?> prefix = longer ? longest : seen;
      List<?> whole = longer ? seen : longest;
      if (!whole.subList(0, prefix.size()).equals(prefix)) {
        findings.add(
            Anomaly.Kind.INCOMPATIBLE_ORDER,
            "neither read of " + key + " is a beginning of the other",
            each.getKey(),
            longestBy);
      }
      if (longer || longestBy == null) {
        longest = seen;
        longestBy = each.getKey();
      }
    }
    return longest;
  }

  private Set<Transaction> unread(List<?> order) {
    Set<Object> read = new HashSet<>(order);
    Map<Transaction, Object> unread = new HashMap<>();
    Transaction lastReader = null;
    for (Map.Entry<Transaction, Access> each : accesses.entrySet()) {
      for (Object element : each.getValue().appended) {
        if (!read.contains(element)) {
          unread.putIfAbsent(each.getKey(), element);
        }
      }
      boolean reads = each.getValue().seen != null;
      if (reads && (lastReader == null || each.getKey().invoked() > lastReader.invoked())) {
        lastReader = each.getKey();
      }
    }
    for (Map.Entry<Transaction, Object> each : unread.entrySet()) {
      if (lastReader != null && each.getKey().completed() < lastReader.invoked()) {
        findings.add(
            Anomaly.Kind.LOST_APPEND,
            "the first had appended " + each.getValue() + " to " + key + " before the second began",
            each.getKey(),
            lastReader);
      }
    }
    return new LinkedHashSet<>(unread.keySet());
  }

  private void addReads(
      Transaction reader,
      int size,
      List<?> order,
      List<Transaction> writtenBy,
      Set<Transaction> unread,
      DependencyGraph graph) {
    if (size < 0 || size > order.size()) {
      return; // not read, or by its size alone beyond what anybody has seen
    }
    if (size > 0) {
      String reason = reader + " read " + key + " with " + order.get(size - 1);
      graph.add(writtenBy.get(size - 1), reader, Kind.WRITE_READ, key, reason);
    }
    if (size < order.size()) {
      String reason = reader + " read " + key + " without " + order.get(size);
      graph.add(reader, writtenBy.get(size), Kind.READ_WRITE, key, reason);
    } else {
      for (Transaction later : unread) {
        String reason = reader + " read " + key + " without what " + later + " appended";
        graph.add(reader, later, Kind.READ_WRITE, key, reason);
      }
    }
  }
}
