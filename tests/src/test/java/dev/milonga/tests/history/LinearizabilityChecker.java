package dev.milonga.tests.history;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Decides whether a history is linearizable (Wing and Gong 1993, with Lowe's memory of
 * configurations, 2017).
 *
 * <p>Beginnings and ends of calls stand in a list in the order of time. The search takes the first
 * call whose beginning comes before every end in the list and whose result the specification would
 * give in the present state; takes it out of the list, with its end; and goes on from the start.
 * Where it meets an end, that call should have come earlier: it takes back the latest decision and
 * tries the next call in its place. A configuration (which calls were taken, which state) that was
 * left once without success is never entered again.
 *
 * <p>A call of unknown outcome has no end: it can be taken at any time after its beginning, with
 * whatever result, or never. One that failed is not in the list.
 */
public final class LinearizabilityChecker {

  private final Specification specification;
  private final long stepsMax; // per key

  public LinearizabilityChecker(Specification specification, long stepsMax) {
    this.specification = specification;
    this.stepsMax = stepsMax;
  }

  /** A checker that gives up on a key after 50,000,000 steps. */
  public static LinearizabilityChecker of(Specification specification) {
    return new LinearizabilityChecker(specification, 50_000_000);
  }

  /** The worst verdict over all keys: a violation, else undecided, else linearizable. */
  public Verdict check(List<Operation> history) {
    Map<String, List<Operation>> byKey =
        history.stream()
            .filter(operation -> !(operation.outcome() instanceof Operation.Failed))
            .collect(Collectors.groupingBy(Operation::key, TreeMap::new, Collectors.toList()));
    Verdict worst = new Verdict.Linearizable();
    for (Map.Entry<String, List<Operation>> each : byKey.entrySet()) {
      Verdict verdict = new Search(each.getKey(), each.getValue()).run();
      if (verdict instanceof Verdict.Violation) {
        return verdict;
      }
      if (verdict instanceof Verdict.Undecided) {
        worst = verdict;
      }
    }
    return worst;
  }

  /** The beginning or the end of a call, in a doubly linked list. */
  private static final class Event {
    final Call call; // null for the head of the list
    final boolean begins;
    Event before;
    Event after;

    Event(Call call, boolean begins) {
      this.call = call;
      this.begins = begins;
    }

    void takeOut() {
      before.after = after;
      if (after != null) {
        after.before = before;
      }
    }

    void putBack() {
      before.after = this;
      if (after != null) {
        after.before = this;
      }
    }
  }

  private static final class Call {
    final Operation operation;
    final Optional<Operation.Ok> ok;
    final int number; // among those of known outcome, or among those of unknown, by beginning
    final Event begin = new Event(this, true);
    final Event end = new Event(this, false); // in the list iff the outcome is known

    Call(Operation operation, int number) {
      this.operation = operation;
      this.ok = operation.ok();
      this.number = number;
    }

    boolean explains(Object result) {
      return ok.isEmpty() || Objects.equals(ok.get().result(), result);
    }
  }

  /** A call that was taken, and the state before it. */
  private record Decision(Call call, Object stateBefore) {}

  /**
   * Which calls were taken, and the state that led to. Known calls are taken nearly in order, so
   * that the first that was not, and which of those after it were, are short to say.
   */
  private record Configuration(int allBelow, BitSet above, BitSet unknown, Object state) {}

  private final class Search {

    private final String key;
    private final Event head = new Event(null, false);
    private final Deque<Decision> decisions = new ArrayDeque<>();
    private final Set<Configuration> seen = new HashSet<>();
    private final BitSet taken = new BitSet(); // known calls
    private final BitSet unknownTaken = new BitSet();
    private final int known;
    private int takenCount; // of known calls
    private int allBelow; // every known call with a smaller number is taken
    private Object state;
    private int furthest = -1;
    private String explanation = "";

    Search(String key, List<Operation> operations) {
      this.key = key;
      List<Operation> byBeginning = new ArrayList<>(operations);
      byBeginning.sort(Comparator.comparingLong(Operation::invoked));
      List<Event> events = new ArrayList<>();
      int knownCalls = 0;
      int unknownCalls = 0;
      for (Operation operation : byBeginning) {
        boolean ok = operation.ok().isPresent();
        Call call = new Call(operation, ok ? knownCalls++ : unknownCalls++);
        events.add(call.begin);
        if (ok) {
          events.add(call.end);
        }
      }
      // What begins and ends at the same instant overlaps.
      events.sort(
          Comparator.<Event>comparingLong(
                  event ->
                      event.begins
                          ? event.call.operation.invoked()
                          : event.call.ok.orElseThrow().completed())
              .thenComparing(event -> !event.begins));
      this.known = knownCalls;
      Event last = head;
      for (Event event : events) {
        last.after = event;
        event.before = last;
        last = event;
      }
    }

    Verdict run() {
      Event at = head.after;
      for (long steps = 0; takenCount < known; steps++) {
        if (steps == stepsMax) {
          return new Verdict.Undecided(key, steps);
        }
        if (at.begins) {
          at = take(at.call) ? head.after : at.after;
        } else {
          noteFurthest(at.call);
          if (decisions.isEmpty()) {
            return new Verdict.Violation(key, explanation);
          }
          at = takeBack().begin.after;
        }
      }
      return new Verdict.Linearizable();
    }

    private boolean take(Call call) {
      Operation operation = call.operation;
      Specification.Step step = specification.apply(state, operation.f(), operation.argument());
      if (!call.explains(step.result())) {
        return false;
      }
      mark(call, true);
      if (!seen.add(configuration(step.state()))) {
        mark(call, false);
        return false;
      }
      decisions.push(new Decision(call, state));
      state = step.state();
      call.begin.takeOut();
      if (call.ok.isPresent()) {
        call.end.takeOut();
      }
      return true;
    }

    private Call takeBack() {
      Decision latest = decisions.pop();
      Call call = latest.call;
      state = latest.stateBefore;
      mark(call, false);
      if (call.ok.isPresent()) {
        call.end.putBack();
      }
      call.begin.putBack();
      return call;
    }

    private void mark(Call call, boolean take) {
      if (call.ok.isEmpty()) {
        unknownTaken.set(call.number, take);
        return;
      }
      taken.set(call.number, take);
      takenCount += take ? 1 : -1;
      allBelow = take ? taken.nextClearBit(allBelow) : Math.min(allBelow, call.number);
    }

    private Configuration configuration(Object next) {
      BitSet above = taken.get(allBelow, Math.max(allBelow, taken.length()));
      return new Configuration(allBelow, above, (BitSet) unknownTaken.clone(), next);
    }

    private void noteFurthest(Call missing) {
      if (takenCount > furthest) {
        furthest = takenCount;
        explanation =
            takenCount
                + " of "
                + known
                + " calls can be ordered, up to the state "
                + state
                + "; then nothing explains "
                + missing.operation;
      }
    }
  }
}
