package dev.milonga.tests.history;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

/** The anomalies found so far. */
final class Findings {

  private static final int MAX = 20; // more of them would explain no more

  private final List<Anomaly> anomalies = new ArrayList<>();

  void add(Anomaly.Kind kind, String explanation, Transaction... transactions) {
    if (anomalies.size() < MAX) {
      anomalies.add(
          new Anomaly(
              kind,
              Arrays.stream(transactions)
                  .filter(Objects::nonNull)
                  .map(Transaction::described)
                  .collect(Collectors.joining("\n  ", explanation + "\n  ", ""))));
    }
  }

  boolean isEmpty() {
    return anomalies.isEmpty();
  }

  List<Anomaly> all() {
    return List.copyOf(anomalies);
  }
}
