package dev.milonga.tests.history;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Who has written each element or value, whether or not it took effect. */
final class Writers {

  private final Map<List<Object>, Transaction> writers = new HashMap<>(); // by key and element

  Writers(List<Transaction> transactions) {
    for (Transaction transaction : transactions) {
      for (Action action : transaction.actions()) {
        if (action instanceof Action.Append append) {
          add(append.key(), append.element(), transaction);
        } else if (action instanceof Action.Write write) {
          add(write.key(), write.value(), transaction);
        }
      }
    }
  }

  private void add(String key, Object written, Transaction by) {
    Transaction other = writers.put(List.of(key, written), by);
    if (other != null) {
      throw new IllegalArgumentException(
          written + " was written to " + key + " twice, by " + other + " and " + by);
    }
  }

  Optional<Transaction> of(String key, Object written) {
    return Optional.ofNullable(writers.get(List.of(key, written)));
  }

  /** Checks that what was read was written, by one that has not failed. */
  void check(Transaction reader, String key, Object read, Findings findings) {
    Optional<Transaction> writer = of(key, read);
    if (writer.isEmpty()) {
      findings.add(
          Anomaly.Kind.UNWRITTEN_READ, "nobody wrote what it read of " + key + ": " + read, reader);
    } else if (writer.get().hasFailed()) {
      findings.add(
          Anomaly.Kind.ABORTED_READ,
          "the one read " + read + " of " + key + ", which the other had written when it failed",
          reader,
          writer.get());
    } else if (writer.get().equals(reader)) {
      findings.add(
          Anomaly.Kind.INTERNAL, "it read " + read + " of " + key + " before it wrote it", reader);
    }
  }
}
