package dev.milonga.tests.history;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A transaction in a history: an operation whose argument is the list of its {@link Action}s, in
 * their order.
 *
 * @param number its place in the history, by beginning
 */
record Transaction(int number, Operation operation, List<Action> actions) {

  static List<Transaction> of(List<Operation> history) {
    List<Transaction> transactions = new ArrayList<>();
    for (Operation operation : history) {
      List<Action> actions =
          ((List<?>) operation.argument()).stream().map(Action.class::cast).toList();
      transactions.add(new Transaction(transactions.size(), operation, actions));
    }
    return transactions;
  }

  boolean hasCommitted() {
    return operation.outcome() instanceof Operation.Ok;
  }

  boolean hasFailed() {
    return operation.outcome() instanceof Operation.Failed;
  }

  long invoked() {
    return operation.invoked();
  }

  /** When it was over; never, if its outcome is unknown. */
  long completed() {
    return operation.ok().map(Operation.Ok::completed).orElse(Long.MAX_VALUE);
  }

  /** Those compared are of one history. */
  @Override
  public boolean equals(Object other) {
    return other instanceof Transaction that && number == that.number;
  }

  @Override
  public int hashCode() {
    return number;
  }

  @Override
  public String toString() {
    return "T" + number;
  }

  /** Number, process, and what it did. */
  String described() {
    return this
        + " of process "
        + operation.process()
        + ": "
        + actions.stream().map(Action::toString).collect(Collectors.joining(", "))
        + (hasFailed() ? " (failed)" : hasCommitted() ? "" : " (unknown)");
  }
}
