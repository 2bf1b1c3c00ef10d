package dev.milonga.tests.history;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.milonga.tests.history.Action.Append;
import dev.milonga.tests.history.Action.ListRead;
import dev.milonga.tests.history.Action.Read;
import dev.milonga.tests.history.Action.SizeRead;
import dev.milonga.tests.history.Action.Write;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

class SerializabilityCheckerTest {

  private final List<Operation> history = new ArrayList<>();

  @Test
  void oneAfterTheOther_isSerializable() {
    during(1, 2, new Append("l", 1), new Write("x", 1));
    during(3, 4, new ListRead("l", List.of(1)), new Append("l", 2), new Read("x", 1));
    during(5, 6, new Read("x", 1), new Write("x", 2), new Read("x", 2), new SizeRead("l", 2));
    during(7, 8, new ListRead("l", List.of(1, 2)), new Read("x", 2), new Read("y", null));

    assertSerializable();
  }

  @Test
  void concurrentOnes_takeEffectInAnyOrder() {
    during(1, 9, new Append("l", 1), new Read("x", 2));
    during(2, 8, new Append("l", 2), new Write("x", 2), new ListRead("l", List.of(2)));
    during(3, 7, new ListRead("l", List.of(2, 1)), new Read("x", 2));
    during(4, 6, new ListRead("l", List.of()), new Read("x", null));

    assertSerializable();
  }

  @Test
  void blindWritesInAnyOrder_areSerializable() {
    during(1, 9, new Write("x", 1));
    during(2, 8, new Write("x", 2));
    during(3, 7, new Write("x", 3));
    during(10, 11, new Read("x", 2));

    assertSerializable();
  }

  @Test
  void unknownOutcome_mayTakeEffectLateOrNever() {
    unknown(1, new Append("l", 1), new Write("x", 1));
    unknown(1, new Append("l", 2));
    during(3, 4, new ListRead("l", List.of()), new Read("x", null));
    during(5, 6, new ListRead("l", List.of(1)), new Read("x", 1));

    assertSerializable();
  }

  @Test
  void unknownOutcomeThatWasSeenInPart_isReadSkew() {
    unknown(1, new Append("l", 1), new Append("m", 1));
    during(3, 4, new ListRead("l", List.of(1)), new ListRead("m", List.of()));
    during(5, 6, new ListRead("m", List.of(1)));

    assertAnomaly(Anomaly.Kind.READ_SKEW);
  }

  @Test
  void failedOne_hasNoEffect() {
    failed(1, 2, new Append("l", 1), new Write("x", 1));
    during(3, 4, new ListRead("l", List.of()), new Read("x", null));

    assertSerializable();
  }

  @Test
  void lostUpdateOfAList_isFound() {
    during(1, 5, new ListRead("l", List.of()), new Append("l", 1));
    during(2, 6, new ListRead("l", List.of()), new Append("l", 2));
    during(7, 8, new ListRead("l", List.of(1, 2)));

    assertAnomaly(
        Anomaly.Kind.LOST_UPDATE,
        "T1 read l without 1",
        "T0 appended 1 to l, and then came 2",
        "T0 of process 0: read l = [], append 1 to l");
  }

  @Test
  void lostUpdateOfARegister_isFound() {
    during(1, 2, new Write("x", 1));
    during(3, 6, new Read("x", 1), new Write("x", 2));
    during(4, 5, new Read("x", 1), new Write("x", 3));

    assertAnomaly(Anomaly.Kind.LOST_UPDATE, "read x before it was");
  }

  @Test
  void writeSkew_isFound() {
    during(1, 5, new Read("x", null), new Read("y", null), new Write("x", 1));
    during(2, 6, new Read("x", null), new Read("y", null), new Write("y", 2));

    assertAnomaly(
        Anomaly.Kind.WRITE_SKEW, "T0 read y before it was 2", "T1 read x before it was 1");
  }

  @Test
  void phantomOfAPredicate_isFound() {
    during(1, 5, new SizeRead("keys", 0), new Write("x", 1));
    during(2, 6, new Read("x", null), new Append("keys", "k"));
    during(7, 8, new ListRead("keys", List.of("k")));

    assertAnomaly(Anomaly.Kind.WRITE_SKEW, "T0 read keys without k");
  }

  @Test
  void phantomOfAWholeRead_isFound() {
    during(1, 2, new Append("keys", "a"));
    during(3, 7, new ListRead("keys", List.of("a")), new Append("log", 1));
    during(4, 8, new Append("keys", "b"), new ListRead("log", List.of()));
    during(9, 10, new ListRead("keys", List.of("a", "b")), new ListRead("log", List.of(1)));

    assertAnomaly(Anomaly.Kind.WRITE_SKEW, "read keys without b", "read log without 1");
  }

  @Test
  void longFork_isFound() {
    during(1, 9, new Write("x", 1));
    during(1, 9, new Write("y", 1));
    during(2, 8, new Read("x", 1), new Read("y", null));
    during(3, 7, new Read("x", null), new Read("y", 1));

    assertAnomaly(Anomaly.Kind.LONG_FORK);
  }

  @Test
  void longForkOfLists_isFound() {
    during(1, 9, new Append("x", 1));
    during(1, 9, new Append("y", 1));
    during(2, 8, new ListRead("x", List.of(1)), new ListRead("y", List.of()));
    during(3, 7, new ListRead("x", List.of()), new ListRead("y", List.of(1)));

    assertAnomaly(Anomaly.Kind.LONG_FORK);
  }

  @Test
  void readSkew_isFound() {
    during(1, 9, new Append("l", 1), new Write("x", 1));
    during(2, 8, new ListRead("l", List.of(1)), new Read("x", null));

    assertAnomaly(Anomaly.Kind.READ_SKEW);
  }

  @Test
  void staleReadOfAList_isFound() {
    during(1, 2, new Append("l", 1));
    during(3, 4, new ListRead("l", List.of()));
    during(5, 6, new ListRead("l", List.of(1)));

    assertAnomaly(Anomaly.Kind.REAL_TIME, "T0 was over before T1");
  }

  @Test
  void staleReadOfARegister_isFound() {
    during(1, 2, new Write("x", 1));
    during(3, 4, new Write("x", 2));
    during(5, 6, new Read("x", 1));

    assertAnomaly(Anomaly.Kind.REAL_TIME);
  }

  @Test
  void registerThatIsEmptyAgain_isFound() {
    during(1, 2, new Write("x", 1));
    during(3, 4, new Read("x", null));

    assertAnomaly(Anomaly.Kind.REAL_TIME);
  }

  @Test
  void staleReadThroughAThirdTransaction_isFound() {
    during(1, 2, new Append("l", 1));
    during(3, 4, new Append("m", 1));
    during(2, 9, new ListRead("m", List.of(1)), new ListRead("l", List.of()));
    during(10, 11, new ListRead("l", List.of(1)));

    assertAnomaly(Anomaly.Kind.REAL_TIME);
  }

  @Test
  void abortedRead_isFound() {
    failed(1, 2, new Append("l", 1));
    during(3, 4, new ListRead("l", List.of(1)));

    assertAnomaly(Anomaly.Kind.ABORTED_READ, "T0 of process 0: append 1 to l (failed)");
  }

  @Test
  void abortedReadOfARegister_isFound() {
    failed(1, 2, new Write("x", 1));
    during(1, 4, new Read("x", 1));

    assertAnomaly(Anomaly.Kind.ABORTED_READ);
  }

  @Test
  void unwrittenRead_isFound() {
    during(3, 4, new Read("x", 1));

    assertAnomaly(Anomaly.Kind.UNWRITTEN_READ);
  }

  @Test
  void intermediateRead_isFound() {
    during(1, 5, new Append("l", 1), new Append("l", 2));
    during(2, 6, new ListRead("l", List.of(1)));

    assertAnomaly(Anomaly.Kind.INTERMEDIATE_READ);
  }

  @Test
  void intermediateReadOfARegister_isFound() {
    during(1, 5, new Write("x", 1), new Write("x", 2));
    during(2, 6, new Read("x", 1));

    assertAnomaly(Anomaly.Kind.INTERMEDIATE_READ);
  }

  @Test
  void transactionThatMissesItsOwnWrite_isFound() {
    during(1, 2, new Append("l", 1), new ListRead("l", List.of()));

    assertAnomaly(Anomaly.Kind.INTERNAL);
  }

  @Test
  void transactionThatSeesTwoStates_isFound() {
    during(1, 2, new Read("x", null), new Read("x", 1));
    during(1, 2, new Write("x", 1));

    assertAnomaly(Anomaly.Kind.INTERNAL);
  }

  @Test
  void transactionThatSeesTwoSizes_isFound() {
    during(1, 3, new SizeRead("l", 0), new Append("m", 1), new SizeRead("l", 1));
    during(1, 3, new Append("l", 1));

    assertAnomaly(Anomaly.Kind.INTERNAL);
  }

  @Test
  void duplicateAppend_isFound() {
    during(1, 2, new Append("l", 1));
    during(3, 4, new ListRead("l", List.of(1, 1)));

    assertAnomaly(Anomaly.Kind.DUPLICATE_APPEND);
  }

  @Test
  void lostAppend_isFound() {
    during(1, 2, new Append("l", 1));
    during(1, 2, new Append("l", 2));
    during(3, 4, new ListRead("l", List.of(2)));

    assertAnomaly(Anomaly.Kind.LOST_APPEND, "appended 1 to l before the second began");
  }

  @Test
  void incompatibleOrders_areFound() {
    during(1, 9, new Append("l", 1));
    during(1, 9, new Append("l", 2));
    during(2, 8, new ListRead("l", List.of(1, 2)));
    during(3, 7, new ListRead("l", List.of(2, 1)));

    assertAnomaly(Anomaly.Kind.INCOMPATIBLE_ORDER);
  }

  @Test
  void dirtyWrite_isFound() {
    during(1, 9, new Append("l", 1), new Append("m", 1));
    during(1, 9, new Append("l", 2), new Append("m", 2));
    during(10, 11, new ListRead("l", List.of(1, 2)), new ListRead("m", List.of(2, 1)));

    assertAnomaly(Anomaly.Kind.DIRTY_WRITE);
  }

  @Test
  void circularInformationFlow_isFound() {
    during(1, 9, new Append("l", 1), new ListRead("m", List.of(2)));
    during(1, 9, new Append("m", 2), new ListRead("l", List.of(1)));

    assertAnomaly(Anomaly.Kind.CIRCULAR_INFORMATION_FLOW);
  }

  @Test
  void valueWrittenTwice_isRefused() {
    during(1, 2, new Write("x", 1));
    during(3, 4, new Write("x", 1));

    assertThatThrownBy(() -> SerializabilityChecker.check(history))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("1 was written to x twice, by T0 and T1");
  }

  /** Whatever is done one at a time is valid; and is no more, once a read is made an older one. */
  @RepeatedTest(50)
  void longHistory_isValidUntilOneReadIsMadeStale(RepetitionInfo repetition) {
    Random random = new Random(repetition.getCurrentRepetition());
    List<Object> list = new ArrayList<>();
    Object register = null;
    int staleAt = -1;
    for (int i = 0; i < 500; i++) {
      List<Action> actions = new ArrayList<>();
      if (random.nextBoolean()) {
        actions.add(new ListRead("l", list));
        staleAt = list.isEmpty() ? staleAt : i;
      }
      if (random.nextBoolean()) {
        list.add(i);
        actions.add(new Append("l", i));
      }
      if (random.nextBoolean()) {
        actions.add(new Read("x", register));
      }
      if (random.nextBoolean()) {
        register = i;
        actions.add(new Write("x", i));
      }
      during(10 * i, 10 * i + 1 + random.nextInt(9), actions.toArray(Action[]::new));
    }
    assertSerializable();

    Operation honest = history.get(staleAt);
    List<Action> changed = new ArrayList<>();
    for (Object action : (List<?>) honest.argument()) {
      changed.add(
          action instanceof ListRead read
              ? new ListRead("l", read.elements().subList(0, read.elements().size() - 1))
              : (Action) action);
    }
    history.set(
        staleAt,
        new Operation(
            honest.process(), "transact", "", changed, honest.invoked(), honest.outcome()));
    assertThat(SerializabilityChecker.check(history)).isNotEmpty();
  }

  private void during(long from, long to, Action... actions) {
    add(from, new Operation.Ok(null, to), actions);
  }

  private void failed(long from, long to, Action... actions) {
    add(from, new Operation.Failed(to), actions);
  }

  private void unknown(long from, Action... actions) {
    add(from, new Operation.Unknown(from + 1), actions);
  }

  private void add(long from, Operation.Outcome outcome, Action... actions) {
    history.add(new Operation(history.size(), "transact", "", List.of(actions), from, outcome));
  }

  private void assertSerializable() {
    assertThat(SerializabilityChecker.check(history)).isEmpty();
  }

  private void assertAnomaly(Anomaly.Kind kind, String... explanation) {
    List<Anomaly> anomalies = SerializabilityChecker.check(history);
    assertThat(anomalies).extracting(Anomaly::kind).containsOnly(kind);
    for (String each : explanation) {
      assertThat(anomalies.get(0).explanation()).contains(each);
    }
  }
}
