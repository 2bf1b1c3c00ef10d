package dev.milonga.tests.history;

import dev.milonga.tests.history.DependencyGraph.Kind;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * One register, as the transactions that have taken effect saw and changed it. What came before
 * what is told by who has read one value and written another, and by real time: what was there when
 * one transaction was over came no later than what another found that began after it.
 */
final class RegisterKey {

  private final String key;
  private final Findings findings;
  private final Map<Transaction, Access> accesses = new LinkedHashMap<>();

  RegisterKey(String key, Findings findings) {
    this.key = key;
    this.findings = findings;
  }

  /** What one transaction did: the value it found, and the last one it wrote. */
  private static final class Access {
    boolean reads;
    Object read; // null is the empty register
    Object written; // null if it has not written

    Object first() {
      return reads ? read : written;
    }

    Object last() {
      return written != null ? written : read;
    }
  }

  void write(Transaction by, Object value) {
    Access access = access(by);
    access.written = value;
  }

  void read(Transaction by, Object value) {
    Access access = access(by);
    if (access.written != null || access.reads) {
      if (!Objects.equals(access.last(), value)) {
        findings.add(
            Anomaly.Kind.INTERNAL,
            "of " + key + " it has seen " + value + " where it should be " + access.last(),
            by);
      }
      return;
    }
    access.reads = true;
    access.read = value;
  }

  private Access access(Transaction by) {
    return accesses.computeIfAbsent(by, any -> new Access());
  }

  /** Checks what was read, and adds what it says about the order of transactions. */
  void check(Writers writers, DependencyGraph graph) {
    accesses.forEach((reader, access) -> checkRead(reader, access, writers));
    if (!findings.isEmpty()) {
      return; // who wrote what cannot be told
    }
    Order order = order();
    order.successors.forEach(
        (value, later) ->
            later.forEach(
                (next, kind) -> {
                  if (value != null) {
                    Transaction writer = writers.of(key, value).orElseThrow();
                    Transaction after = writers.of(key, next).orElseThrow();
                    String reason = after + " wrote " + key + " = " + next + " after " + value;
                    graph.add(writer, after, kind.of(Kind.WRITE_WRITE), key, reason);
                  }
                }));
    accesses.forEach(
        (reader, access) -> {
          if (access.reads) {
            addRead(reader, access.read, order, writers, graph);
          }
        });
  }

  private void addRead(
      Transaction reader, Object value, Order order, Writers writers, DependencyGraph graph) {
    if (value != null) {
      Transaction writer = writers.of(key, value).orElseThrow();
      graph.add(writer, reader, Kind.WRITE_READ, key, reader + " read " + key + " = " + value);
    }
    order
        .successors
        .getOrDefault(value, Map.of())
        .forEach(
            (next, kind) -> {
              Transaction writer = writers.of(key, next).orElseThrow();
              String reason = reader + " read " + key + " before it was " + next;
              graph.add(reader, writer, kind.of(Kind.READ_WRITE), key, reason);
            });
  }

  private void checkRead(Transaction reader, Access access, Writers writers) {
    if (!access.reads || access.read == null) {
      return;
    }
    writers.check(reader, key, access.read, findings);
    Access written = writers.of(key, access.read).map(accesses::get).orElse(null);
    if (written != null && !access.read.equals(written.written)) {
      findings.add(
          Anomaly.Kind.INTERMEDIATE_READ,
          "the one has seen " + key + " = " + access.read + ", which the other wrote over itself",
          reader,
          writers.of(key, access.read).orElseThrow());
    }
  }

  private Order order() {
    Order order = new Order();
    Set<Object> first = new LinkedHashSet<>();
    for (Access access : accesses.values()) {
      if (access.written != null && access.reads) {
        order.add(access.read, access.written, Known.BY_DATA);
      } else if (access.written != null) {
        first.add(access.written);
      }
    }
    first.forEach(value -> order.add(null, value, Known.BY_DATA)); // the register began empty
    RealTime.pairs(
        accesses.keySet(),
        (earlier, later) ->
            order.add(accesses.get(earlier).last(), accesses.get(later).first(), Known.BY_TIME));
    return order;
  }

  /** How it is known that one value came before another. */
  private enum Known {
    BY_DATA,
    BY_TIME;

    Kind of(Kind dependency) {
      return this == BY_DATA ? dependency : Kind.REAL_TIME;
    }
  }

  /** For each value, null being the empty register, those that are known to have come later. */
  private static final class Order {

    private final Map<Object, Map<Object, Known>> successors = new HashMap<>();

    void add(Object before, Object after, Known how) {
      // That it was found empty later than it was written shows in the transactions themselves.
      if (after != null && !after.equals(before)) {
        successors.computeIfAbsent(before, any -> new LinkedHashMap<>()).putIfAbsent(after, how);
      }
    }
  }
}
