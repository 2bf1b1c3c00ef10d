package dev.milonga.tests.history;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** What is right passes, and every kind of wrong answer that a store could give is found. */
class LinearizabilityCheckerTest {

  private final List<Operation> history = new ArrayList<>();
  private int process;

  private void ok(String f, Object argument, Object result, long from, long to) {
    history.add(operation(process++, "x", f, argument, from, new Operation.Ok(result, to)));
  }

  private void unknown(String f, Object argument, long from) {
    history.add(operation(process++, "x", f, argument, from, new Operation.Unknown(from + 1)));
  }

  private void failed(String f, Object argument, long from) {
    history.add(operation(process++, "x", f, argument, from, new Operation.Failed(from + 1)));
  }

  private static Operation operation(
      int process, String key, String f, Object argument, long from, Operation.Outcome outcome) {
    return new Operation(process, f, key, argument, from, outcome);
  }

  private void isLinearizable(Specification specification) {
    assertThat(LinearizabilityChecker.of(specification).check(history))
        .isInstanceOf(Verdict.Linearizable.class);
  }

  private Verdict.Violation isViolated(Specification specification) {
    Verdict verdict = LinearizabilityChecker.of(specification).check(history);
    assertThat(verdict).isInstanceOf(Verdict.Violation.class);
    return (Verdict.Violation) verdict;
  }

  @Test
  void emptyHistory_isLinearizable() {
    isLinearizable(Specification.register());
  }

  @Test
  void readOverlappingAWrite_mayReturnOldOrNew() {
    ok("set", 1, null, 0, 10);
    ok("set", 2, null, 20, 50);
    ok("get", null, 1, 25, 30);
    ok("get", null, 2, 31, 40);

    isLinearizable(Specification.register());
  }

  @Test
  void staleRead_isFoundAndNamed() {
    ok("set", 1, null, 0, 10);
    ok("set", 2, null, 20, 30);
    ok("get", null, 1, 31, 40);

    assertThat(isViolated(Specification.register()).explanation())
        .contains("2 of 3 calls", "the state 2", "get(x) = 1");
  }

  @Test
  void readThatGoesBackWhileAWriteIsUnderWay_isFound() {
    ok("set", 1, null, 0, 10);
    ok("set", 2, null, 20, 90);
    ok("get", null, 2, 30, 40);
    ok("get", null, 1, 50, 60);

    isViolated(Specification.register());
  }

  @Test
  void readOfAValueNobodyWrote_isFound() {
    ok("set", 1, null, 0, 10);
    ok("get", null, 3, 20, 30);

    isViolated(Specification.register());
  }

  @Test
  void readFromTheFuture_isFound() {
    ok("get", null, 1, 0, 10);
    ok("set", 1, null, 20, 30);

    isViolated(Specification.register());
  }

  @Test
  void lostUpdate_isFound() {
    ok("addAndGet", 1L, 1L, 0, 10);
    ok("addAndGet", 1L, 2L, 20, 40);
    ok("addAndGet", 1L, 2L, 25, 45);

    isViolated(Specification.counter());
  }

  @Test
  void acknowledgedBlindAddThatIsMissing_isFound() {
    ok("add", 1L, null, 0, 10);
    ok("add", 1L, null, 5, 15);
    ok("get", null, 1L, 20, 30);

    isViolated(Specification.counter());
  }

  @Test
  void twoSuccessfulPutsIfAbsent_areFound() {
    ok("putIfAbsent", "a", null, 0, 20);
    ok("putIfAbsent", "b", null, 5, 15);

    isViolated(Specification.mapEntry());
  }

  @Test
  void twoTakersOfOneElement_areFound() {
    ok("offer", "a", true, 0, 10);
    ok("poll", null, "a", 20, 40);
    ok("poll", null, "a", 25, 45);

    isViolated(Specification.queue());
  }

  @Test
  void queueOutOfOrder_isFound() {
    ok("offer", "a", true, 0, 10);
    ok("offer", "b", true, 20, 30);
    ok("poll", null, "b", 40, 50);

    isViolated(Specification.queue());
  }

  @Test
  void unknownWrite_mayShowLateOrNever() {
    ok("set", 1, null, 0, 10);
    unknown("set", 2, 20);
    ok("get", null, 1, 30, 40);
    ok("get", null, 2, 50, 60);
    unknown("set", 3, 65);
    ok("get", null, 2, 70, 80);

    isLinearizable(Specification.register());
  }

  @Test
  void unknownWrite_takesEffectAtMostOnceAndNotBeforeItBegan() {
    ok("set", 1, null, 0, 10);
    unknown("set", 2, 20);
    ok("get", null, 2, 30, 40);
    ok("set", 3, null, 50, 60);
    ok("get", null, 2, 70, 80);

    isViolated(Specification.register());
  }

  @Test
  void unknownWriteSeenBeforeItBegan_isFound() {
    ok("get", null, 2, 0, 10);
    unknown("set", 2, 20);

    isViolated(Specification.register());
  }

  @Test
  void failedWriteThatIsSeen_isFound() {
    ok("set", 1, null, 0, 10);
    failed("set", 2, 20);
    ok("get", null, 2, 30, 40);

    isViolated(Specification.register());
  }

  @Test
  void violationOfOneKeyAmongMany_namesTheKey() {
    for (int i = 0; i < 100; i++) {
      String key = "key-" + i;
      history.add(operation(0, key, "put", 1, i * 10, new Operation.Ok(null, i * 10 + 1)));
      Object read = i == 77 ? null : 1;
      history.add(operation(1, key, "get", null, i * 10 + 2, new Operation.Ok(read, i * 10 + 3)));
    }

    assertThat(isViolated(Specification.mapEntry()).key()).isEqualTo("key-77");
  }

  @Test
  void searchThatTakesTooLong_isUndecidedAndNeverCalledRight() {
    for (int i = 0; i < 30; i++) {
      ok("set", i, null, 0, 1000);
    }
    ok("get", null, 30, 2000, 2001);

    assertThat(new LinearizabilityChecker(Specification.register(), 1_000).check(history))
        .isEqualTo(new Verdict.Undecided("x", 1_000));
  }

  @Property(tries = 300)
  void historiesOfALinearizableRegister_pass(@ForAll long seed) {
    List<Operation> operations = simulated(seed, 200);

    Verdict verdict = LinearizabilityChecker.of(Specification.register()).check(operations);

    assertThat(verdict).isInstanceOf(Verdict.Linearizable.class);
  }

  /** The verdict must be that of trying every order, whatever was done to the results. */
  @Property(tries = 2_000)
  void verdictOnSmallHistories_isThatOfBruteForce(
      @ForAll long seed, @ForAll @IntRange(max = 3) int alterations) {
    List<Operation> operations = new ArrayList<>(simulated(seed, 7));
    Random random = new Random(seed);
    for (int i = 0; i < alterations; i++) {
      alter(operations, random);
    }

    Verdict verdict = LinearizabilityChecker.of(Specification.register()).check(operations);

    assertThat(verdict instanceof Verdict.Linearizable)
        .as("%s", operations)
        .isEqualTo(isExplained(operations, new boolean[operations.size()], null));
  }

  private static void alter(List<Operation> operations, Random random) {
    int index = random.nextInt(operations.size());
    Operation operation = operations.get(index);
    long noticed = operation.invoked() + 1;
    Operation.Outcome outcome =
        switch (random.nextInt(4)) {
          case 0 -> new Operation.Unknown(noticed);
          case 1 -> new Operation.Failed(noticed);
          default ->
              operation.f().equals("get")
                  ? new Operation.Ok(random.nextInt(3), operation.invoked() + 3)
                  : operation.outcome();
        };
    operations.set(
        index,
        new Operation(
            operation.process(),
            operation.f(),
            "x",
            operation.argument(),
            operation.invoked(),
            outcome));
  }

  /** Calls that overlap at random, each taking effect at one moment between its ends. */
  private static List<Operation> simulated(long seed, int calls) {
    Random random = new Random(seed);
    Specification register = Specification.register();
    int clients = 4;
    long[] free = new long[clients];
    record Planned(int process, String f, Object argument, long from, long at, long to) {}
    List<Planned> planned = new ArrayList<>();
    for (int i = 0; i < calls; i++) {
      int client = random.nextInt(clients);
      long from = free[client] + random.nextInt(20);
      long at = from + random.nextInt(20);
      long to = at + random.nextInt(20);
      free[client] = to + 1;
      Object argument = random.nextInt(3);
      String f = Arrays.asList("get", "set", "getAndSet", "compareAndSet").get(random.nextInt(4));
      Object passed =
          switch (f) {
            case "get" -> null;
            case "compareAndSet" -> List.of(argument, random.nextInt(3));
            default -> argument;
          };
      planned.add(new Planned(client, f, passed, from, at, to));
    }
    planned.sort((a, b) -> Long.compare(a.at, b.at));
    List<Operation> operations = new ArrayList<>();
    Object state = null;
    for (Planned call : planned) {
      Specification.Step step = register.apply(state, call.f, call.argument);
      state = step.state();
      operations.add(
          operation(
              call.process,
              "x",
              call.f,
              call.argument,
              call.from,
              new Operation.Ok(step.result(), call.to)));
    }
    return operations;
  }

  private static boolean isExplained(List<Operation> operations, boolean[] taken, Object state) {
    boolean allKnownTaken = true;
    long firstEnd = Long.MAX_VALUE;
    for (int i = 0; i < taken.length; i++) {
      if (!taken[i] && operations.get(i).outcome() instanceof Operation.Ok ok) {
        allKnownTaken = false;
        firstEnd = Math.min(firstEnd, ok.completed());
      }
    }
    if (allKnownTaken) {
      return true;
    }
    for (int i = 0; i < taken.length; i++) {
      Operation operation = operations.get(i);
      boolean candidate =
          !taken[i]
              && !(operation.outcome() instanceof Operation.Failed)
              && operation.invoked() <= firstEnd;
      if (candidate) {
        Specification.Step step =
            Specification.register().apply(state, operation.f(), operation.argument());
        boolean explained =
            !(operation.outcome() instanceof Operation.Ok ok)
                || Objects.equals(ok.result(), step.result());
        taken[i] = true;
        boolean found = explained && isExplained(operations, taken, step.state());
        taken[i] = false;
        if (found) {
          return true;
        }
      }
    }
    return false;
  }
}
